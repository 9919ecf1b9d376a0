package dev.dolmen.node.follow;

import dev.dolmen.core.block.BlockHash;

/**
 * A follower was told of a block that is off the best chain and that the node no longer has, or
 * never had: so the way back to the best chain cannot be told. What was derived from the blocks so
 * far has to be made anew, from {@link StartingPoint#fromHeight}.
 */
public final class PositionLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PositionLostException(long height, BlockHash hash) {
    super(
        "block "
            + hash
            + " at height "
            + height
            + " is neither on the best chain nor kept on a side branch; if the node is still"
            + " catching up, wait for it, else begin anew with fromHeight");
  }
}
