package dev.dolmen.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.cli.Devnet.Link;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DevnetTest {

  @Test
  void fewNodesAreAllLinkedToOneAnother() {
    assertThat(Devnet.links(2)).containsExactly(new Link(0, 1));
    assertThat(Devnet.links(8)).hasSize(8 * 7 / 2).doesNotHaveDuplicates();
  }

  @Test
  void moreNodesHaveARingAndSomeLinksAcross() {
    List<Link> links = Devnet.links(9);

    assertThat(links).contains(new Link(0, 8), new Link(0, 4)).hasSize(9 + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 9, 10, 49, 50})
  void everyNodeIsReachedAndDialsOnlyEarlierOnes(int count) {
    List<Link> links = Devnet.links(count);
    Set<Integer> reached = new TreeSet<>(Set.of(0));
    Deque<Integer> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      int node = next.remove();
      for (Link link : links) {
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
  void nodesHaveTheirLinksOnceStarted() throws Exception {
    try (Devnet devnet = Devnet.start(4, HostAndPort.fromString("127.0.0.1:0"))) {
      assertThat(devnet.nodes())
          .extracting(Dolmen::name)
          .startsWith("alice", "bob", "carol", "dave");
      assertThat(devnet.nodes()).allMatch(node -> node.peers().peers().size() == 3);
    }
  }
}
