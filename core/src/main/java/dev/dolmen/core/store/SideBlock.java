package dev.dolmen.core.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;

/**
 * A stored block that is not on the best chain.
 *
 * @param hash the block
 * @param size how many canonical bytes it has
 */
public record SideBlock(BlockHash hash, int size) {
  static SideBlock of(Block block) {
    return new SideBlock(block.hash(), block.size());
  }
}
