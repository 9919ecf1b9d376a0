package dev.dolmen.node.devnet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.LinkCondition;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On real sockets. */
final class DevnetTest {

  private static final Duration SLOW = Duration.ofMillis(150);

  private Devnet devnet;

  @BeforeEach
  void start() throws IOException {
    devnet = Devnet.builder().nodes(4).start();
  }

  @AfterEach
  void close() {
    devnet.close();
  }

  @Test
  void nodesHaveTheirLinksOnceStarted() {
    assertThat(devnet.nodes())
        .extracting(DevnetNode::name)
        .containsExactly("alice", "bob", "carol", "dave");
    assertThat(devnet.links())
        .hasSize(6)
        .allMatch(link -> link.up() && link.linked() && link.delay().isZero());
  }

  @Test
  void aCutLinkIsClosedNotDialledAndRefusedUntilItIsHealed() {
    devnet.cut("bob", "alice");

    patiently().until(() -> !linked("alice", "bob") && peersOf("alice") == 2);
    assertThat(running("bob").peers().dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CUT);

    devnet.heal("alice", "bob");
    patiently().until(() -> linked("alice", "bob"));
    assertThat(running("bob").peers().dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CONNECTED);
  }

  @Test
  void twoSidesGrowApartAndBecomeOneAgainAndNoEntryIsLost() {
    devnet.partition(List.of(List.of("alice", "bob"), List.of("carol", "dave")));
    patiently().until(() -> devnet.nodes().stream().allMatch(node -> peersOf(node.name()) == 1));
    TransactionId here = running("alice").submit("here".getBytes(UTF_8));
    running("carol").submit("there".getBytes(UTF_8));
    running("carol").submit("there again".getBytes(UTF_8));
    patiently().until(() -> heightOf("bob") == 1 && heightOf("dave") == 2);
    assertThat(tips()).hasSize(2);

    devnet.healAll();

    patiently().until(() -> tips().size() == 1 && heightOf("alice") == 3);
    patiently().until(() -> devnet.node("dave").chain().locate(here).isPresent());
  }

  @Test
  void aSlowedLinkTakesTwiceTheDelayForARoundTripAndBringsEverything() {
    devnet.delay("alice", "bob", SLOW);
    patiently().until(() -> roundTrip("alice", "bob").compareTo(SLOW.multipliedBy(2)) >= 0);
    devnet.partition(List.of(List.of("alice", "bob")));

    for (int i = 0; i < 20; i++) {
      running("alice").submit(("entry " + i).getBytes(UTF_8));
    }
    patiently().until(() -> heightOf("bob") == 20);
    assertThat(devnet.link("alice", "bob").orElseThrow().delay()).isEqualTo(SLOW);
  }

  @Test
  void aStoppedNodeKeepsItsKeysAndChainAndCatchesUpOnceStarted() throws IOException {
    running("carol").submit("before".getBytes(UTF_8));
    patiently().until(() -> tips().size() == 1 && heightOf("alice") == 1);
    DevnetNode carol = devnet.node("carol");
    PeerId id = carol.id();
    int port = carol.listenAddress().getPort();

    devnet.stop("carol");
    devnet.stop("carol");
    assertThat(carol.running()).isEmpty();
    assertThat(carol.tip().height()).isEqualTo(1);
    running("alice").submit("meanwhile".getBytes(UTF_8));

    devnet.start("carol");
    devnet.start("carol");
    assertThat(running("carol").id()).isEqualTo(id);
    assertThat(carol.listenAddress().getPort()).isEqualTo(port);
    patiently().until(() -> peersOf("carol") == 3 && heightOf("carol") == 2);
  }

  @Test
  void whatIsDoneToALinkOutlivesAStop() throws IOException {
    devnet.cut("alice", "bob");
    devnet.stop("bob");
    devnet.start("bob");

    patiently().until(() -> peersOf("bob") == 2);
    assertThat(linked("alice", "bob")).isFalse();
    assertThat(running("bob").peers().dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CUT);
  }

  @Test
  void aNodeWhosePortWasTakenStaysStopped() throws IOException {
    devnet.stop("dave");
    int port = devnet.node("dave").listenAddress().getPort();
    try (ServerSocket squatter = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> devnet.start("dave"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("port in use");
      assertThat(squatter.isBound()).isTrue();
    }
    assertThat(devnet.node("dave").running()).isEmpty();

    devnet.start("dave");
    assertThat(devnet.node("dave").running()).isPresent();
  }

  @Test
  void namesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> devnet.cut("alice", "zoe"))
        .hasMessage("there is no node 'zoe'; there are alice, bob, carol, dave");
    assertThatThrownBy(() -> devnet.cut("alice", "alice"))
        .hasMessageContaining("no link between alice and alice");
    assertThatThrownBy(() -> devnet.partition(List.of(List.of("alice"), List.of("alice"))))
        .hasMessage("'alice' is in two groups");
    assertThatThrownBy(() -> devnet.delay("alice", "bob", LinkCondition.MAX_DELAY.plusMillis(1)))
        .hasMessage("a delay of 10001 ms is not between 0 and 10000 ms");
    devnet.delay("alice", "bob", LinkCondition.MAX_DELAY);
  }

  @Test
  void endsWithAllItsNodes() {
    List<Dolmen> running =
        devnet.nodes().stream().map(node -> node.running().orElseThrow()).toList();
    devnet.close();
    devnet.close();
    assertThat(running).allMatch(node -> node.ended().isDone());
    assertThat(devnet.ended()).isCompleted();
    assertThatThrownBy(() -> devnet.start("alice")).hasMessage("this devnet is closed");
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  private Dolmen running(String name) {
    return devnet.node(name).running().orElseThrow();
  }

  private int peersOf(String name) {
    return running(name).peers().peers().size();
  }

  private long heightOf(String name) {
    return running(name).view().tip().height();
  }

  private boolean linked(String a, String b) {
    return devnet.link(a, b).orElseThrow().linked();
  }

  private Duration roundTrip(String from, String to) {
    return running(from).peers().peers().stream()
        .filter(peer -> peer.id().equals(devnet.node(to).id()))
        .findFirst()
        .flatMap(PeerInfo::roundTrip)
        .orElse(Duration.ZERO);
  }

  private Map<BlockHash, List<String>> tips() {
    return devnet.nodes().stream()
        .collect(
            Collectors.groupingBy(
                node -> node.tip().hash(),
                () -> new TreeMap<>(Comparator.comparing(BlockHash::toHex)),
                Collectors.mapping(DevnetNode::name, Collectors.toList())));
  }
}
