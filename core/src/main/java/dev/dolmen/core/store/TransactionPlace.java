package dev.dolmen.core.store;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;

/**
 * Where a transaction stands on the best chain.
 *
 * @param id the transaction
 * @param height height of its block
 * @param block hash of its block
 * @param index its place in the block, counted from 0
 */
public record TransactionPlace(TransactionId id, long height, BlockHash block, int index) {}
