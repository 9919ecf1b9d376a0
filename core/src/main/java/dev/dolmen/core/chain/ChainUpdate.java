package dev.dolmen.core.chain;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.ChainedHeader;
import java.util.List;

/**
 * What one added block changed on the best chain: nothing (it went to a side branch), one block
 * more, or a reorganisation of any depth, as one step. It names blocks by hash, so that a deep
 * reorganisation does not hold them all in memory; {@link Chain#block} has them.
 *
 * @param before the tip before
 * @param after the tip now
 * @param disconnected blocks that left the best chain, newest first
 * @param connected blocks that entered it, oldest first; the last one is the new tip
 */
public record ChainUpdate(
    ChainedHeader before,
    ChainedHeader after,
    List<BlockHash> disconnected,
    List<BlockHash> connected) {

  public ChainUpdate {
    disconnected = List.copyOf(disconnected);
    connected = List.copyOf(connected);
  }

  /** Whether there is a new tip. */
  public boolean movedTip() {
    return !connected.isEmpty();
  }

  /** Whether blocks left the best chain. */
  public boolean isReorganisation() {
    return !disconnected.isEmpty();
  }
}
