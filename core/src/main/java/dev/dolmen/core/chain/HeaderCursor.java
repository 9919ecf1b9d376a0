package dev.dolmen.core.chain;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.ChainedHeader;
import java.util.Optional;

/**
 * A place on a branch of headers, with all that its child is judged by: so a branch of any length
 * can be checked in full while only its end is held, some 400 bytes, and before a single body is
 * asked for. It starts at a stored block ({@link Chain#cursorAt}); the headers it has passed need
 * not be stored. Immutable.
 *
 * <p>Rule: {@code docs/protocol.md#rules}
 */
public final class HeaderCursor {

  private final HeaderRules rules;
  private final ChainedHeader last;

  /** Newest first, as many as the median looks at or as there are. */
  private final long[] timestamps;

  HeaderCursor(HeaderRules rules, ChainedHeader last, long[] timestamps) {
    this.rules = rules;
    this.last = last;
    this.timestamps = timestamps;
  }

  /** A chain's beginning. */
  public static HeaderCursor atGenesis(NetworkParameters network) {
    HeaderRules rules = new HeaderRules(network);
    Block genesis = network.genesis();
    return new HeaderCursor(
        rules,
        new ChainedHeader(genesis.header(), genesis.seal(), rules.workOf(genesis.header())),
        new long[] {genesis.header().timestamp()});
  }

  /**
   * The first rule that a header breaks as the child of this place, the clock aside; see {@link
   * HeaderRules#check}.
   */
  public Optional<Violation> check(BlockHeader header, Seal seal) {
    return rules.check(header, seal, last.header(), HeaderRules.median(timestamps));
  }

  /**
   * The place one further.
   *
   * @param header one that {@link #check} has nothing against
   */
  public HeaderCursor next(BlockHeader header, Seal seal) {
    Work work = last.totalWork().plus(rules.workOf(header));
    return new HeaderCursor(
        rules, new ChainedHeader(header, seal, work), prepend(header.timestamp(), timestamps));
  }

  /** The timestamps of a child's branch, from its parent's. */
  static long[] prepend(long timestamp, long[] before) {
    long[] timestamps = new long[Math.min(before.length + 1, HeaderRules.MEDIAN_ANCESTORS)];
    timestamps[0] = timestamp;
    System.arraycopy(before, 0, timestamps, 1, timestamps.length - 1);
    return timestamps;
  }

  /** The header at this place, with the work of its branch. */
  public ChainedHeader last() {
    return last;
  }

  /** Hash of the header at this place. */
  public BlockHash hash() {
    return last.hash();
  }

  /** Height of the header at this place. */
  public long height() {
    return last.height();
  }

  /** Work of the branch up to this place. */
  public Work totalWork() {
    return last.totalWork();
  }
}
