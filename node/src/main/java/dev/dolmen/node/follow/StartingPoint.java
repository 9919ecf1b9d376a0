package dev.dolmen.node.follow;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHash;
import java.util.Optional;

/**
 * Where in the chain a follower begins or goes on.
 *
 * @param nextHeight height of the block that is told next, if nothing has to be undone
 * @param last the block below it, which was told last; empty if none was
 */
public record StartingPoint(long nextHeight, Optional<BlockHash> last) {
  public StartingPoint {
    checkArgument(nextHeight >= 0, "heights count from 0, so %s is impossible", nextHeight);
    checkArgument(nextHeight > 0 || last.isEmpty(), "no block is below genesis");
  }

  /**
   * The best chain from a height on, 0 for all of it, genesis included. Beyond the tip the follower
   * waits until the chain has grown so far.
   */
  public static StartingPoint fromHeight(long height) {
    return new StartingPoint(height, Optional.empty());
  }

  /**
   * What came after a block that was handled before, perhaps by an earlier run of the program. If
   * that block has left the best chain meanwhile, it is undone first, and those below it down to
   * the fork.
   */
  public static StartingPoint after(long height, BlockHash hash) {
    checkArgument(height >= 0, "heights count from 0, so %s is impossible", height);
    return new StartingPoint(Math.addExact(height, 1), Optional.of(hash));
  }
}
