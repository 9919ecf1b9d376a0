package dev.dolmen.node.store;

import static dev.dolmen.fuzz.Findings.require;

import com.google.common.primitives.Bytes;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.fuzz.FuzzTarget;
import dev.dolmen.fuzz.Samples;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/**
 * Every kind of record in the database. The first byte says which one the rest is. A block or a
 * header is asked for by the hash that it has, so that more than a wrong hash is found.
 */
public final class StoreTarget implements FuzzTarget {

  private static final int SEAL_LENGTH_BYTES = 4;

  private static final int BLOCK = 0;
  private static final int HEADER = 1;
  private static final int HASH = 2;
  private static final int SIZE = 3;
  private static final int PLACE = 4;
  private static final int AUTHORED = 5;
  private static final int HEIGHT = 6;
  private static final int KINDS = 7;

  private static final int AUTHOR_KEY_BYTES = PublicKey.BYTES + 12;

  @Override
  public boolean feed(byte[] input) {
    if (input.length == 0) {
      return false;
    }
    byte[] value = Arrays.copyOfRange(input, 1, input.length);
    try {
      read((input[0] & 0xff) % KINDS, value);
      return true;
    } catch (MalformedException declared) {
      return false;
    }
  }

  private static void read(int kind, byte[] value) throws MalformedException {
    switch (kind) {
      case BLOCK -> {
        Block block = Records.decodeBlock(hashOf(value, sealed(value)), value);
        require(Arrays.equals(Records.encodeBlock(block), value), "one form of a block");
      }
      case HEADER -> {
        ChainedHeader header = Records.decodeHeader(hashOf(value, 0), value);
        require(Arrays.equals(Records.encodeHeader(header), value), "one form of a header");
      }
      case HASH ->
          require(Arrays.equals(Records.decodeHash(value).toBytes(), value), "one form of a hash");
      case SIZE ->
          require(
              Arrays.equals(Records.encodeSize(Records.decodeSize(value)), value),
              "one form of a size");
      case PLACE -> {
        TransactionPlace place = Records.decodePlace(Samples.transactions().get(0).id(), value);
        require(Arrays.equals(Records.encodePlace(place), value), "one form of a place");
      }
      case AUTHORED -> {
        if (value.length < AUTHOR_KEY_BYTES) {
          throw new MalformedException("the database never gives so short a key");
        }
        byte[] key = Arrays.copyOf(value, AUTHOR_KEY_BYTES);
        byte[] rest = Arrays.copyOfRange(value, AUTHOR_KEY_BYTES, value.length);
        TransactionPlace place = Records.decodeAuthored(key, rest);
        require(Arrays.equals(Records.encodeAuthored(place), rest), "one form of an entry");
      }
      case HEIGHT -> Records.expectHeight(value, 7);
      default -> throw new IllegalArgumentException("no record of kind " + kind);
    }
  }

  private static int sealed(byte[] value) throws MalformedException {
    return (int) Math.min(value.length, SEAL_LENGTH_BYTES + new CanonicalReader(value).u32());
  }

  private static BlockHash hashOf(byte[] value, int from) {
    try {
      return BlockHeader.fromBytes(
              Arrays.copyOfRange(value, from, Math.min(value.length, from + BlockHeader.BYTES)))
          .hash();
    } catch (MalformedException none) {
      return Blocks.genesis().hash();
    }
  }

  @Override
  public List<byte[]> examples() {
    Block block = Samples.BLOCK;
    Transaction entry = block.transactions().get(0);
    TransactionPlace place = new TransactionPlace(entry.id(), 1, block.hash(), 0);
    return List.of(
        record(BLOCK, Records.encodeBlock(block)),
        record(
            HEADER,
            Records.encodeHeader(
                new ChainedHeader(block.header(), Seal.NONE, new Work(BigInteger.valueOf(1234))))),
        record(HASH, block.hash().toBytes()),
        record(SIZE, Records.encodeSize(block.size())),
        record(PLACE, Records.encodePlace(place)),
        record(
            AUTHORED,
            Bytes.concat(
                Records.authorKey(entry.author(), place.height(), place.index()),
                Records.encodeAuthored(place))),
        record(HEIGHT, Records.heightKey(7)));
  }

  private static byte[] record(int kind, byte[] value) {
    return Bytes.concat(new byte[] {(byte) kind}, value);
  }
}
