package dev.dolmen.core.proof;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Hash256;
import java.util.List;

/**
 * What a proof file says, apart from the headers that it stands on. Nothing of it is checked yet,
 * except that it can be written down.
 *
 * @param network hash of the network's parameters
 * @param transaction the entry
 * @param height of the block that is said to hold it
 * @param index its place in that block, counted from 0
 * @param path hashes from its leaf to the block's Merkle root, at most {@value #MAX_PATH}
 * @param tip the last of the headers
 */
public record Claim(
    Hash256 network,
    Transaction transaction,
    long height,
    int index,
    List<Hash256> path,
    ChainPoint tip) {

  /** A tree of 2^31 - 1 leaves, more than any block has, is so many levels high. */
  public static final int MAX_PATH = 31;

  /**
   * A claim that has an encoding.
   *
   * @throws IllegalArgumentException if height or index are negative, or the path is too long
   */
  public Claim {
    checkArgument(height >= 0, "height counts from genesis at 0, so %s is impossible", height);
    checkArgument(index >= 0, "places in a block count from 0, so %s is impossible", index);
    path = List.copyOf(path);
    checkArgument(
        path.size() <= MAX_PATH, "a path has at most %s hashes, not %s", MAX_PATH, path.size());
  }
}
