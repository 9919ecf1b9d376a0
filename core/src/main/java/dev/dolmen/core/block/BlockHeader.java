package dev.dolmen.core.block;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.encoding.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The 100 bytes that are hashed. Every header that can be encoded can stand here; whether it is
 * acceptable is asked of {@code HeaderRules}. Equality is by value; the hash is computed once and
 * kept.
 *
 * <p>Rule: docs/protocol.md#header
 */
public final class BlockHeader {
  /**
   * version 4, height 8, timestamp 8, previous hash 32, Merkle root 32, transaction count 4, bits
   * 4, nonce 8.
   */
  public static final int BYTES = 100;

  private final int version;
  private final long height;
  private final long timestamp;
  private final BlockHash previousHash;
  private final Hash256 merkleRoot;
  private final int transactionCount;
  private final int bits;
  private final long nonce;

  /** Filled at first use. Threads may race to do so: they all compute the same immutable value. */
  private @Nullable BlockHash hash;

  /**
   * Any header that has a canonical encoding.
   *
   * @param version four raw bytes; the only version there is yet is 1
   * @param height distance from genesis, which is 0
   * @param timestamp milliseconds since 1970
   * @param transactionCount from 0 to 2^31 - 1
   * @param bits the target in compact form, four raw bytes
   * @param nonce from 0 to 2^63 - 1
   * @throws IllegalArgumentException if a number is negative
   */
  public BlockHeader(
      int version,
      long height,
      long timestamp,
      BlockHash previousHash,
      Hash256 merkleRoot,
      int transactionCount,
      int bits,
      long nonce) {
    checkArgument(height >= 0, "height counts from genesis at 0, so %s is impossible", height);
    checkArgument(timestamp >= 0, "timestamp counts from 1970, so %s is impossible", timestamp);
    checkArgument(transactionCount >= 0, "%s transactions are impossible", transactionCount);
    checkArgument(nonce >= 0, "nonces count from 0, so %s is impossible", nonce);
    this.version = version;
    this.height = height;
    this.timestamp = timestamp;
    this.previousHash = previousHash;
    this.merkleRoot = merkleRoot;
    this.transactionCount = transactionCount;
    this.bits = bits;
    this.nonce = nonce;
  }

  /**
   * Reads the next 100 bytes. Numbers of 2^63 and more, and counts of 2^31 and more, are refused.
   */
  public static BlockHeader read(CanonicalReader reader) throws MalformedException {
    int version = (int) reader.u32();
    long height = reader.u64();
    long timestamp = reader.u64();
    BlockHash previousHash = new BlockHash(reader.hash());
    Hash256 merkleRoot = reader.hash();
    long transactionCount = reader.u32();
    if (transactionCount > Integer.MAX_VALUE) {
      throw reader.malformed(transactionCount + " transactions are more than any block can hold");
    }
    int bits = (int) reader.u32();
    long nonce = reader.u64();
    return new BlockHeader(
        version, height, timestamp, previousHash, merkleRoot, (int) transactionCount, bits, nonce);
  }

  /** Reads exactly 100 bytes; more or fewer are refused. */
  public static BlockHeader fromBytes(byte[] bytes) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(bytes);
    BlockHeader header = read(reader);
    reader.expectEnd();
    return header;
  }

  public int version() {
    return version;
  }

  /** Distance from genesis, which is 0. */
  public long height() {
    return height;
  }

  /** Milliseconds since 1970. */
  public long timestamp() {
    return timestamp;
  }

  public BlockHash previousHash() {
    return previousHash;
  }

  public Hash256 merkleRoot() {
    return merkleRoot;
  }

  public int transactionCount() {
    return transactionCount;
  }

  /** The target in compact form. */
  public int bits() {
    return bits;
  }

  public long nonce() {
    return nonce;
  }

  public BlockHash hash() {
    BlockHash known = hash;
    if (known == null) {
      known = new BlockHash(Sha256.hashTwice(toBytes()));
      hash = known;
    }
    return known;
  }

  public BlockHeader withNonce(long newNonce) {
    return new BlockHeader(
        version, height, timestamp, previousHash, merkleRoot, transactionCount, bits, newNonce);
  }

  public void writeTo(CanonicalWriter writer) {
    writer
        .u32(Integer.toUnsignedLong(version))
        .u64(height)
        .u64(timestamp)
        .hash(previousHash.value())
        .hash(merkleRoot)
        .u32(transactionCount)
        .u32(Integer.toUnsignedLong(bits))
        .u64(nonce);
  }

  /** Writes the 100 bytes into {@code target}, beginning at {@code offset}. */
  public void writeTo(byte[] target, int offset) {
    System.arraycopy(toBytes(), 0, target, offset, BYTES);
  }

  public byte[] toBytes() {
    CanonicalWriter writer = new CanonicalWriter(BYTES);
    writeTo(writer);
    return writer.toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockHeader that
        && version == that.version
        && height == that.height
        && timestamp == that.timestamp
        && previousHash.equals(that.previousHash)
        && merkleRoot.equals(that.merkleRoot)
        && transactionCount == that.transactionCount
        && bits == that.bits
        && nonce == that.nonce;
  }

  @Override
  public int hashCode() {
    return hash().hashCode();
  }

  @Override
  public String toString() {
    return "header " + height + " " + hash();
  }
}
