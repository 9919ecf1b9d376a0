package dev.dolmen.core.consensus;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import java.math.BigInteger;

/** Expected number of hashes behind a block or a branch, genesis included; from 0 to 2^256 - 1. */
public record Work(BigInteger value) implements Comparable<Work> {
  public static final Work ZERO = new Work(BigInteger.ZERO);

  /**
   * Any amount that a chain can have.
   *
   * @throws IllegalArgumentException if negative, or 2^256 or more, which no chain can reach
   */
  public Work {
    checkArgument(value.signum() >= 0, "work cannot be negative: %s", value);
    checkArgument(value.bitLength() <= 256, "work of 2^256 or more is impossible: %s", value);
  }

  /** Reads what {@link #toBytes} wrote: at most 32 bytes, the first of them not zero. */
  public static Work fromBytes(byte[] bytes) throws MalformedException {
    if (bytes.length > Hash256.BYTES) {
      throw new MalformedException("work has at most 32 bytes, not " + bytes.length);
    }
    if (bytes.length > 0 && bytes[0] == 0) {
      throw new MalformedException("work is written without leading zero bytes");
    }
    return new Work(new BigInteger(1, bytes));
  }

  public Work plus(Work other) {
    return new Work(value.add(other.value));
  }

  /** Big-endian, as short as possible: zero has no bytes at all. */
  public byte[] toBytes() {
    int length = (value.bitLength() + 7) / 8;
    byte[] bytes = new byte[length];
    // BigInteger may put a zero byte for the sign in front.
    byte[] signed = value.toByteArray();
    System.arraycopy(signed, signed.length - length, bytes, 0, length);
    return bytes;
  }

  @Override
  public int compareTo(Work other) {
    return value.compareTo(other.value);
  }

  /** Decimal. */
  @Override
  public String toString() {
    return value.toString();
  }
}
