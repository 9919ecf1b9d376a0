package dev.dolmen.core.block;

import dev.dolmen.core.encoding.Hash256;
import java.util.Optional;

/**
 * Names a block: SHA-256 of SHA-256 of its header's 100 bytes. Compares as the number that proof of
 * work is about.
 */
public record BlockHash(Hash256 value) implements Comparable<BlockHash> {
  /**
   * Reads hex digits of either case, as people and our own files write them.
   *
   * @throws IllegalArgumentException unless there are exactly 64 hex digits
   */
  public static BlockHash fromHex(String hex) {
    return new BlockHash(Hash256.fromHex(hex));
  }

  /** Reads what a stranger wrote: exactly 64 lower-case hex digits; else empty. */
  public static Optional<BlockHash> parseHex(String hex) {
    return Hash256.parseHex(hex).map(BlockHash::new);
  }

  /**
   * Reads 32 bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static BlockHash fromBytes(byte[] bytes) {
    return new BlockHash(Hash256.fromBytes(bytes));
  }

  public byte[] toBytes() {
    return value.toBytes();
  }

  public String toHex() {
    return value.toHex();
  }

  @Override
  public int compareTo(BlockHash other) {
    return value.compareTo(other.value);
  }

  /** The 64 lower-case hex digits. */
  @Override
  public String toString() {
    return toHex();
  }
}
