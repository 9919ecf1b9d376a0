package dev.dolmen.it.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes on real sockets that are told one address and find the others. */
class DiscoveryTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NODES = 10;

  private final List<Dolmen> nodes = new ArrayList<>();

  @AfterEach
  void closeAll() {
    nodes.forEach(Dolmen::close);
  }

  @Test
  void tenNodesThatKnowOneAddressFindOneAnother() throws IOException {
    nodes.add(Dolmen.builder().name("first").start());
    String first = nodes.get(0).listenAddress().toString();
    for (int i = 1; i < NODES; i++) {
      nodes.add(Dolmen.builder().name("node-" + i).connect(first).start());
    }

    for (Dolmen node : nodes) {
      await().atMost(PATIENCE).until(() -> node.peers().peers().size() >= 4);
    }
  }

  @Test
  void aNodeFindsItsPeersAgainAfterARestartWithoutBeingToldOfAny(@TempDir Path directory)
      throws IOException {
    Dolmen alice = Dolmen.builder().name("alice").start();
    nodes.add(alice);
    try (Dolmen bob =
        Dolmen.builder()
            .name("bob")
            .dataDirectory(directory)
            .connect(alice.listenAddress().toString())
            .start()) {
      await().atMost(PATIENCE).until(() -> !bob.peers().peers().isEmpty());
    }

    assertThat(directory.resolve("addresses"))
        .content()
        .contains("anchor " + alice.listenAddress())
        .contains("tried " + alice.listenAddress());
    try (Dolmen bob = Dolmen.builder().name("bob").dataDirectory(directory).start()) {
      await().atMost(PATIENCE).until(() -> !bob.peers().peers().isEmpty());
    }
  }
}
