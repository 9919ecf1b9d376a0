package dev.dolmen.core.encoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;

/** An immutable byte string with value equality; it may be a view of a part of a larger array. */
public final class Bytes {
  public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int size;

  private Bytes(byte[] array, int offset, int size) {
    this.array = array;
    this.offset = offset;
    this.size = size;
  }

  public static Bytes copyOf(byte[] bytes) {
    return copyOf(bytes, 0, bytes.length);
  }

  public static Bytes copyOf(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return length == 0
        ? EMPTY
        : new Bytes(Arrays.copyOfRange(bytes, offset, offset + length), 0, length);
  }

  /** A view without a copy; the caller promises that these bytes never change again. */
  public static Bytes wrap(byte[] bytes) {
    return wrap(bytes, 0, bytes.length);
  }

  /** A view without a copy; the caller promises that these bytes never change again. */
  public static Bytes wrap(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return new Bytes(bytes, offset, length);
  }

  /**
   * Reads hex digits of either case, two a byte.
   *
   * @throws IllegalArgumentException for an odd number of digits or a character that is none
   */
  public static Bytes fromHex(String hex) {
    checkArgument(
        hex.length() % 2 == 0, "hex has two digits a byte, but here are %s", hex.length());
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (Hex.digit(hex, 2 * i) << 4 | Hex.digit(hex, 2 * i + 1));
    }
    return wrap(bytes);
  }

  public int size() {
    return size;
  }

  public byte at(int index) {
    return array[offset + Objects.checkIndex(index, size)];
  }

  public byte[] toByteArray() {
    return Arrays.copyOfRange(array, offset, offset + size);
  }

  /** Writes all bytes into {@code target}, beginning at {@code targetOffset}. */
  public void copyTo(byte[] target, int targetOffset) {
    System.arraycopy(array, offset, target, targetOffset, size);
  }

  public ByteBuffer asReadOnlyByteBuffer() {
    return ByteBuffer.wrap(array, offset, size).slice().asReadOnlyBuffer();
  }

  public void updateDigest(MessageDigest digest) {
    digest.update(array, offset, size);
  }

  /** Lower-case digits, two a byte. */
  public String toHex() {
    return Hex.encode(array, offset, size);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that
        && Arrays.equals(
            array, offset, offset + size, that.array, that.offset, that.offset + that.size);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + size; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }

  /** Hex of the first bytes, enough to recognise them in a log without filling it. */
  @Override
  public String toString() {
    int shown = Math.min(size, 16);
    return size + " bytes " + Hex.encode(array, offset, shown) + (shown < size ? "…" : "");
  }
}
