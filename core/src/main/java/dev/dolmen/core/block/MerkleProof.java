package dev.dolmen.core.block;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.Hash256;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
   * Two neighbours and the node above them.
   *
   * @param siblingIsLeft whether the one that the path gave is the left one
   * @param hash of the node above
   */
  public record Junction(Hash256 left, Hash256 right, boolean siblingIsLeft, Hash256 hash) {}

  /**
   * The nodes on the way from the leaf upwards, each with the two below it, the last one the root;
   * none where the leaf is the root. Empty if the path's length is not what index and leaf count
   * ask for.
   */
  public Optional<List<Junction>> climb(Hash256 leafHash) {
    List<Junction> way = new ArrayList<>(path.size());
    Hash256 hash = leafHash;
    int place = index;
    for (int last = leafCount - 1; last > 0; last /= 2) {
      boolean siblingIsLeft = place % 2 == 1;
      if (siblingIsLeft || place < last) {
        if (way.size() == path.size()) {
          return Optional.empty();
        }
        Hash256 sibling = path.get(way.size());
        Hash256 left = siblingIsLeft ? sibling : hash;
        Hash256 right = siblingIsLeft ? hash : sibling;
        hash = MerkleTree.nodeHash(left, right);
        way.add(new Junction(left, right, siblingIsLeft, hash));
      }
      place /= 2;
    }
    return way.size() == path.size() ? Optional.of(way) : Optional.empty();
  }

  /**
   * Whether this path, of exactly the length that index and leaf count ask for, leads from the leaf
   * to the root.
   */
  public boolean leadsTo(Hash256 root, Hash256 leafHash) {
    return climb(leafHash)
        .filter(way -> (way.isEmpty() ? leafHash : way.get(way.size() - 1).hash()).equals(root))
        .isPresent();
  }
}
