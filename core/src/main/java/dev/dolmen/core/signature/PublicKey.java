package dev.dolmen.core.signature;

import dev.dolmen.core.encoding.Hash256;
import java.util.Optional;

/**
 * The 32 bytes of an Ed25519 public key as RFC 8032 encodes it. Any 32 bytes may stand here;
 * whether they are a usable point is decided by {@link Ed25519#verify}. Compares as a big-endian
 * number, the order of a network's authors.
 */
public record PublicKey(Hash256 value) implements Comparable<PublicKey> {
  public static final int BYTES = Hash256.BYTES;

  /**
   * Reads 32 bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static PublicKey fromBytes(byte[] bytes) {
    return new PublicKey(Hash256.fromBytes(bytes));
  }

  /**
   * Reads hex digits of either case, as people and our own files write them.
   *
   * @throws IllegalArgumentException unless there are exactly 64 hex digits
   */
  public static PublicKey fromHex(String hex) {
    return new PublicKey(Hash256.fromHex(hex));
  }

  /** Reads what a stranger wrote: exactly 64 lower-case hex digits; else empty. */
  public static Optional<PublicKey> parseHex(String hex) {
    return Hash256.parseHex(hex).map(PublicKey::new);
  }

  public byte[] toBytes() {
    return value.toBytes();
  }

  public String toHex() {
    return value.toHex();
  }

  @Override
  public int compareTo(PublicKey other) {
    return value.compareTo(other.value);
  }

  /** The 64 lower-case hex digits. */
  @Override
  public String toString() {
    return toHex();
  }
}
