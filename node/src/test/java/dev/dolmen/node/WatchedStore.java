package dev.dolmen.node;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.core.store.TransactionPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A store whose disk fails at a call that the test chooses, or has only so much room, and that
 * knows what of it is synced. It is not asked to write or sync again after it failed.
 */
final class WatchedStore implements BlockStore {

  private final NetworkParameters parameters;
  private final MemoryBlockStore store;
  private final List<StoreChange> synced = new ArrayList<>();
  private final List<StoreChange> unsynced = new ArrayList<>();
  private final List<Thread> writers = new ArrayList<>();
  private volatile int callsUntilFailure = Integer.MAX_VALUE;
  private volatile boolean failed;
  private volatile int calls;
  volatile long room = Long.MAX_VALUE;

  WatchedStore(NetworkParameters parameters) {
    this.parameters = parameters;
    this.store = new MemoryBlockStore(parameters);
  }

  /** The n-th write or sync from now on fails, counted from 1. */
  void failAtCall(int number) {
    callsUntilFailure = number;
  }

  boolean hasFailed() {
    return failed;
  }

  /** How many writes and syncs there were. */
  int calls() {
    return calls;
  }

  synchronized boolean isSynced() {
    return unsynced.isEmpty();
  }

  /** Every thread that ever wrote or synced, each once. */
  synchronized List<Thread> writers() {
    return List.copyOf(writers);
  }

  /** How many changes may or may not be there after a crash now. */
  synchronized int unsyncedChanges() {
    return unsynced.size();
  }

  /**
   * What a restart finds after the power is lost now: all that was synced, and of the rest what was
   * written before the first change that is missing or torn.
   */
  synchronized MemoryBlockStore afterCrash(int unsyncedSurvivors) {
    MemoryBlockStore restarted = new MemoryBlockStore(parameters);
    synced.forEach(restarted::apply);
    unsynced.subList(0, unsyncedSurvivors).forEach(restarted::apply);
    return restarted;
  }

  private synchronized void called(String what) {
    checkState(!failed, "asked to %s after the disk has failed", what);
    calls++;
    if (!writers.contains(Thread.currentThread())) {
      writers.add(Thread.currentThread());
    }
    if (--callsUntilFailure == 0) {
      failed = true;
      throw new UncheckedIOException(new IOException("cannot " + what + ": no space left"));
    }
  }

  @Override
  public synchronized void apply(StoreChange change) {
    try {
      called("write");
      store.apply(change);
    } finally {
      unsynced.add(change); // Also of a write that failed, something may be on disk.
    }
  }

  @Override
  public synchronized void sync() {
    if (!unsynced.isEmpty()) {
      called("sync");
      synced.addAll(unsynced);
      unsynced.clear();
    }
  }

  @Override
  public long room() {
    return room;
  }

  @Override
  public void close() {
    if (!failed) {
      sync();
    }
  }

  @Override
  public ChainedHeader tip() {
    return store.tip();
  }

  @Override
  public List<SideBlock> sideBlocks() {
    return store.sideBlocks();
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
