package dev.dolmen.node.follow;

import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.ChainedHeader;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The chain as it was last synced to disk, for readers of any thread that may wait for the disk.
 * The store may be ahead of that; what lies above the synced tip is not shown, and when a
 * reorganisation replaced that tip while we looked, we wait until it is synced and look again.
 */
public final class SyncedChain {

  /** Several reorganisations in the time of one look are a node in trouble. */
  private static final int MAX_LOOKS = 5;

  private final Supplier<ChainedHeader> tip;
  private final BlockReader reader;
  private final BooleanSupplier awaitSync;

  /**
   * The chain of one node.
   *
   * @param tip as last synced
   * @param reader of its store
   * @param awaitSync returns once what the store holds now is synced; false if the node does not
   *     say so in time, or is stopping
   */
  public SyncedChain(Supplier<ChainedHeader> tip, BlockReader reader, BooleanSupplier awaitSync) {
    this.tip = tip;
    this.reader = reader;
    this.awaitSync = awaitSync;
  }

  /** Finds something in the chain. It may have to look again, so it changes nothing. */
  public interface Reading<T> {
    /** What this look shows. */
    T read(ChainLook look);
  }

  /**
   * Reads.
   *
   * @return what was seen, all of it on one chain; empty if that does not hold still, or the node
   *     is stopping
   */
  public <T> Optional<T> read(Reading<T> reading) {
    for (int looks = 0; looks < MAX_LOOKS; looks++) {
      ChainLook look = new ChainLook(tip.get(), reader);
      T seen = reading.read(look);
      if (look.isOnBestChain(look.tipHeight(), look.tip().hash())) {
        return Optional.of(seen);
      }
      if (!awaitSync.getAsBoolean()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
