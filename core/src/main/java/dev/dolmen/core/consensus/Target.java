package dev.dolmen.core.consensus;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.Hash256;
import java.math.BigInteger;
import java.util.Optional;

/**
 * The largest number that a block's hash may be; from 1 to 2^256 - 1. Headers carry it in Bitcoin's
 * compact form: one byte of length, then the three most significant bytes, of which the first is
 * below 0x80.
 *
 * <p>Rule: docs/protocol.md#targets
 */
public record Target(Hash256 value) {
  private static final BigInteger TWO_TO_256 = BigInteger.ONE.shiftLeft(256);
  private static final int MANTISSA_BYTES = 3;
  private static final int SIGN_BIT = 0x0080_0000;

  /**
   * Any number that some hash can meet.
   *
   * @throws IllegalArgumentException for zero, which no hash could meet
   */
  public Target {
    checkArgument(!value.equals(Hash256.ZERO), "a target of zero could never be met");
  }

  /**
   * The target that these bits stand for, if they are its one canonical form; empty for zero,
   * negative ones, those of 2^256 and more, and other ways to write a target.
   */
  public static Optional<Target> fromCompact(int bits) {
    int length = bits >>> 24;
    byte[] bytes = new byte[Hash256.BYTES];
    for (int i = 0; i < MANTISSA_BYTES; i++) {
      int place = Hash256.BYTES - length + i;
      if (place >= 0 && place < Hash256.BYTES) {
        bytes[place] = (byte) (bits >>> (16 - 8 * i));
      }
    }
    // Whatever was lost by falling off either end, or reads as a sign, does not come back out of
    // toCompact.
    Hash256 value = Hash256.fromBytes(bytes);
    return !value.equals(Hash256.ZERO) && new Target(value).toCompact() == bits
        ? Optional.of(new Target(value))
        : Optional.empty();
  }

  /** The compact form, which keeps the first two or three bytes and drops the rest. */
  public int toCompact() {
    byte[] bytes = value.toBytes();
    int first = 0;
    while (bytes[first] == 0) {
      first++;
    }
    int length = Hash256.BYTES - first;
    int mantissa = 0;
    for (int i = first; i < first + MANTISSA_BYTES; i++) {
      mantissa = mantissa << 8 | (i < Hash256.BYTES ? bytes[i] & 0xff : 0);
    }
    if ((mantissa & SIGN_BIT) != 0) {
      mantissa >>>= 8;
      length++;
    }
    return length << 24 | mantissa;
  }

  public boolean isMetBy(BlockHash hash) {
    return hash.value().compareTo(value) <= 0;
  }

  /** How many hashes it takes on average: {@code floor(2^256 / (target + 1))}. */
  public Work work() {
    return new Work(TWO_TO_256.divide(value.toBigInteger().add(BigInteger.ONE)));
  }
}
