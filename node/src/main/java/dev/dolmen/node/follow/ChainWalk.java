package dev.dolmen.node.follow;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import java.util.Optional;

/**
 * Decides which block a follower is told next: while the one told last is off the best chain, that
 * one is undone; then the best chain's next one is told.
 */
final class ChainWalk {

  /** Blocks below were never told, so they are not undone. */
  private final Optional<StartingPoint> floor;

  private StartingPoint position;

  /**
   * What to tell.
   *
   * @param block the block
   * @param undone whether it has left the best chain, instead of having joined it
   * @param after where the walk is once this has been told
   */
  record Step(Block block, boolean undone, StartingPoint after) {}

  ChainWalk(StartingPoint start) {
    this.floor = start.last().isEmpty() ? Optional.of(start) : Optional.empty();
    this.position = start;
  }

  /**
   * The next step; empty at the tip.
   *
   * @throws PositionLostException if the block told last is unknown
   */
  Optional<Step> next(ChainLook look) {
    long height = position.nextHeight();
    if (position.last().isPresent()) {
      BlockHash last = position.last().get();
      if (!look.isOnBestChain(height - 1, last)) {
        Block gone =
            look.reader()
                .block(last)
                .filter(block -> block.height() == height - 1)
                .orElseThrow(() -> new PositionLostException(height - 1, last));
        return Optional.of(new Step(gone, true, below(gone)));
      }
    }
    return look.blockAt(height)
        .map(block -> new Step(block, false, StartingPoint.after(height, block.hash())));
  }

  private StartingPoint below(Block gone) {
    return floor
        .filter(start -> gone.height() <= start.nextHeight())
        .orElseGet(() -> StartingPoint.after(gone.height() - 1, gone.header().previousHash()));
  }

  /** The step has been told. */
  void took(Step step) {
    position = step.after();
  }

  /** From where a new walk would go on. */
  StartingPoint position() {
    return position;
  }
}
