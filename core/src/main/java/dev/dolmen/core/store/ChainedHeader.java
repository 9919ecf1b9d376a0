package dev.dolmen.core.store;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.consensus.Work;

/**
 * A header in its place in the tree: with the work of its whole branch, genesis and itself
 * included. Its block is valid and stored.
 *
 * @param header the header
 * @param seal what came beside the header, {@link Seal#NONE} where work alone seals a block
 * @param totalWork accumulated work from genesis to this header
 */
public record ChainedHeader(BlockHeader header, Seal seal, Work totalWork) {

  /** The block's hash. */
  public BlockHash hash() {
    return header.hash();
  }

  /** Distance from genesis. */
  public long height() {
    return header.height();
  }
}
