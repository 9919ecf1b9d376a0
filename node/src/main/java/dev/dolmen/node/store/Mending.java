package dev.dolmen.node.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.HeaderCursor;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.store.Database.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Copies what is sound of a damaged database to a new one, and makes the rest from that. A damaged
 * table stays damaged whatever is written over it, and the database fails as soon as it has to tidy
 * it up; so all tables are made anew.
 *
 * <p>Nothing is believed: the best chain is walked from its tip down by the hashes in its headers
 * and from genesis up by all rules of headers; a body counts if its header commits to it. A header
 * is taken from the body where its own record is damaged, the order from the headers, the index
 * from the bodies. Only bodies may be missing in the end. All else that cannot be had is a refusal,
 * so that nothing is lost silently. Blocks off the best chain are left behind: peers have them.
 */
final class Mending {

  /** Beyond, fetching the chain anew is the better cure. Each costs some 100 bytes of memory. */
  static final int MAX_MISSING_BODIES = 100_000;

  private final Database damaged;
  private final BatchedWriter sound;
  private final NetworkParameters network;
  private final BlockRules rules;

  /** Bodies that could not be read, with how many entries each holds. */
  private final Map<BlockHash, Integer> missing = new LinkedHashMap<>();

  private Mending(Database damaged, BatchedWriter sound, NetworkParameters network) {
    this.damaged = damaged;
    this.sound = sound;
    this.network = network;
    this.rules = new BlockRules(network);
  }

  /**
   * Fills a new database.
   *
   * @return the blocks whose bodies are missing in it
   * @throws MalformedException if more is damaged than can be made up for
   */
  static List<BlockHash> copy(Database damaged, Database sound, NetworkParameters network)
      throws RocksDBException, MalformedException {
    try (BatchedWriter writer = new BatchedWriter(sound)) {
      Mending mending = new Mending(damaged, writer, network);
      long tipHeight = mending.copyOrder();
      writer.flush(); // The way up reads it.
      mending.copyBlocks(sound, tipHeight);
      if (!mending.missing.isEmpty()) {
        mending.copyIndexOfMissing();
      }
      mending.copyKept();
      mending.copyInvalid();
      writer.flush();
      sound.sync();
      return List.copyOf(mending.missing.keySet());
    }
  }

  /** From the tip down: each header names the one below it. */
  private long copyOrder() throws RocksDBException, MalformedException {
    BlockHash hash;
    long tipHeight;
    try (RocksIterator order = damaged.iterate(Column.ORDER)) {
      order.seekToLast();
      order.status();
      if (!order.isValid()) {
        throw new MalformedException("the best chain has no tip");
      }
      hash = Records.decodeHash(order.value());
      tipHeight = Records.decodeHeight(order.key());
    }
    for (long height = tipHeight; height > 0; height--) {
      ChainedHeader header = header(hash, height);
      if (header.height() != height) {
        throw new MalformedException(
            "block " + hash + " has height " + header.height() + " where " + height + " belongs");
      }
      sound.put(Column.ORDER, Records.heightKey(height), hash.toBytes());
      hash = header.header().previousHash();
    }
    if (!hash.equals(network.genesisHash())) {
      throw new MalformedException("the best chain begins with " + hash + ", not with genesis");
    }
    sound.put(Column.ORDER, Records.heightKey(0), hash.toBytes());
    return tipHeight;
  }

  /** A header from its own record, or else from its block. The work it comes with may be wrong. */
  private ChainedHeader header(BlockHash hash, long height) throws MalformedException {
    try {
      byte[] stored = damaged.get(Column.HEADERS, hash.toBytes());
      if (stored != null) {
        return Records.decodeHeader(hash, stored);
      }
    } catch (RocksDBException | MalformedException unreadable) {
      // Its block has it too.
    }
    Block block =
        body(hash)
            .orElseThrow(
                () ->
                    new MalformedException(
                        "neither the header nor the body of block "
                            + height
                            + " "
                            + hash
                            + " can be read"));
    return new ChainedHeader(block.header(), block.seal(), network.firstTarget().work());
  }

  private Optional<Block> body(BlockHash hash) {
    try {
      byte[] stored = damaged.get(Column.BLOCKS, hash.toBytes());
      return stored == null
          ? Optional.empty()
          : Optional.of(Records.decodeBlock(hash, stored))
              .filter(block -> rules.bodyMatchesHeader(block).isEmpty());
    } catch (RocksDBException | MalformedException unreadable) {
      return Optional.empty(); // A peer is asked for it.
    }
  }

