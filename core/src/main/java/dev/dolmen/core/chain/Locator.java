package dev.dolmen.core.chain;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHash;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Hashes from our best chain, newest first: the last ten, then each gap doubled, ending at genesis.
 * A peer finds our common ancestor in one round trip. Rule: {@code docs/protocol.md#locator}
 *
 * @param hashes at least genesis, at most {@value #MAX_HASHES}
 */
public record Locator(List<BlockHash> hashes) {

  /** Ten, one for each doubling up to the largest height, and genesis. */
  public static final int MAX_HASHES = 10 + 63 + 1;

  private static final int CLOSE_TOGETHER = 10;

  public Locator {
    hashes = List.copyOf(hashes);
    checkArgument(
        !hashes.isEmpty() && hashes.size() <= MAX_HASHES,
        "a locator has 1 to %s hashes, not %s",
        MAX_HASHES,
        hashes.size());
  }

  /**
   * The locator of a chain.
   *
   * @param tipHeight height of its tip
   * @param hashAt its hash at a height
   */
  static Locator of(long tipHeight, LongFunction<BlockHash> hashAt) {
    List<BlockHash> hashes = new ArrayList<>();
    long gap = 1;
    long height = tipHeight;
    while (height > 0) {
      hashes.add(hashAt.apply(height));
      if (hashes.size() >= CLOSE_TOGETHER) {
        gap *= 2;
      }
      height -= gap;
    }
    hashes.add(hashAt.apply(0));
    return new Locator(hashes);
  }
}
