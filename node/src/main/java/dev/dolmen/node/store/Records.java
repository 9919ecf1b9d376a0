package dev.dolmen.node.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;

/**
 * Keys and values of the database. What is read as a block or header must have the hash it was
 * asked for.
 */
final class Records {

  private static final int HEIGHT_BYTES = 8;
  private static final int SIZE_BYTES = 4;
  private static final int NUMBER_BYTES = 8;

  private Records() {}

  static byte[] heightKey(long height) {
    return new CanonicalWriter(HEIGHT_BYTES).u64(height).toByteArray();
  }

  static byte[] keptKey(long expiryHeight, long number) {
    return new CanonicalWriter(HEIGHT_BYTES + NUMBER_BYTES)
        .u64(expiryHeight)
        .u64(number)
        .toByteArray();
  }

  static void expectHeight(byte[] key, long height) throws MalformedException {
    long found = new CanonicalReader(key).u64();
    if (found != height) {
      throw new MalformedException(
          "the best chain has a block of height " + found + " where " + height + " belongs");
    }
  }

  static byte[] authorKey(PublicKey author, long height, int index) {
    return new CanonicalWriter(PublicKey.BYTES + HEIGHT_BYTES + 4)
        .hash(author.value())
        .u64(height)
        .u32(index)
        .toByteArray();
  }

  static BlockHash decodeHash(byte[] stored) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(stored);
    BlockHash hash = new BlockHash(reader.hash());
    reader.expectEnd();
    return hash;
  }

  static int decodeSize(byte[] stored) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(stored);
    long size = reader.u32();
    reader.expectEnd();
    if (size > Integer.MAX_VALUE) {
      throw reader.malformed("a block of " + size + " bytes, more than any can have");
    }
    return (int) size;
  }

  static byte[] encodeBlock(Block block) {
    Bytes seal = block.seal().bytes();
    return new CanonicalWriter(4 + seal.size() + block.size())
        .u32(seal.size())
        .bytes(seal)
        .bytes(block.toBytes())
        .toByteArray();
  }

  static Block decodeBlock(BlockHash hash, byte[] stored) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(stored);
    Seal seal = readSeal(reader);
    Block block = Block.fromBytes(reader.bytes(reader.remaining()).toByteArray());
    expectHash(hash, block.header());
    return seal.isNone() ? block : Block.of(block.header(), seal, block.transactions());
  }

  static byte[] encodeHeader(ChainedHeader chained) {
    Bytes seal = chained.seal().bytes();
    byte[] work = chained.totalWork().toBytes();
    return new CanonicalWriter(BlockHeader.BYTES + 4 + seal.size() + work.length)
        .bytes(chained.header().toBytes())
        .u32(seal.size())
        .bytes(seal)
        .bytes(work)
        .toByteArray();
  }

  static ChainedHeader decodeHeader(BlockHash hash, byte[] stored) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(stored);
    BlockHeader header = BlockHeader.read(reader);
    expectHash(hash, header);
    Seal seal = readSeal(reader);
    return new ChainedHeader(
        header, seal, Work.fromBytes(reader.bytes(reader.remaining()).toByteArray()));
  }

  private static Seal readSeal(CanonicalReader reader) throws MalformedException {
    long size = reader.u32();
    if (size > Seal.MAX_BYTES) {
      throw reader.malformed("a seal of " + size + " bytes, more than any can have");
    }
    return new Seal(reader.bytes(size));
  }

  private static void expectHash(BlockHash asked, BlockHeader found) throws MalformedException {
    if (!found.hash().equals(asked)) {
      throw new MalformedException("what is stored for " + asked + " has hash " + found.hash());
    }
  }

  static byte[] encodePlace(TransactionPlace place) {
    return new CanonicalWriter(HEIGHT_BYTES + Hash256.BYTES + 4)
        .u64(place.height())
        .hash(place.block().value())
        .u32(place.index())
        .toByteArray();
  }

  static TransactionPlace decodePlace(TransactionId id, byte[] stored) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(stored);
    long height = reader.u64();
    BlockHash block = new BlockHash(reader.hash());
    int index = index(reader);
    reader.expectEnd();
    return new TransactionPlace(id, height, block, index);
  }

  static byte[] encodeAuthored(TransactionPlace place) {
    return new CanonicalWriter(2 * Hash256.BYTES)
        .hash(place.id().value())
        .hash(place.block().value())
        .toByteArray();
  }

  static TransactionPlace decodeAuthored(byte[] key, byte[] stored) throws MalformedException {
    CanonicalReader keyReader =
        new CanonicalReader(key, PublicKey.BYTES, key.length - PublicKey.BYTES);
    long height = keyReader.u64();
    int index = index(keyReader);
    keyReader.expectEnd();
    CanonicalReader reader = new CanonicalReader(stored);
    TransactionId id = new TransactionId(reader.hash());
    BlockHash block = new BlockHash(reader.hash());
    reader.expectEnd();
    return new TransactionPlace(id, height, block, index);
  }

  private static int index(CanonicalReader reader) throws MalformedException {
    long index = reader.u32();
    if (index > Integer.MAX_VALUE) {
      throw reader.malformed("index " + index + " is beyond any block");
    }
    return (int) index;
  }

  static long decodeHeight(byte[] key) throws MalformedException {
    return new CanonicalReader(key).u64();
  }

  static byte[] encodeSize(int size) {
    return new CanonicalWriter(SIZE_BYTES).u32(size).toByteArray();
  }
}
