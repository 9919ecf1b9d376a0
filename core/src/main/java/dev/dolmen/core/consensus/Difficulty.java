package dev.dolmen.core.consensus;

import dev.dolmen.core.encoding.Hash256;
import java.math.BigInteger;

/**
 * aserti3-2d, the difficulty rule of Bitcoin Cash: each block's target depends only on how far its
 * parent is from the schedule that begins at genesis. Exact integers throughout, since all nodes
 * must get the same bits.
 *
 * <p>Rule: docs/protocol.md#difficulty; the algorithm and its constants are CHIP 2020-11-15-asert.
 */
public final class Difficulty {
  private static final int FRACTION_BITS = 16;
  private static final long ONE = 1L << FRACTION_BITS;

  /** Doubling a 256-bit number so often leaves its range whatever it was; so does halving it. */
  private static final BigInteger FAR = BigInteger.valueOf(512);

  private Difficulty() {}

  /**
   * The bits that the child of a block must have.
   *
   * @param parentTimestamp milliseconds since 1970
   */
  public static int nextBits(NetworkParameters network, long parentHeight, long parentTimestamp) {
    if (network.fixedTarget()) {
      return network.firstBits();
    }
    Target first = network.firstTarget();
    // Genesis's imagined parent is one interval older than genesis.
    BigInteger passed =
        BigInteger.valueOf(parentTimestamp)
            .subtract(BigInteger.valueOf(network.genesisTime()))
            .add(BigInteger.valueOf(network.intervalMillis()));
    return nextTarget(
            first,
            first,
            network.intervalMillis(),
            network.halfLifeMillis(),
            passed,
            BigInteger.valueOf(parentHeight))
        .toCompact();
  }

  /**
   * The algorithm itself, in any unit of time.
   *
   * @param anchor the target of the anchor block
   * @param easiest what the answer never exceeds
   * @param passed time from the anchor's parent to the block whose child is asked for
   * @param blocks height of that block above the anchor
   */
  static Target nextTarget(
      Target anchor,
      Target easiest,
      long interval,
      long halfLife,
      BigInteger passed,
      BigInteger blocks) {
    BigInteger scheduled = BigInteger.valueOf(interval).multiply(blocks.add(BigInteger.ONE));
    // BigInteger divides as the rule wants it, towards zero.
    BigInteger exponent =
        passed.subtract(scheduled).shiftLeft(FRACTION_BITS).divide(BigInteger.valueOf(halfLife));

    // exponent = doublings + fraction / 2^16, where doublings is the floor.
    BigInteger doublings = exponent.shiftRight(FRACTION_BITS);
    if (doublings.compareTo(FAR) > 0) {
      return easiest;
    }
    int shift = doublings.max(FAR.negate()).intValueExact() - FRACTION_BITS;
    long fraction = exponent.longValue() & (ONE - 1);

    BigInteger scaled =
        anchor.value().toBigInteger().multiply(BigInteger.valueOf(twoToThe(fraction)));
    BigInteger next = scaled.shiftLeft(shift);
    BigInteger bounded = next.max(BigInteger.ONE).min(easiest.value().toBigInteger());
    return new Target(hashOf(bounded));
  }

  /**
   * 2^(fraction / 2^16), times 2^16: a cubic that is off by less than 0.013 %. The sum needs all 64
   * bits.
   */
  private static long twoToThe(long fraction) {
    long sum =
        195_766_423_245_049L * fraction
            + 971_821_376L * fraction * fraction
            + 5_127L * fraction * fraction * fraction
            + (1L << 47);
    return ONE + (sum >>> 48);
  }

  private static Hash256 hashOf(BigInteger number) {
    return new Hash256(
        number.shiftRight(192).longValue(),
        number.shiftRight(128).longValue(),
        number.shiftRight(64).longValue(),
        number.longValue());
  }
}
