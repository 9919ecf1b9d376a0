package dev.dolmen.it.sockets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.Dolmen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The main job: real nodes on real sockets keep one chain. */
class OneChainTest {

  static Stream<Arguments> shapes() {
    IntFunction<Network> line = Network::line;
    IntFunction<Network> ring = Network::ring;
    IntFunction<Network> star = Network::star;
    return Stream.of(
        Arguments.of("line", 2, line),
        Arguments.of("line", 3, line),
        Arguments.of("line", 10, line),
        Arguments.of("ring", 3, ring),
        Arguments.of("ring", 10, ring),
        Arguments.of("star", 3, star),
        Arguments.of("star", 10, star));
  }

  @ParameterizedTest(name = "{1} nodes in a {0}")
  @MethodSource("shapes")
  void entriesOfAnyNodeReachAllNodesOnce(String shape, int count, IntFunction<Network> build) {
    try (Network network = build.apply(count)) {
      List<TransactionId> entries = new ArrayList<>();
      for (Dolmen node : network.nodes()) {
        entries.add(node.submit(("by " + node.name()).getBytes(UTF_8)));
      }
      network.awaitIncludedEverywhere(entries);
      network.awaitTip(Network.makeBlock(network.node(0)).hash());
      assertEachOnce(network, entries);
    }
  }

  @Test
  void aLateJoinerCatchesUpWithFiveThousandBlocks() {
    try (Network network = Network.of(1)) {
      Dolmen first = network.node(0);
      for (int i = 0; i < 5_000; i++) {
        Network.makeBlock(first);
      }
      Dolmen late = network.add(NetworkParameters.dev());
      Network.connect(late, first);

      network.awaitTip(Network.tip(first));
      assertEquals(5_000, late.view().tip().height());
      assertEquals(
          first.runner().reader().hashesFrom(0, 5_001),
          late.runner().reader().hashesFrom(0, 5_001));
    }
  }

  @Test
  void theLongerOfTwoSidesWinsAndTheLosersEntriesAreInItAgainOnce() {
    try (Network network = Network.of(4)) {
      network.connect(1, 0);
      network.connect(3, 2);
      List<TransactionId> entries = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        entries.add(network.node(0).submit(("short " + i).getBytes(UTF_8)));
      }
      for (int i = 0; i < 200; i++) {
        entries.add(network.node(2).submit(("long " + i).getBytes(UTF_8)));
      }
      Network.awaitTip(network.node(1), Network.tip(network.node(0)));
      Network.awaitTip(network.node(3), Network.tip(network.node(2)));
      BlockHash winner = Network.tip(network.node(3));
      assertNotEquals(winner, Network.tip(network.node(1)));

      network.connect(1, 2);
      network.awaitIncludedEverywhere(entries);
      network.awaitTip(Network.makeBlock(network.node(0)).hash());
      assertEquals(
          winner, network.node(0).runner().reader().hashAt(200).orElseThrow(), "the longer side");
      assertEachOnce(network, entries);
    }
  }

  @Test
  void twoNodesThatTakeAnEntryAtTheSameInstantEndOnOneTipWithBoth() {
    try (Network network = Network.line(2)) {
      Network.awaitPeers(network.node(0), 1);
      Network.awaitPeers(network.node(1), 1);
      List<TransactionId> entries =
          new ArrayList<>(
              network.nodes().parallelStream()
                  .map(node -> node.submit(("at once, by " + node.name()).getBytes(UTF_8)))
                  .toList());
      network.awaitIncludedEverywhere(entries);
      if (!network.isOnOneTip()) {
        // Where both made their second block at once, too, the next entry decides.
        entries.add(network.node(0).submit("the next one".getBytes(UTF_8)));
        network.awaitIncludedEverywhere(entries);
      }
      network.awaitOneTip();
      assertEachOnce(network, entries);
    }
  }

  @Test
  void aPeerOfAnotherNetworkIsRefusedAndNobodyIsDisturbed() {
    try (Network network = Network.line(2)) {
      NetworkParameters other =
          NetworkParameters.dev().toBuilder().interval(Duration.ofSeconds(2)).build();
      Dolmen stranger = network.add(other);
      Network.connect(stranger, network.node(0));

      await()
          .atMost(Network.PATIENCE)
          .until(
              () ->
                  stranger.peers().dials().stream()
                      .anyMatch(dial -> dial.lastFailure().contains("network")));
      assertEquals(List.of(), stranger.peers().peers());
      Block block = Network.makeBlock(network.node(0));
      Network.awaitTip(network.node(1), block.hash());
      assertEquals(0, stranger.view().tip().height());
    }
  }

  @Test
  void aLostLinkIsMadeAgainAndWhatWasMissedIsFetched() {
    try (Network network = Network.line(2)) {
      Network.awaitPeers(network.node(0), 1);
      network
          .node(0)
          .peers()
          .disconnect(
              network.node(1).id(),
              new DisconnectReason(DisconnectReason.Code.GOODBYE, "for a test"));
      Block missed = Network.makeBlock(network.node(0));

      Network.awaitTip(network.node(1), missed.hash());
    }
  }

  private static void assertEachOnce(Network network, List<TransactionId> entries) {
    for (Dolmen node : network.nodes()) {
      BlockReader reader = node.runner().reader();
      List<TransactionId> inChain =
          reader.hashesFrom(0, Integer.MAX_VALUE).stream()
              .flatMap(hash -> reader.block(hash).orElseThrow().transactions().stream())
              .map(transaction -> transaction.id())
              .toList();
      assertEquals(entries.size(), inChain.size(), node.name() + " has each once");
      assertTrue(inChain.containsAll(entries));
    }
  }
}
