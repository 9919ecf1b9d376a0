package dev.dolmen.core.block;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.Hash256;
import java.util.List;

/**
 * The audit path of RFC 9162, section 2.1.3, for one leaf.
 *
 * @param index the leaf's place, counted from 0
 * @param leafCount how many leaves the tree has
 * @param path the siblings' hashes, from the leaf upwards
 */
public record MerkleProof(int index, int leafCount, List<Hash256> path) {
  /**
   * A path for that leaf; where it leads is asked of {@link #leadsTo}.
   *
   * @throws IllegalArgumentException unless 0 ≤ index &lt; leafCount
   */
  public MerkleProof {
    checkArgument(
        index >= 0 && index < leafCount, "a tree of %s leaves has no leaf %s", leafCount, index);
    path = List.copyOf(path);
  }

  /**
   * Whether this path, of exactly the length that index and leaf count ask for, leads from the leaf
   * to the root.
   */
  public boolean leadsTo(Hash256 root, Hash256 leafHash) {
    Hash256 hash = leafHash;
    int used = 0;
    int place = index;
    for (int last = leafCount - 1; last > 0; last /= 2) {
      boolean hasSibling = place % 2 == 1 || place < last;
      if (hasSibling) {
        if (used == path.size()) {
          return false;
        }
        Hash256 sibling = path.get(used++);
        hash =
            place % 2 == 1
                ? MerkleTree.nodeHash(sibling, hash)
                : MerkleTree.nodeHash(hash, sibling);
      }
      place /= 2;
    }
    return used == path.size() && hash.equals(root);
  }
}
