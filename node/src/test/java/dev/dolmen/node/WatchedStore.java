package dev.dolmen.node;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ForwardingBlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.RottenStore;
import dev.dolmen.core.store.StoreChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A store whose disk fails at a call that the test chooses, or has only so much room, and that
 * knows what of it is synced. It is not asked to write or sync again after it failed.
 */
final class WatchedStore extends ForwardingBlockStore {

  private final NetworkParameters parameters;
  private final RottenStore store;
  private final List<StoreChange> synced = new ArrayList<>();
  private final List<StoreChange> unsynced = new ArrayList<>();
  private final List<Thread> writers = new ArrayList<>();
  private volatile int callsUntilFailure = Integer.MAX_VALUE;
  private volatile Fault fault = Fault.WRITE_ERROR;
  private volatile boolean failed;
  private volatile int calls;
  volatile long room = Long.MAX_VALUE;

  WatchedStore(NetworkParameters parameters) {
    this.parameters = parameters;
    this.store = new RottenStore(parameters);
  }

  @Override
  protected BlockStore delegate() {
    return store;
  }

  /** Bits of a stored block flip. */
  void damage(BlockHash hash) {
    store.damage(hash);
  }

  /** How a disk fails. */
  enum Fault {
    /** A write finds no room: nothing of it is on disk. */
    NO_SPACE("write", "No space left on device"),
    /** A write fails within: something of it may be on disk. */
    WRITE_ERROR("write", "Input/output error"),
    /** A sync fails: anything that was not synced may or may not be on disk. */
    SYNC_ERROR("sync", "Input/output error");

    private final String call;
    private final String reason;

    Fault(String call, String reason) {
      this.call = call;
      this.reason = reason;
    }
  }

  /** The n-th of the calls that can fail so from now on does, counted from 1. */
  void failAtCall(int number, Fault how) {
    callsUntilFailure = number;
    fault = how;
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
    if (what.equals(fault.call) && --callsUntilFailure == 0) {
      failed = true;
      throw new UncheckedIOException(new IOException("cannot " + what + ": " + fault.reason));
    }
  }

  @Override
  public synchronized void apply(StoreChange change) {
    try {
      called("write");
      store.apply(change);
    } finally {
      if (!failed || fault != Fault.NO_SPACE) {
        unsynced.add(change); // Also of a write that failed, something may be on disk.
      }
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
}
