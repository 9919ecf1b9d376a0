package dev.dolmen.node.api;

import com.google.common.collect.ImmutableList;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.EventFeed;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/**
 * The last {@value HttpLimits#MAX_REORGS} reorganisations since the API came up, so that they can
 * be looked at afterwards. Written by the node thread only; what it hands out is immutable.
 */
final class RecentReorgs implements NodeEvent.Reader, AutoCloseable {

  private final Clock clock;
  private final EventFeed.Subscription subscription;
  private volatile ImmutableList<Reorg> newestFirst = ImmutableList.of();

  /**
   * One reorganisation.
   *
   * @param seen when this node saw it
   * @param before the tip that was left
   * @param after the tip that replaced it
   * @param left how many blocks left the best chain
   * @param disconnected their hashes, newest first, {@value HttpLimits#MAX_FORK_BLOCKS} at most
   * @param came how many entered it
   * @param connected their hashes, oldest first, as many at most
   */
  record Reorg(
      Instant seen,
      ChainedHeader before,
      ChainedHeader after,
      int left,
      List<BlockHash> disconnected,
      int came,
      List<BlockHash> connected) {

    /** Height of the last block that both sides share. */
    long forkHeight() {
      return before.height() - left;
    }
  }

  RecentReorgs(EventFeed events, Clock clock) {
    this.clock = clock;
    this.subscription = events.subscribe(event -> event.deliverTo(this));
  }

  /** Newest first. */
  List<Reorg> newestFirst() {
    return newestFirst;
  }

  @Override
  public void tipMoved(ChainUpdate update, int transactions) {
    if (update.isReorganisation()) {
      Reorg reorg =
          new Reorg(
              clock.instant(),
              update.before(),
              update.after(),
              update.disconnected().size(),
              first(update.disconnected()),
              update.connected().size(),
              first(update.connected()));
      newestFirst =
          ImmutableList.<Reorg>builder()
              .add(reorg)
              .addAll(newestFirst.stream().limit(HttpLimits.MAX_REORGS - 1).iterator())
              .build();
    }
  }

  private static List<BlockHash> first(List<BlockHash> hashes) {
    return List.copyOf(hashes.subList(0, Math.min(hashes.size(), HttpLimits.MAX_FORK_BLOCKS)));
  }

  @Override
  public void transactionChanged(TransactionId id, TransactionState state) {
    // Moves no tip.
  }

  @Override
  public void peerChanged(PeerId id, String address, boolean connected) {
    // Moves no tip.
  }

  @Override
  public void warned(String sentence) {
    // Moves no tip.
  }

  @Override
  public void close() {
    subscription.close();
  }
}
