package dev.dolmen.core.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.signature.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Does what another store does, but for what a test's own store does otherwise. */
public abstract class ForwardingBlockStore implements BlockStore {

  /** The store that does the work; it may be another one after a simulated crash. */
  protected abstract BlockStore delegate();

  @Override
  public Optional<ChainedHeader> header(BlockHash hash) {
    return delegate().header(hash);
  }

  @Override
  public Optional<Block> block(BlockHash hash) {
    return delegate().block(hash);
  }

  @Override
  public Optional<BlockHash> hashAt(long height) {
    return delegate().hashAt(height);
  }

  @Override
  public List<BlockHash> hashesFrom(long height, int limit) {
    return delegate().hashesFrom(height, limit);
  }

  @Override
  public Optional<TransactionPlace> locate(TransactionId id) {
    return delegate().locate(id);
  }

  @Override
  public List<TransactionPlace> byAuthor(
      PublicKey author, long fromHeight, int fromIndex, int limit) {
    return delegate().byAuthor(author, fromHeight, fromIndex, limit);
  }

  @Override
  public ChainedHeader tip() {
    return delegate().tip();
  }

  @Override
  public List<SideBlock> sideBlocks() {
    return delegate().sideBlocks();
  }

  @Override
  public List<BlockHash> invalidBlocks() {
    return delegate().invalidBlocks();
  }

  @Override
  public List<BlockHash> damagedBlocks() {
    return delegate().damagedBlocks();
  }

  @Override
  public void forEachKept(Consumer<Transaction> viewer) {
    delegate().forEachKept(viewer);
  }

  @Override
  public void apply(StoreChange change) {
    delegate().apply(change);
  }

  @Override
  public void sync() {
    delegate().sync();
  }

  @Override
  public long room() {
    return delegate().room();
  }

  @Override
  public void close() {
    delegate().close();
  }
}
