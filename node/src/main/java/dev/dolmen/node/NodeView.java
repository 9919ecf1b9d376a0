package dev.dolmen.node;

import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.sync.Conversation.CatchingUp;
import java.util.Optional;

/**
 * How things stood when the store was last synced; immutable, for readers of any thread.
 *
 * @param tip the best chain's last block
 * @param mempoolTransactions how many wait for a block
 * @param mempoolBytes their canonical bytes
 * @param catchingUp how catching up goes; empty if there is nothing to catch up with
 * @param waitingFor what the node waits for, in words; empty if for nothing but the next block
 * @param diskIsFull whether nothing can be stored at the moment
 */
public record NodeView(
    ChainedHeader tip,
    int mempoolTransactions,
    long mempoolBytes,
    Optional<CatchingUp> catchingUp,
    Optional<String> waitingFor,
    boolean diskIsFull) {

  /** Whether blocks are being caught up with. */
  public boolean syncing() {
    return catchingUp.isPresent();
  }

  /** Height of the furthest header that is known to stand on a branch as heavy as ours. */
  public long headerHeight() {
    return Math.max(tip.height(), catchingUp.map(CatchingUp::toHeight).orElse(0L));
  }
}
