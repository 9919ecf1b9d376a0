package dev.dolmen.node.devnet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.node.devnet.Topology.Pair;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopologyTest {

  @Test
  void fewNodesAreAllLinkedToOneAnother() {
    assertThat(Topology.links(2)).containsExactly(new Pair(0, 1));
    assertThat(Topology.links(8)).hasSize(8 * 7 / 2).doesNotHaveDuplicates();
  }

  @Test
  void moreNodesHaveARingAndSomeLinksAcross() {
    List<Pair> links = Topology.links(9);

    assertThat(links).contains(new Pair(0, 8), new Pair(0, 4)).hasSize(9 + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 9, 10, 49, 50})
  void everyNodeIsReachedAndDialsOnlyEarlierOnes(int count) {
    List<Pair> links = Topology.links(count);
    Set<Integer> reached = new TreeSet<>(Set.of(0));
    Deque<Integer> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      int node = next.remove();
      for (Pair link : links) {
        int other = link.from() == node ? link.to() : link.to() == node ? link.from() : node;
        if (reached.add(other)) {
          next.add(other);
        }
      }
    }

    assertThat(reached).hasSize(count);
    assertThat(links).doesNotHaveDuplicates().allMatch(link -> link.from() < link.to());
  }

  @Test
  void everyNodeHasANameOfItsOwn() {
    assertThat(Topology.NAMES)
        .hasSizeGreaterThanOrEqualTo(Devnet.MAX_NODES)
        .doesNotHaveDuplicates();
  }
}
