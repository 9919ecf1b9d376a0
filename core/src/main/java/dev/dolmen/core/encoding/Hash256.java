package dev.dolmen.core.encoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;

/**
 * 32 bytes: a hash, a key, or an unsigned 256-bit number, as four big-endian words. Compares as
 * that number.
 *
 * @param w0 the most significant eight bytes, which are the first ones
 * @param w1 the next eight bytes
 * @param w2 the next eight bytes
 * @param w3 the least significant eight bytes
 */
public record Hash256(long w0, long w1, long w2, long w3) implements Comparable<Hash256> {
  public static final int BYTES = 32;
  public static final Hash256 ZERO = new Hash256(0, 0, 0, 0);

  private static final int HEX_DIGITS = 2 * BYTES;
  private static final VarHandle BIG_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /**
   * Reads 32 bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static Hash256 fromBytes(byte[] bytes) {
    checkArgument(bytes.length == BYTES, "a hash has 32 bytes, not %s", bytes.length);
    return fromBytes(bytes, 0);
  }

  /**
   * Reads the 32 bytes that begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if there are fewer
   */
  public static Hash256 fromBytes(byte[] bytes, int offset) {
    Objects.checkFromIndexSize(offset, BYTES, bytes.length);
    return new Hash256(
        (long) BIG_ENDIAN_LONG.get(bytes, offset),
        (long) BIG_ENDIAN_LONG.get(bytes, offset + 8),
        (long) BIG_ENDIAN_LONG.get(bytes, offset + 16),
        (long) BIG_ENDIAN_LONG.get(bytes, offset + 24));
  }

  /**
   * Reads 64 hex digits of either case, as people and our own files write them.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Hash256 fromHex(String hex) {
    checkArgument(hex.length() == HEX_DIGITS, "a hash has 64 hex digits, not %s", hex.length());
    return new Hash256(
        wordFromHex(hex, 0), wordFromHex(hex, 16), wordFromHex(hex, 32), wordFromHex(hex, 48));
  }

  /**
   * Reads what a stranger wrote: exactly 64 lower-case hex digits, the only form we print; else
   * empty.
   */
  public static Optional<Hash256> parseHex(String hex) {
    if (hex.length() != HEX_DIGITS) {
      return Optional.empty();
    }
    for (int i = 0; i < HEX_DIGITS; i++) {
      char c = hex.charAt(i);
      boolean lowerCaseHexDigit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (!lowerCaseHexDigit) {
        return Optional.empty();
      }
    }
    return Optional.of(fromHex(hex));
  }

  private static long wordFromHex(String hex, int start) {
    long word = 0;
    for (int i = start; i < start + 16; i++) {
      word = (word << 4) | Hex.digit(hex, i);
    }
    return word;
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Writes the 32 bytes into {@code target}, beginning at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    Objects.checkFromIndexSize(offset, BYTES, target.length);
    BIG_ENDIAN_LONG.set(target, offset, w0);
    BIG_ENDIAN_LONG.set(target, offset + 8, w1);
    BIG_ENDIAN_LONG.set(target, offset + 16, w2);
    BIG_ENDIAN_LONG.set(target, offset + 24, w3);
  }

  public String toHex() {
    return Hex.encode(toBytes(), 0, BYTES);
  }

  /** The unsigned number these bytes are, most significant byte first. */
  public BigInteger toBigInteger() {
    return new BigInteger(1, toBytes());
  }

  @Override
  public int compareTo(Hash256 other) {
    int order = Long.compareUnsigned(w0, other.w0);
    if (order == 0) {
      order = Long.compareUnsigned(w1, other.w1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w2, other.w2);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w3, other.w3);
    }
    return order;
  }

  /** The 64 lower-case hex digits. */
  @Override
  public String toString() {
    return toHex();
  }
}
