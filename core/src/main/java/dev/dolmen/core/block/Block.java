package dev.dolmen.core.block;

import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A header, the seal beside it and the transactions below it. Nothing says yet that they belong
 * together: that is asked of {@code BlockRules}.
 *
 * <p>Rule: docs/protocol.md#block
 */
public final class Block {
  private final BlockHeader header;
  private final Seal seal;
  private final List<Transaction> transactions;
  private final int size;

  /** Filled at first use. Threads may race to do so: they all compute the same immutable value. */
  private @Nullable Hash256 merkleRoot;

  private Block(BlockHeader header, Seal seal, List<Transaction> transactions) {
    this.header = header;
    this.seal = seal;
    this.transactions = List.copyOf(transactions);
    int bytes = BlockHeader.BYTES;
    for (Transaction transaction : this.transactions) {
      bytes = Math.addExact(bytes, transaction.size());
    }
    this.size = bytes;
  }

  public static Block of(BlockHeader header, List<Transaction> transactions) {
    return of(header, Seal.NONE, transactions);
  }

  public static Block of(BlockHeader header, Seal seal, List<Transaction> transactions) {
    return new Block(header, seal, transactions);
  }

  /**
   * Reads a header and as many transactions as it counts; bytes after them are refused. The count
   * is held against the bytes that are left before room is made for it.
   */
  public static Block fromBytes(byte[] bytes) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(bytes);
    BlockHeader header = BlockHeader.read(reader);
    int count = header.transactionCount();
    if (count > reader.remaining() / Transaction.MIN_BYTES) {
      throw reader.malformed(
          count
              + " transactions do not fit into the "
              + reader.remaining()
              + " bytes that are left");
    }
    List<Transaction> transactions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      transactions.add(Transaction.read(reader));
    }
    reader.expectEnd();
    return of(header, transactions);
  }

  public BlockHeader header() {
    return header;
  }

  public Seal seal() {
    return seal;
  }

  public List<Transaction> transactions() {
    return transactions;
  }

  public BlockHash hash() {
    return header.hash();
  }

  /** Distance from genesis, which is 0. */
  public long height() {
    return header.height();
  }

  /** The Merkle root of these transactions, which need not be the one that the header names. */
  public Hash256 merkleRoot() {
    Hash256 known = merkleRoot;
    if (known == null) {
      known = MerkleTree.root(transactions.stream().map(Transaction::leafHash).toList());
      merkleRoot = known;
    }
    return known;
  }

  /** How many bytes the canonical encoding has: header and transactions, without the seal. */
  public int size() {
    return size;
  }

  /** Header, then transactions. The seal is kept beside these bytes, not in them. */
  public byte[] toBytes() {
    CanonicalWriter writer = new CanonicalWriter(size);
    header.writeTo(writer);
    for (Transaction transaction : transactions) {
      transaction.writeTo(writer);
    }
    return writer.toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Block that
        && header.equals(that.header)
        && seal.equals(that.seal)
        && transactions.equals(that.transactions);
  }

  @Override
  public int hashCode() {
    return header.hashCode();
  }

  @Override
  public String toString() {
    return "block " + height() + " " + hash() + " (" + transactions.size() + " transactions)";
  }
}
