package dev.dolmen.core.block;

import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The binary hash tree of RFC 6962. Leaves and nodes are hashed with different prefixes, and a node
 * without a sibling rises unchanged, so no two lists share a root.
 *
 * <p>Rule: docs/protocol.md#merkle-tree
 */
public final class MerkleTree {
  /** The root of no leaves at all: SHA-256 of nothing. */
  public static final Hash256 EMPTY_ROOT = Sha256.hash(new byte[0]);

  private static final byte LEAF_PREFIX = 0;
  private static final byte NODE_PREFIX = 1;

  private MerkleTree() {}

  public static Hash256 leafHash(byte[] leafData) {
    byte[] prefixed = new byte[1 + leafData.length];
    prefixed[0] = LEAF_PREFIX;
    System.arraycopy(leafData, 0, prefixed, 1, leafData.length);
    return Sha256.hash(prefixed);
  }

  public static Hash256 nodeHash(Hash256 left, Hash256 right) {
    byte[] prefixed = new byte[1 + 2 * Hash256.BYTES];
    prefixed[0] = NODE_PREFIX;
    left.copyTo(prefixed, 1);
    right.copyTo(prefixed, 1 + Hash256.BYTES);
    return Sha256.hash(prefixed);
  }

  public static Hash256 root(List<Hash256> leafHashes) {
    if (leafHashes.isEmpty()) {
      return EMPTY_ROOT;
    }
    Hash256[] level = leafHashes.toArray(new Hash256[0]);
    for (int size = level.length; size > 1; size = (size + 1) / 2) {
      raiseOneLevel(level, size);
    }
    return level[0];
  }

  /**
   * What someone who knows only the root needs, besides the leaf, to see that it is in the tree.
   *
   * @throws IndexOutOfBoundsException if there is no such leaf
   */
  public static MerkleProof proof(List<Hash256> leafHashes, int index) {
    Objects.checkIndex(index, leafHashes.size());
    Hash256[] level = leafHashes.toArray(new Hash256[0]);
    List<Hash256> path = new ArrayList<>();
    int place = index;
    for (int size = level.length; size > 1; size = (size + 1) / 2) {
      int sibling = place ^ 1;
      if (sibling < size) {
        path.add(level[sibling]);
      }
      raiseOneLevel(level, size);
      place /= 2;
    }
    return new MerkleProof(index, leafHashes.size(), path);
  }

  /**
   * Replaces the first {@code size} nodes by their parents; a last one without a sibling becomes
   * its own parent.
   */
  private static void raiseOneLevel(Hash256[] level, int size) {
    for (int i = 0; i < size; i += 2) {
      level[i / 2] = i + 1 < size ? nodeHash(level[i], level[i + 1]) : level[i];
    }
  }
}
