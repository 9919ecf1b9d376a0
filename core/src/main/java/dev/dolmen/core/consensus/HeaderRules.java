package dev.dolmen.core.consensus;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.encoding.Hash256;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * What makes a header acceptable, and which of two branches is better. Nothing else asks about
 * bits, nonce or work, so that a network which seals its blocks in another way differs here only.
 * May be used from any thread.
 *
 * <p>Rule: docs/protocol.md#rules
 */
public final class HeaderRules {
  /** The only header version there is yet. */
  public static final int VERSION = 1;

  /** The median is taken over up to so many ancestors, the parent included. */
  public static final int MEDIAN_ANCESTORS = 11;

  private final NetworkParameters network;

  /**
   * What the last bits asked about mean: neighbours nearly always have the same. Threads may race
   * to replace it, which costs one of them a computation and nothing else.
   */
  private PricedBits last;

  private record PricedBits(int bits, Target target, Work work) {}

  public HeaderRules(NetworkParameters network) {
    this.network = network;
    this.last =
        new PricedBits(network.firstBits(), network.firstTarget(), network.firstTarget().work());
  }

  /**
   * The first rule that a header breaks as the child of {@code parent}, the clock aside. Genesis is
   * not asked about. A refusal is about header and seal together: since the seal is not hashed, it
   * must not be remembered under the header's hash.
   *
   * @param parent a header that is known to be good
   * @param medianTimePast {@link #median} of the parent's and its ancestors' timestamps
   */
  public Optional<Violation> check(
      BlockHeader header, Seal seal, BlockHeader parent, long medianTimePast) {
    if (header.version() != VERSION) {
      return Optional.of(Violation.UNKNOWN_VERSION);
    }
    if (header.height() - 1 != parent.height()) {
      return Optional.of(Violation.WRONG_HEIGHT);
    }
    if (!header.previousHash().equals(parent.hash())) {
      return Optional.of(Violation.WRONG_PREVIOUS_HASH);
    }
    if (header.timestamp() <= medianTimePast) {
      return Optional.of(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN);
    }
    if (!seal.isNone()) {
      return Optional.of(Violation.UNEXPECTED_SEAL);
    }
    if (header.bits() != Difficulty.nextBits(network, parent.height(), parent.timestamp())) {
      return Optional.of(Violation.WRONG_BITS);
    }
    if (!meaningOf(header.bits()).target.isMetBy(header.hash())) {
      return Optional.of(Violation.NOT_ENOUGH_WORK);
    }
    return Optional.empty();
  }

  /**
   * The one rule that depends on our clock. A header that breaks it is not acceptable yet; asked
   * again later, it may be.
   */
  public Optional<Violation> checkClock(BlockHeader header, long nowMillis) {
    return validFrom(header) > nowMillis
        ? Optional.of(Violation.TIMESTAMP_TOO_FAR_AHEAD)
        : Optional.empty();
  }

  /** The first moment, in milliseconds since 1970, at which {@link #checkClock} accepts it. */
  public long validFrom(BlockHeader header) {
    return header.timestamp() - network.maxFutureMillis();
  }

  /**
   * The work that this header alone adds to its branch.
   *
   * @throws IllegalArgumentException if its bits are not canonical, which {@link #check} refuses
   */
  public Work workOf(BlockHeader header) {
    return meaningOf(header.bits()).work;
  }

  /**
   * Whether a branch replaces the current one: only strictly more work does, so the first seen wins
   * a tie.
   */
  public boolean isBetter(Work candidate, Work current) {
    return candidate.compareTo(current) > 0;
  }

  /**
   * Whether a branch lacks more work than so many blocks like the best chain's tip are worth.
   *
   * @param tip the best chain's last header, and {@code best} its work
   */
  public boolean isFarBehind(Work candidate, Work best, BlockHeader tip, int blocks) {
    BigInteger margin = workOf(tip).value().multiply(BigInteger.valueOf(blocks));
    return candidate.value().add(margin).compareTo(best.value()) < 0;
  }

  /**
   * Whether work stands behind a header whose parent is not known, so that it was not free to make:
   * its hash meets its own target, and that is no easier than the first.
   */
  public boolean carriesWork(BlockHeader header) {
    return Target.fromCompact(header.bits())
        .filter(target -> target.value().compareTo(network.firstTarget().value()) <= 0)
        .filter(target -> target.isMetBy(header.hash()))
        .isPresent();
  }

  /** The header that a miner completes by finding a nonce; its own is 0. */
  public BlockHeader template(
      BlockHeader parent,
      long medianTimePast,
      long nowMillis,
      Hash256 merkleRoot,
      int transactionCount) {
    return new BlockHeader(
        VERSION,
        Math.addExact(parent.height(), 1),
        Math.max(nowMillis, Math.addExact(medianTimePast, 1)),
        parent.hash(),
        merkleRoot,
        transactionCount,
        Difficulty.nextBits(network, parent.height(), parent.timestamp()),
        0);
  }

  /**
   * The median as the rules mean it: the upper one of two in the middle.
   *
   * @param timestamps of the parent and its ancestors, as many as there are up to 11, in any order
   * @throws IllegalArgumentException if there are none or more than 11
   */
  public static long median(long[] timestamps) {
    checkArgument(
        timestamps.length > 0 && timestamps.length <= MEDIAN_ANCESTORS,
        "the median is over 1 to 11 timestamps, not %s",
        timestamps.length);
    long[] sorted = timestamps.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private PricedBits meaningOf(int bits) {
    PricedBits known = last;
    if (known.bits != bits) {
      Target target =
          Target.fromCompact(bits)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          String.format("bits %08x are not a canonical compact target", bits)));
      known = new PricedBits(bits, target, target.work());
      last = known;
    }
    return known;
  }
}
