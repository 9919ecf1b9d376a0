package dev.dolmen.it.simulation;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.core.store.TransactionPlace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A store whose machine can lose its power: a journal remembers the changes, and those after the
 * last sync survive a crash only from the first up to some point, as with a log that is written in
 * order.
 */
final class SimulatedDisk implements BlockStore {

  private final NetworkParameters parameters;
  private final List<StoreChange> synced = new ArrayList<>();
  private final List<StoreChange> unsynced = new ArrayList<>();
  private MemoryBlockStore store;
  private Work mostWork;
  private ChainedHeader tip;

  SimulatedDisk(NetworkParameters parameters) {
    this.parameters = parameters;
    this.store = new MemoryBlockStore(parameters);
    this.tip = store.tip();
    this.mostWork = tip.totalWork();
  }

  /** Blocks from an earlier life, parents first. */
  void holds(List<Block> blocks, Instant now) {
    Chain chain = new Chain(parameters, this);
    for (Block block : blocks) {
      checkState(
          chain.add(block, now) instanceof AddBlockResult.Added, "cannot hold %s", block.hash());
    }
    sync();
  }

  /** All synced changes stay, and a random number of those that came after, the oldest first. */
  void crash(RandomGenerator random) {
    synced.addAll(unsynced.subList(0, random.nextInt(unsynced.size() + 1)));
    reload();
  }

  /** What a broken disk would do: nothing stays but genesis. */
  void losesEverything() {
    synced.clear();
    reload();
  }

  private void reload() {
    unsynced.clear();
    store = new MemoryBlockStore(parameters);
    mostWork = store.tip().totalWork();
    for (StoreChange change : synced) {
      store.apply(change);
      weigh(change);
    }
    tip = store.tip();
  }

  /** Work of the best branch among all blocks that are here. */
  Work mostWork() {
    return mostWork;
  }

  /** Every block that was ever stored but genesis, of all branches, parents first. */
  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (List<StoreChange> changes : List.of(synced, unsynced)) {
      changes.forEach(change -> change.blocks().forEach(added -> blocks.add(added.block())));
    }
    return blocks;
  }

  private void weigh(StoreChange change) {
    for (StoreChange.NewBlock added : change.blocks()) {
      if (added.totalWork().compareTo(mostWork) > 0) {
        mostWork = added.totalWork();
      }
    }
  }

  @Override
  public void apply(StoreChange change) {
    store.apply(change);
    unsynced.add(change);
    weigh(change);
    tip = store.tip();
  }

  @Override
  public void sync() {
    synced.addAll(unsynced);
    unsynced.clear();
  }

  @Override
  public long room() {
    return store.room();
  }

  @Override
  public void close() {
    sync();
  }

  @Override
  public ChainedHeader tip() {
    return tip;
  }

  @Override
  public List<BlockHash> invalidBlocks() {
    return store.invalidBlocks();
  }

  @Override
  public void forEachKept(Consumer<Transaction> viewer) {
    store.forEachKept(viewer);
  }

  @Override
  public List<SideBlock> sideBlocks() {
    return store.sideBlocks();
  }

  @Override
  public Optional<ChainedHeader> header(BlockHash hash) {
    return store.header(hash);
  }

  @Override
  public Optional<Block> block(BlockHash hash) {
    return store.block(hash);
  }

  @Override
  public Optional<BlockHash> hashAt(long height) {
    return store.hashAt(height);
  }

  @Override
  public List<BlockHash> hashesFrom(long height, int limit) {
    return store.hashesFrom(height, limit);
  }

  @Override
  public Optional<TransactionPlace> locate(TransactionId id) {
    return store.locate(id);
  }

  @Override
  public List<TransactionPlace> byAuthor(
      PublicKey author, long fromHeight, int fromIndex, int limit) {
    return store.byAuthor(author, fromHeight, fromIndex, limit);
  }
}
