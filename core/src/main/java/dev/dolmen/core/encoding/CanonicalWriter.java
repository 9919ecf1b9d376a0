package dev.dolmen.core.encoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Writes fixed big-endian layouts into a buffer that grows as needed. Owned by the thread that made
 * it.
 */
public final class CanonicalWriter {
  private static final int SMALL = 128;
  private static final long U32_MAX = 0xffff_ffffL;

  private byte[] buffer;
  private int size;

  public CanonicalWriter() {
    this(SMALL);
  }

  /**
   * A writer that need not grow, and need not copy at the end, if exactly this many bytes are
   * written.
   */
  public CanonicalWriter(int expectedSize) {
    buffer = new byte[expectedSize];
  }

  /**
   * One byte.
   *
   * @throws IllegalArgumentException unless 0 ≤ value ≤ 255
   */
  public CanonicalWriter u8(int value) {
    checkArgument(value >= 0 && value <= 0xff, "%s does not fit into one unsigned byte", value);
    reserve(1);
    buffer[size++] = (byte) value;
    return this;
  }

  /**
   * Four bytes; a caller with 32 raw bits in an {@code int} passes {@code Integer.toUnsignedLong}.
   *
   * @throws IllegalArgumentException unless 0 ≤ value &lt; 2^32
   */
  public CanonicalWriter u32(long value) {
    checkArgument(
        value >= 0 && value <= U32_MAX, "%s does not fit into four unsigned bytes", value);
    reserve(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      buffer[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  /**
   * Eight bytes; the format knows only numbers below 2^63.
   *
   * @throws IllegalArgumentException if value is negative
   */
  public CanonicalWriter u64(long value) {
    checkArgument(value >= 0, "%s is negative; the format knows only numbers from 0", value);
    reserve(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      buffer[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  public CanonicalWriter hash(Hash256 hash) {
    reserve(Hash256.BYTES);
    hash.copyTo(buffer, size);
    size += Hash256.BYTES;
    return this;
  }

  public CanonicalWriter bytes(byte[] bytes) {
    return bytes(bytes, 0, bytes.length);
  }

  public CanonicalWriter bytes(byte[] bytes, int offset, int length) {
    reserve(length);
    System.arraycopy(bytes, offset, buffer, size, length);
    size += length;
    return this;
  }

  public CanonicalWriter bytes(Bytes bytes) {
    reserve(bytes.size());
    bytes.copyTo(buffer, size);
    size += bytes.size();
    return this;
  }

  public int size() {
    return size;
  }

  /**
   * What was written so far. If the buffer is exactly full it is handed over, so write nothing
   * afterwards.
   */
  public byte[] toByteArray() {
    return size == buffer.length ? buffer : Arrays.copyOf(buffer, size);
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > buffer.length) {
      int doubled = (int) Math.min(2L * buffer.length, Integer.MAX_VALUE - 8);
      buffer = Arrays.copyOf(buffer, Math.max(needed, doubled));
    }
  }
}
