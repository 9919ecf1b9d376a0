package dev.dolmen.core.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
  private static final int LARGEST = 70;

  @Test
  void rootIsTheRecursionThatTheStandardDefines() {
    for (int count = 0; count <= LARGEST; count++) {
      assertThat(MerkleTree.root(leaves(count))).isEqualTo(rootByDefinition(leaves(count)));
    }
  }

  /** RFC 6962, section 2.1: split at the largest power of two below the number of leaves. */
  private static Hash256 rootByDefinition(List<Hash256> leaves) {
    if (leaves.isEmpty()) {
      return Sha256.hash(new byte[0]);
    }
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int split = Integer.highestOneBit(leaves.size() - 1);
    return MerkleTree.nodeHash(
        rootByDefinition(leaves.subList(0, split)),
        rootByDefinition(leaves.subList(split, leaves.size())));
  }

  @Test
  void everyLeafOfEverySmallTreeCanBeProved() {
    for (int count = 1; count <= LARGEST; count++) {
      List<Hash256> leaves = leaves(count);
      Hash256 root = MerkleTree.root(leaves);
      for (int index = 0; index < count; index++) {
        assertThat(MerkleTree.proof(leaves, index).leadsTo(root, leaves.get(index))).isTrue();
      }
    }
  }

  @Test
  void proofOfOneLeafIsNoProofOfAnother() {
    List<Hash256> leaves = leaves(11);
    Hash256 root = MerkleTree.root(leaves);
    for (int index = 0; index < 11; index++) {
      MerkleProof proof = MerkleTree.proof(leaves, index);
      for (int other = 0; other < 11; other++) {
        assertThat(proof.leadsTo(root, leaves.get(other))).isEqualTo(other == index);
      }
    }
  }

  @Test
  void anyOtherIndexOrLengthOrHashFails() {
    List<Hash256> leaves = leaves(11);
    Hash256 root = MerkleTree.root(leaves);
    for (int index = 0; index < 11; index++) {
      Hash256 leaf = leaves.get(index);
      List<Hash256> path = MerkleTree.proof(leaves, index).path();
      for (int other = 0; other < 11; other++) {
        assertThat(new MerkleProof(other, 11, path).leadsTo(root, leaf)).isEqualTo(other == index);
      }
      for (int place = 0; place < path.size(); place++) {
        List<Hash256> changed = new ArrayList<>(path);
        changed.set(place, leaf);
        assertThat(new MerkleProof(index, 11, changed).leadsTo(root, leaf)).isFalse();
      }
      List<Hash256> longer = new ArrayList<>(path);
      longer.add(leaf);
      assertThat(new MerkleProof(index, 11, longer).leadsTo(root, leaf)).isFalse();
      List<Hash256> shorter = path.subList(0, path.size() - 1);
      assertThat(new MerkleProof(index, 11, shorter).leadsTo(root, leaf)).isFalse();
      assertThat(new MerkleProof(index, 11, path).leadsTo(leaf, leaf)).isFalse();
    }
  }

  @Test
  void treeOfTheLargestCountNeedsThirtyOneSteps() {
    Hash256 leaf = leaves(1).get(0);
    List<Hash256> path = new ArrayList<>();
    Hash256 root = leaf;
    for (int i = 0; i < 31; i++) {
      path.add(leaf);
      root = MerkleTree.nodeHash(root, leaf);
    }

    assertThat(new MerkleProof(0, Integer.MAX_VALUE, path).leadsTo(root, leaf)).isTrue();
    assertThat(new MerkleProof(0, 1 << 30, path).leadsTo(root, leaf)).isFalse();
  }

  @Test
  void leavesAndNodesCannotBeTakenForEachOther() {
    byte[] twoHashes = new byte[64];

    assertThat(MerkleTree.leafHash(twoHashes))
        .isNotEqualTo(MerkleTree.nodeHash(Hash256.ZERO, Hash256.ZERO));
    assertThat(MerkleTree.root(leaves(3)))
        .as("an odd leaf is not copied")
        .isNotEqualTo(
            MerkleTree.root(
                List.of(leaves(3).get(0), leaves(3).get(1), leaves(3).get(2), leaves(3).get(2))));
  }

  @Test
  void aLeafThatIsNotThereCannotBeAskedAbout() {
    assertThatThrownBy(() -> MerkleTree.proof(leaves(3), 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new MerkleProof(3, 3, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MerkleProof(-1, 3, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MerkleProof(0, 0, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Hash256> leaves(int count) {
    List<Hash256> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(MerkleTree.leafHash(new byte[] {(byte) i}));
    }
    return leaves;
  }
}
