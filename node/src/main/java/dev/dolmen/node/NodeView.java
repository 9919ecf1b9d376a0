package dev.dolmen.node;

import dev.dolmen.core.store.ChainedHeader;
import java.util.Optional;

/**
 * How things stood when the store was last synced; immutable, for readers of any thread.
 *
 * @param tip the best chain's last block
 * @param mempoolTransactions how many wait for a block
 * @param mempoolBytes their canonical bytes
 * @param syncing whether blocks are being caught up with
 * @param waitingFor what the node waits for, in words; empty if for nothing but the next block
 */
public record NodeView(
    ChainedHeader tip,
    int mempoolTransactions,
    long mempoolBytes,
    boolean syncing,
    Optional<String> waitingFor) {}
