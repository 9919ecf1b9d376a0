package dev.dolmen.node.follow;

import dev.dolmen.core.block.Block;

/**
 * Is told every block of the best chain, in order, on a thread of its own, each once it is on disk.
 *
 * <p>A lambda is told each block that joins. On a reorganisation it is told the new branch's blocks
 * next, so their heights come again; whoever keeps what the blocks say also overrides {@link
 * #disconnected}, which is told first.
 *
 * <p>What a listener throws ends its following: it is logged, and completes {@link Following#ended}
 * exceptionally. The node goes on.
 */
@FunctionalInterface
public interface BlockListener {

  /** This block has joined the best chain, right above the one told last. */
  void connected(Block block) throws Exception;

  /**
   * This block, which is the one told last and not undone since, has left the best chain. The one
   * below it is now the last.
   */
  default void disconnected(Block block) throws Exception {}
}
