package dev.dolmen.core.proof;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import java.util.Optional;

/**
 * A block by its height and its hash. Somebody's checkpoint is one: a block that they trust to be
 * in the chain.
 *
 * @param height distance from genesis, which is 0
 */
public record ChainPoint(long height, BlockHash hash) {
  private static final int MOST_DIGITS = 19;

  /**
   * Any place that a chain may have.
   *
   * @throws IllegalArgumentException if the height is negative
   */
  public ChainPoint {
    checkArgument(height >= 0, "height counts from genesis at 0, so %s is impossible", height);
  }

  static ChainPoint of(BlockHeader header) {
    return new ChainPoint(header.height(), header.hash());
  }

  /**
   * Reads {@code HEIGHT:HASH}, as {@link #toString} writes it: decimal digits, a colon and 64
   * lower-case hex digits; empty for anything else.
   */
  public static Optional<ChainPoint> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1
        || colon > MOST_DIGITS
        || text.chars().limit(colon).anyMatch(c -> c < '0' || c > '9')) {
      return Optional.empty();
    }
    try {
      long height = Long.parseLong(text.substring(0, colon));
      return BlockHash.parseHex(text.substring(colon + 1))
          .map(hash -> new ChainPoint(height, hash));
    } catch (NumberFormatException beyondLong) {
      return Optional.empty();
    }
  }

  /** {@code HEIGHT:HASH}. */
  @Override
  public String toString() {
    return height + ":" + hash;
  }
}
