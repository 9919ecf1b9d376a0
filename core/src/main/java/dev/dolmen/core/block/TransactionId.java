package dev.dolmen.core.block;

import dev.dolmen.core.encoding.Hash256;
import java.util.Optional;

/**
 * Names a transaction: SHA-256 of all its bytes but the signature. Two transactions that differ
 * only in the signature share it.
 */
public record TransactionId(Hash256 value) implements Comparable<TransactionId> {
  /**
   * Reads hex digits of either case, as people and our own files write them.
   *
   * @throws IllegalArgumentException unless there are exactly 64 hex digits
   */
  public static TransactionId fromHex(String hex) {
    return new TransactionId(Hash256.fromHex(hex));
  }

  /** Reads what a stranger wrote: exactly 64 lower-case hex digits; else empty. */
  public static Optional<TransactionId> parseHex(String hex) {
    return Hash256.parseHex(hex).map(TransactionId::new);
  }

  /**
   * Reads 32 bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static TransactionId fromBytes(byte[] bytes) {
    return new TransactionId(Hash256.fromBytes(bytes));
  }

  public byte[] toBytes() {
    return value.toBytes();
  }

  public String toHex() {
    return value.toHex();
  }

  @Override
  public int compareTo(TransactionId other) {
    return value.compareTo(other.value);
  }

  /** The 64 lower-case hex digits. */
  @Override
  public String toString() {
    return toHex();
  }
}
