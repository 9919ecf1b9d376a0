package dev.dolmen.core.signature;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.Hash256;

/**
 * The 64 bytes of an Ed25519 signature. Any 64 bytes may stand here; {@link Ed25519#verify} judges
 * them.
 *
 * @param r the first 32 bytes, an encoded point
 * @param s the last 32 bytes, a little-endian number
 */
public record Signature(Hash256 r, Hash256 s) {
  public static final int BYTES = 2 * Hash256.BYTES;

  /**
   * Reads 64 bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 64 bytes
   */
  public static Signature fromBytes(byte[] bytes) {
    checkArgument(bytes.length == BYTES, "a signature has 64 bytes, not %s", bytes.length);
    return fromBytes(bytes, 0);
  }

  /**
   * Reads the 64 bytes that begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if there are fewer
   */
  public static Signature fromBytes(byte[] bytes, int offset) {
    return new Signature(
        Hash256.fromBytes(bytes, offset), Hash256.fromBytes(bytes, offset + Hash256.BYTES));
  }

  /** Writes the 64 bytes into {@code target}, beginning at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    r.copyTo(target, offset);
    s.copyTo(target, offset + Hash256.BYTES);
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    copyTo(bytes, 0);
    return bytes;
  }

  public String toHex() {
    return r.toHex() + s.toHex();
  }

  /** The 128 lower-case hex digits. */
  @Override
  public String toString() {
    return toHex();
  }
}
