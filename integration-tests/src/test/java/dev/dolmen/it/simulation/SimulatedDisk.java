package dev.dolmen.it.simulation;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.ForwardingBlockStore;
import dev.dolmen.core.store.RottenStore;
import dev.dolmen.core.store.StoreChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A store whose machine can lose its power: a journal remembers the changes, and a {@link
 * SectorLog} says which of those after the last sync a restart finds, when sectors are lost, torn,
 * and written in any order. Its blocks can be damaged.
 */
final class SimulatedDisk extends ForwardingBlockStore {

  private static final int HASH_BYTES = 32;

  private final NetworkParameters parameters;
  private final List<StoreChange> synced = new ArrayList<>();
  private final List<StoreChange> unsynced = new ArrayList<>();
  private SectorLog log = new SectorLog();
  private RottenStore store;
  private Work mostWork;
  private ChainedHeader tip;

  SimulatedDisk(NetworkParameters parameters) {
    this.parameters = parameters;
    this.store = new RottenStore(parameters);
    this.tip = store.tip();
    this.mostWork = tip.totalWork();
  }

  /**
   * Blocks from an earlier life, parents first.
   *
   * @param verified spares the signatures that another disk's blocks had, too
   */
  void holds(List<Block> blocks, Instant now, VerifiedSignatures verified) {
    Chain chain = new Chain(parameters, this, verified);
    for (Block block : blocks) {
      checkState(
          chain.add(block, now) instanceof AddBlockResult.Added, "cannot hold %s", block.hash());
    }
    sync();
  }

  /** All synced changes stay; what becomes of those after them is the log's to find out. */
  void crash(RandomGenerator random) {
    long found = log.crash(random);
    synced.addAll(unsynced.subList(0, (int) found - synced.size()));
    reload();
  }

  /** The disk forgets what is in a block, until it is written again. */
  void damage(BlockHash hash) {
    store.damage(hash);
  }

  /** Whether every block can be read. */
  boolean isSound() {
    return store.damaged().isEmpty();
  }

  /** What a broken disk would do: nothing stays but genesis. */
  void losesEverything() {
    synced.clear();
    log = new SectorLog();
    reload();
  }

  private void reload() {
    unsynced.clear();
    Set<BlockHash> rotten = store.damaged();
    store = new RottenStore(parameters);
    mostWork = store.tip().totalWork();
    for (StoreChange change : synced) {
      store.apply(change);
      weigh(change);
    }
    tip = store.tip();
    rotten.forEach(store::damage);
  }

  @Override
  protected BlockStore delegate() {
    return store;
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
    log.append(sizeOf(change));
    weigh(change);
    tip = store.tip();
  }

  /** About what a database's log takes for it. */
  private static int sizeOf(StoreChange change) {
    int blocks = change.blocks().stream().mapToInt(added -> added.block().size()).sum();
    int places = change.connected().size() + change.disconnected().size();
    return HASH_BYTES * (1 + places) + blocks;
  }

  @Override
  public void sync() {
    log.sync();
    synced.addAll(unsynced);
    unsynced.clear();
  }

  @Override
  public void close() {
    sync();
  }

  @Override
  public ChainedHeader tip() {
    return tip;
  }
}
