package dev.dolmen.core.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A store in memory whose blocks can be damaged, and are whole again once they are restored. */
public class RottenStore extends ForwardingBlockStore {

  private final MemoryBlockStore store;
  private final Set<BlockHash> damaged = new LinkedHashSet<>();
  private final Set<BlockHash> found = new LinkedHashSet<>();

  /** A sound one that holds genesis. */
  public RottenStore(NetworkParameters parameters) {
    store = new MemoryBlockStore(parameters);
  }

  @Override
  protected BlockStore delegate() {
    return store;
  }

  /** Bits of a stored block's body flip; nobody knows until it is read. */
  public synchronized void damage(BlockHash hash) {
    damaged.add(hash);
  }

  /** What is damaged, found or not. */
  public synchronized Set<BlockHash> damaged() {
    return Set.copyOf(damaged);
  }

  @Override
  public synchronized Optional<Block> block(BlockHash hash) {
    if (damaged.contains(hash)) {
      found.add(hash);
      throw new DamagedBlockException(hash, new IOException("bits of " + hash + " have flipped"));
    }
    return super.block(hash);
  }

  @Override
  public synchronized List<BlockHash> damagedBlocks() {
    return List.copyOf(found);
  }

  @Override
  public synchronized void apply(StoreChange change) {
    super.apply(change);
    for (Block sound : change.restored()) {
      damaged.remove(sound.hash());
      found.remove(sound.hash());
    }
  }
}