  private void copyBlocks(Database written, long tipHeight)
      throws RocksDBException, MalformedException {
    HeaderCursor place = HeaderCursor.atGenesis(network);
    putBlock(place.last(), network.genesis());
    for (long height = 1; height <= tipHeight; height++) {
      byte[] stored = written.get(Column.ORDER, Records.heightKey(height));
      BlockHash hash = Records.decodeHash(stored == null ? new byte[0] : stored);
      ChainedHeader header = header(hash, height);
      Optional<Violation> broken = place.check(header.header(), header.seal());
      if (broken.isPresent()) {
        throw new MalformedException(broken.get().about(header.header()));
      }
      place = place.next(header.header(), header.seal());
      Optional<Block> body = body(hash);
      if (body.isPresent()) {
        putBlock(place.last(), body.get());
      } else {
        putHeader(place.last());
        missing.put(hash, header.header().transactionCount());
        if (missing.size() > MAX_MISSING_BODIES) {
          throw new MalformedException(
              "more than " + MAX_MISSING_BODIES + " blocks of the best chain are damaged");
        }
      }
    }
  }

  private void putHeader(ChainedHeader chained) throws RocksDBException {
    sound.put(Column.HEADERS, chained.hash().toBytes(), Records.encodeHeader(chained));
  }

  private void putBlock(ChainedHeader chained, Block block) throws RocksDBException {
    putHeader(chained);
    sound.put(Column.BLOCKS, chained.hash().toBytes(), Records.encodeBlock(block));
    int index = 0;
    for (Transaction transaction : block.transactions()) {
      putPlace(
          new TransactionPlace(transaction.id(), block.height(), block.hash(), index),
          Records.authorKey(transaction.author(), block.height(), index));
      index++;
    }
  }

  private void putPlace(TransactionPlace place, byte[] authorKey) throws RocksDBException {
    sound.put(Column.TRANSACTIONS, place.id().toBytes(), Records.encodePlace(place));
    sound.put(Column.AUTHORS, authorKey, Records.encodeAuthored(place));
  }

  /**
   * Until they are back, what is in the missing blocks is known from the index alone: which entries
   * are in the chain decides what may still go into it.
   */
  private void copyIndexOfMissing() throws RocksDBException, MalformedException {
    Map<BlockHash, Integer> byAuthor = new LinkedHashMap<>();
    try (RocksIterator authors = damaged.iterate(Column.AUTHORS)) {
      for (authors.seekToFirst(); authors.isValid(); authors.next()) {
        TransactionPlace place = Records.decodeAuthored(authors.key(), authors.value());
        if (missing.containsKey(place.block())) {
          byAuthor.merge(place.block(), 1, Integer::sum);
          putPlace(place, authors.key());
        }
      }
      authors.status();
    }
    for (Map.Entry<BlockHash, Integer> block : missing.entrySet()) {
      if (!block.getValue().equals(byAuthor.getOrDefault(block.getKey(), 0))) {
        throw new MalformedException(
            "neither the body of block "
                + block.getKey()
                + " can be read nor what the index says of its entries");
      }
    }
  }

  /** What was acknowledged to this node's users: all of it, or there is nothing to go on with. */
  private void copyKept() throws RocksDBException, MalformedException {
    try (RocksIterator kept = damaged.iterate(Column.KEPT)) {
      for (kept.seekToFirst(); kept.isValid(); kept.next()) {
        Transaction.fromBytes(kept.value());
        sound.put(Column.KEPT, kept.key(), kept.value());
      }
      kept.status();
    }
  }

  /** Marks that are lost cost that a block is checked again. */
  private void copyInvalid() throws RocksDBException {
    List<byte[]> marks = new ArrayList<>();
    try (RocksIterator invalid = damaged.iterate(Column.INVALID)) {
      for (invalid.seekToFirst(); invalid.isValid(); invalid.next()) {
        Records.decodeHash(invalid.value());
        marks.add(invalid.value());
      }
      invalid.status();
    } catch (RocksDBException | MalformedException unreadable) {
      marks.clear();
    }
    long number = 0;
    for (byte[] mark : marks) {
      sound.put(Column.INVALID, Records.heightKey(number++), mark);
    }
  }
}
