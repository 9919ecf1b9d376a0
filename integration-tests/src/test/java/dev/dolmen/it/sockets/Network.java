package dev.dolmen.it.sockets;

import static org.awaitility.Awaitility.await;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import dev.dolmen.node.TransactionStatus;
import dev.dolmen.node.action.TransactionState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Nodes that are closed together at the end of a test. */
final class Network implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<Dolmen> nodes = new ArrayList<>();

  /** Starts so many nodes, not connected. */
  static Network of(int count) {
    Network network = new Network();
    for (int i = 0; i < count; i++) {
      network.add(NetworkParameters.dev());
    }
    return network;
  }

  /** Each connected to the one before it. */
  static Network line(int count) {
    Network network = of(count);
    for (int i = 1; i < count; i++) {
      network.connect(i, i - 1);
    }
    return network;
  }

  /** A line whose ends are connected too. */
  static Network ring(int count) {
    Network network = line(count);
    network.connect(0, count - 1);
    return network;
  }

  /** All connected to the first. */
  static Network star(int count) {
    Network network = of(count);
    for (int i = 1; i < count; i++) {
      network.connect(i, 0);
    }
    return network;
  }

  Dolmen add(NetworkParameters parameters) {
    try {
      Dolmen node =
          Dolmen.builder()
              .network(parameters)
              .name("node-" + nodes.size())
              .discovery(false)
              .start();
      nodes.add(node);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Dolmen node(int index) {
    return nodes.get(index);
  }

  List<Dolmen> nodes() {
    return List.copyOf(nodes);
  }

  void connect(int from, int to) {
    connect(nodes.get(from), nodes.get(to));
  }

  static void connect(Dolmen from, Dolmen to) {
    from.peers().connect(PeerAddress.parse(to.listenAddress().toString()));
  }

  static Block makeBlock(Dolmen node) {
    return node.runner().ask(Node::makeBlock).join().orElseThrow();
  }

  static Optional<TransactionStatus> transaction(Dolmen node, TransactionId id) {
    return node.runner().look(n -> n.transaction(id)).join();
  }

  static boolean isIncluded(Dolmen node, TransactionId id) {
    return transaction(node, id)
        .map(TransactionStatus::state)
        .filter(TransactionState.INCLUDED::equals)
        .isPresent();
  }

  static BlockHash tip(Dolmen node) {
    return node.view().tip().hash();
  }

  static void awaitPeers(Dolmen node, int count) {
    await().atMost(PATIENCE).until(() -> node.peers().peers().size() == count);
  }

  static void awaitTip(Dolmen node, BlockHash tip) {
    await().atMost(PATIENCE).until(() -> tip(node).equals(tip));
  }

  void awaitOneTip() {
    await().atMost(PATIENCE).until(this::isOnOneTip);
  }

  boolean isOnOneTip() {
    return nodes.stream().map(Network::tip).distinct().count() == 1;
  }

  void awaitTip(BlockHash tip) {
    await().atMost(PATIENCE).until(() -> nodes.stream().map(Network::tip).allMatch(tip::equals));
  }

  void awaitIncludedEverywhere(List<TransactionId> entries) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                nodes.stream()
                    .allMatch(node -> entries.stream().allMatch(id -> isIncluded(node, id))));
  }

  @Override
  public void close() {
    nodes.forEach(Dolmen::close);
  }
}
