package dev.dolmen.core.chain;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.core.store.TransactionPlace;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Passes everything on to a store and counts how often it is asked, and how often it is changed.
 */
final class CountingBlockStore implements BlockStore {

  private final BlockStore store;
  private int looks;
  private int changes;

  CountingBlockStore(BlockStore store) {
    this.store = store;
  }

  int looks() {
    return looks;
  }

  int changes() {
    return changes;
  }

  @Override
  public Optional<ChainedHeader> header(BlockHash hash) {
    looks++;
    return store.header(hash);
  }

  @Override
  public Optional<Block> block(BlockHash hash) {
    looks++;
    return store.block(hash);
  }

  @Override
  public Optional<BlockHash> hashAt(long height) {
    looks++;
    return store.hashAt(height);
  }

  @Override
  public List<BlockHash> hashesFrom(long height, int limit) {
    looks++;
    return store.hashesFrom(height, limit);
  }

  @Override
  public Optional<TransactionPlace> locate(TransactionId id) {
    looks++;
    return store.locate(id);
  }

  @Override
  public List<TransactionPlace> byAuthor(
      PublicKey author, long fromHeight, int fromIndex, int limit) {
    looks++;
    return store.byAuthor(author, fromHeight, fromIndex, limit);
  }

  @Override
  public ChainedHeader tip() {
    looks++;
    return store.tip();
  }

  @Override
  public List<SideBlock> sideBlocks() {
    looks++;
    return store.sideBlocks();
  }

  @Override
  public List<BlockHash> invalidBlocks() {
    looks++;
    return store.invalidBlocks();
  }

  @Override
  public List<BlockHash> damagedBlocks() {
    return store.damagedBlocks();
  }

  @Override
  public void forEachKept(Consumer<Transaction> viewer) {
    looks++;
    store.forEachKept(viewer);
  }

  @Override
  public void apply(StoreChange change) {
    changes++;
    store.apply(change);
  }

  @Override
  public void sync() {
    store.sync();
  }

  @Override
  public long room() {
    return store.room();
  }

  @Override
  public void close() {
    store.close();
  }
}
