package dev.dolmen.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DolmenTest {

  @Test
  void keepsAnEntryAndSharesItWithAPeer() throws IOException {
    try (Dolmen alice = Dolmen.builder().name("alice").start();
        Dolmen bob =
            Dolmen.builder().name("bob").connect(alice.listenAddress().toString()).start()) {
      TransactionId id = alice.submit("shipment A1 sent".getBytes(UTF_8));

      await().until(() -> bob.view().tip().height() == 1);
      TransactionStatus status =
          bob.runner().look(node -> node.transaction(id)).join().orElseThrow();
      assertEquals(TransactionState.INCLUDED, status.state());
      assertEquals(
          "shipment A1 sent", new String(status.transaction().payload().toByteArray(), UTF_8));
      assertEquals(
          alice.id().toString(), status.transaction().author().toHex(), "signed by its own key");
    }
  }

  @Test
  void goesOnWhenAListenerOfItsEventsFails() throws IOException {
    List<NodeEvent> heard = new CopyOnWriteArrayList<>();
    try (Dolmen node = Dolmen.builder().start()) {
      node.events()
          .subscribe(
              event -> {
                throw new IllegalStateException("a listener's own bug");
              });
      node.events().subscribe(heard::add);

      node.submit("one".getBytes(UTF_8));
      node.submit("two".getBytes(UTF_8));

      assertEquals(2, node.view().tip().height());
      await().until(() -> heard.stream().filter(e -> e instanceof NodeEvent.TipMoved).count() == 2);
    }
  }

  @Test
  void isTheSamePeerOnTheSameChainWhenOpenedAgain(@TempDir Path directory) throws IOException {
    PeerId id;
    NodeView before;
    try (Dolmen node = Dolmen.builder().dataDirectory(directory).start()) {
      id = node.id();
      node.submit("kept".getBytes(UTF_8));
      before = node.view();
    }
    try (Dolmen again = Dolmen.builder().dataDirectory(directory).start()) {
      assertEquals(id, again.id());
      assertEquals(before.tip(), again.view().tip());
      assertEquals(1, again.view().tip().height());
    }
  }

  @Test
  void leavesNoThreadAndNoPortBehind(@TempDir Path directory) throws IOException {
    Dolmen node = Dolmen.builder().name("leaver").dataDirectory(directory).start();
    node.submit("x".getBytes(UTF_8));
    HostAndPort address = node.listenAddress();
    node.close();
    node.close();

    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.contains("leaver") || name.startsWith("dolmen-peers")));
    new ServerSocket(address.getPort()).close();
    assertTrue(node.ended().isDone());
    assertThat(assertThrows(CompletionException.class, () -> node.runner().look(Node::view).join()))
        .hasCauseInstanceOf(NodeUnavailableException.class)
        .hasMessageContaining("stopping");
    assertThatThrownBy(() -> node.submit("y".getBytes(UTF_8)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void saysWhatToDoIfThePortIsTakenAndLetsGoOfTheData(@TempDir Path directory) throws IOException {
    try (Dolmen first = Dolmen.builder().start()) {
      Dolmen.Builder second =
          Dolmen.builder().dataDirectory(directory).listen(first.listenAddress());

      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("port in use")
          .hasMessageContaining("--listen");
      Dolmen.builder().dataDirectory(directory).start().close();
    }
  }

  @Test
  void refusesADataDirectoryThatIsInUse(@TempDir Path directory) throws IOException {
    try (Dolmen first = Dolmen.builder().dataDirectory(directory).start()) {
      first.submit("x".getBytes(UTF_8));

      assertThatThrownBy(() -> Dolmen.builder().dataDirectory(directory).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
      assertEquals(1, first.view().tip().height());
    }
  }

  @Test
  void tellsEventsInOrderAfterTheyAreTrue() throws IOException {
    try (Dolmen node = Dolmen.builder().start()) {
      List<String> told = new CopyOnWriteArrayList<>();
      EventFeed.Subscription subscription =
          node.events()
              .subscribe(
                  event -> {
                    if (event instanceof NodeEvent.TipMoved moved) {
                      told.add("tip " + moved.update().after().height());
                      assertEquals(moved.update().after(), node.view().tip());
                    } else if (event instanceof NodeEvent.TransactionChanged changed) {
                      told.add(changed.state().label());
                    }
                  });
      node.submit("x".getBytes(UTF_8));
      subscription.close();
      node.submit("y".getBytes(UTF_8));

      assertEquals(List.of("pending", "included", "tip 1"), told);
    }
  }

  @Test
  void refusesAPayloadThatIsTooLarge() throws IOException {
    try (Dolmen node = Dolmen.builder().start()) {
      node.submit(new byte[100_000]);

      assertThatThrownBy(() -> node.submit(new byte[100_001]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("100000");
    }
  }
}
