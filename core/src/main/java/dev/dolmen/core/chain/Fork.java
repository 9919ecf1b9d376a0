package dev.dolmen.core.chain;

import dev.dolmen.core.block.BlockHash;

/**
 * A branch that is stored off the best chain.
 *
 * @param tip its last block
 * @param base the block of the best chain that it stands on
 * @param length how many blocks it has, those counted that it shares with other branches
 */
public record Fork(BlockHash tip, BlockHash base, int length) {}
