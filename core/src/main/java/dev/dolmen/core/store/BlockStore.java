package dev.dolmen.core.store;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps blocks of all branches and the order of the best one. One thread writes. Failures of the
 * disk are thrown as {@link java.io.UncheckedIOException}; after one, nothing of the change that
 * failed can be seen, and the owner stops: what is on disk is known only once the store is opened
 * again, so nothing is written or synced after a failed write or sync, not even by {@link #close}.
 */
public interface BlockStore extends BlockReader, AutoCloseable {

  /**
   * How many invalid blocks are remembered; the oldest are forgotten first and would only be
   * checked again.
   */
  int MAX_INVALID_BLOCKS = 10_000;

  /** How many damaged blocks are told at a time. */
  int MAX_DAMAGED_BLOCKS = 1_024;

  /** The best chain's last block. */
  ChainedHeader tip();

  /** The stored blocks that are not on the best chain, in any order. */
  List<SideBlock> sideBlocks();

  /** Hashes of blocks found invalid, oldest first, at most {@value #MAX_INVALID_BLOCKS}. */
  List<BlockHash> invalidBlocks();

  /**
   * Shows what is kept of this node's own users' entries, whether or not a block includes it by
   * now: by expiry height, and of the same height in the order they were given. What can no longer
   * be included, since the tip has reached its expiry height, is gone; so these are at most the
   * entries of as many blocks as a transaction may live.
   */
  void forEachKept(Consumer<Transaction> viewer);

  /**
   * Blocks that some reader found damaged and nobody has restored since, in the order they were
   * found, at most {@value #MAX_DAMAGED_BLOCKS}: more are told once some of these are restored and
   * somebody reads the others again. Costs next to nothing.
   */
  List<BlockHash> damagedBlocks();

  /**
   * Applies one change, all of it or nothing. It is seen by readers at once, and outlives a crash
   * of the machine only after the next {@link #sync}.
   */
  void apply(StoreChange change);

  /** Returns when everything applied so far is on disk; at once if it is already. */
  void sync();

  /**
   * How many bytes can still be written where the store is; {@link Long#MAX_VALUE} if nothing but
   * memory bounds it. Asking costs microseconds.
   */
  long room();

  /** Syncs and lets go of files. Calling it twice is harmless. */
  @Override
  void close();
}
