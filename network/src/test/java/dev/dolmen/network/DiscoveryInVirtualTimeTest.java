package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.AllowList;
import dev.dolmen.network.peers.Departure;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.Discovery;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whole networks of which each node is told one address. */
class DiscoveryInVirtualTimeTest {

  private static final int PORT = 8555;
  private static final int NODES = 50;

  private final InMemoryWire wire = new InMemoryWire(Instant.parse("2026-01-01T00:00:00Z"));
  private final List<PeerNetwork> networks = new ArrayList<>();
  private final List<TestPeer> peers = new ArrayList<>();

  @Test
  void fiftyNodesThatKnowOneAddressFindOneAnother() throws IOException {
    wire.latency(Duration.ofMillis(20));
    for (int i = 0; i < NODES; i++) {
      join(20 + i + ".0.0.1", i, Optional.empty());
      if (i > 0) {
        networks.get(i).connect(PeerAddress.of("20.0.0.1", PORT));
      }
      wire.advance(Duration.ofSeconds(1));
    }
    wire.advance(Duration.ofMinutes(10));

    for (PeerNetwork network : networks) {
      assertThat(network.peers().stream().filter(PeerInfo::outbound).count())
          .as("links that it dialled")
          .isLessThanOrEqualTo(8);
      assertThat(network.peers().stream().map(PeerInfo::id).distinct().count())
          .as("peers")
          .isGreaterThanOrEqualTo(6);
    }
    assertThat(reachableWithout(0)).as("all hang together without the first").isEqualTo(NODES - 1);
  }

  /** How many hang together when the links of one node are taken away. */
  private int reachableWithout(int left) {
    List<PeerId> reached = new ArrayList<>();
    reached.add(peers.get(left == 0 ? 1 : 0).id());
    for (int i = 0; i < reached.size(); i++) {
      for (int node = 0; node < networks.size(); node++) {
        if (peers.get(node).id().equals(reached.get(i))) {
          for (PeerInfo peer : networks.get(node).peers()) {
            if (!peer.id().equals(peers.get(left).id()) && !reached.contains(peer.id())) {
              reached.add(peer.id());
            }
          }
        }
      }
    }
    return reached.size();
  }

  @Test
  void nodesOfOneMachineFindOneAnotherByTheirPorts() throws IOException {
    for (int i = 0; i < 3; i++) {
      networks.add(
          new PeerNetwork(
              wire.host("127.0.0." + (i + 1), new TestPeer(i + 1).id()),
              options(new TestPeer(i + 1), Optional.empty(), new ArrayList<>())));
      networks.get(i).listen(HostAndPort.fromParts("127.0.0." + (i + 1), PORT + i));
    }
    networks.get(1).connect(PeerAddress.of("127.0.0.1", PORT));
    wire.advance(Duration.ofSeconds(1));
    networks.get(2).connect(PeerAddress.of("127.0.0.2", PORT + 1));
    wire.advance(Duration.ofSeconds(30));
    for (PeerNetwork network : networks) {
      assertThat(network.peers()).hasSize(2);
    }
  }

  @Test
  void aNodeComesBackToItsPeersAfterARestartWithoutBeingToldOfAny() throws IOException {
    List<Discovery.Saved> kept = new ArrayList<>();
    join("20.0.0.1", 0, Optional.empty());
    join("21.0.0.1", 1, Optional.empty());
    PeerNetwork first =
        new PeerNetwork(
            wire.host("22.0.0.1", new TestPeer(3).id()),
            options(new TestPeer(3), Optional.empty(), kept));
    first.listen(HostAndPort.fromParts("22.0.0.1", PORT));
    first.connect(PeerAddress.of("20.0.0.1", PORT));
    wire.advance(Duration.ofSeconds(20));
    first.close();
    wire.advance(Duration.ofMinutes(1));

    Discovery.Saved last = kept.get(kept.size() - 1);
    assertThat(last.anchors()).isNotEmpty();
    PeerNetwork second =
        new PeerNetwork(
            wire.host("22.0.0.1", new TestPeer(3).id()),
            options(new TestPeer(3), Optional.of(Discovery.Saved.parse(last.toText())), kept));
    second.listen(HostAndPort.fromParts("22.0.0.1", PORT));
    second.connect(PeerAddress.of("99.0.0.1", PORT));
    wire.advance(Duration.ofSeconds(5));
    assertThat(second.peers()).isNotEmpty();
  }

  @Test
  void peersThatWereFoundAreReplacedExceptTheLastFour() throws IOException {
    for (int i = 0; i < 12; i++) {
      join(20 + i + ".0.0.1", i, Optional.empty());
      if (i > 0) {
        networks.get(i).connect(PeerAddress.of("20.0.0.1", PORT));
      }
    }
    wire.advance(Duration.ofMinutes(10));
    PeerNetwork node = networks.get(11);
    PeerId named = peers.get(0).id();
    List<PeerId> found = foundBy(node, named);
    assertThat(found).hasSizeGreaterThan(PeerNetwork.LEAST_FOUND);

    DisconnectReason why = new DisconnectReason(DisconnectReason.Code.USELESS, "behind");
    node.replace(named, why);
    node.replace(found.get(0), why);
    wire.advance(Duration.ofMillis(10));
    assertThat(node.departures()).extracting(Departure::id).containsExactly(found.get(0));
    wire.advance(Duration.ofMinutes(1));
    assertThat(foundBy(node, named)).as("another took its place").hasSameSizeAs(found);

    List<PeerId> all = foundBy(node, named);
    all.forEach(each -> node.replace(each, why));
    wire.advance(Duration.ofMillis(10));
    List<PeerId> stayed = new ArrayList<>(foundBy(node, named));
    stayed.retainAll(all);
    assertThat(stayed).hasSize(PeerNetwork.LEAST_FOUND);
  }

  private static List<PeerId> foundBy(PeerNetwork node, PeerId named) {
    return node.peers().stream()
        .filter(PeerInfo::outbound)
        .map(PeerInfo::id)
        .filter(id -> !id.equals(named))
        .toList();
  }

  @Test
  void aNodeThatDoesNotDiscoverTellsNobody() throws IOException {
    TestPeer quiet = new TestPeer(1);
    PeerNetwork network =
        new PeerNetwork(wire.host("20.0.0.1", quiet.id()), quiet.options().build());
    network.listen(HostAndPort.fromParts("20.0.0.1", PORT));
    join("21.0.0.1", 1, Optional.empty());
    join("22.0.0.1", 2, Optional.empty());
    networks.forEach(each -> each.connect(PeerAddress.of("20.0.0.1", PORT)));
    wire.advance(Duration.ofMinutes(5));
    assertThat(network.peers()).hasSize(2);
    networks.forEach(each -> assertThat(each.peers()).hasSize(1));
  }

  @Test
  void aClosedNetworkDoesNotFindStrangersUntilTheyAreListed() throws IOException {
    join("20.0.0.1", 0, Optional.empty());
    join("21.0.0.1", 1, Optional.empty());
    join("22.0.0.1", 2, Optional.empty());
    networks.get(0).connect(PeerAddress.of("21.0.0.1", PORT));
    wire.advance(Duration.ofSeconds(30));
    networks.get(2).allow(AllowList.of(List.of(peers.get(0).id())));
    networks.get(2).connect(PeerAddress.of("20.0.0.1", PORT));
    wire.advance(Duration.ofMinutes(30));
    assertThat(networks.get(2).peers()).extracting(PeerInfo::id).containsExactly(peers.get(0).id());

    networks.get(2).allow(AllowList.of(List.of(peers.get(0).id(), peers.get(1).id())));
    wire.advance(Duration.ofMinutes(5));
    assertThat(networks.get(2).peers()).hasSize(2);
  }

  private void join(String ip, int number, Optional<Discovery.Saved> kept) throws IOException {
    TestPeer peer = new TestPeer(number + 10);
    PeerNetwork network =
        new PeerNetwork(wire.host(ip, peer.id()), options(peer, kept, new ArrayList<>()));
    network.listen(HostAndPort.fromParts(ip, PORT));
    networks.add(network);
    peers.add(peer);
  }

  private PeerNetworkOptions options(
      TestPeer peer, Optional<Discovery.Saved> known, List<Discovery.Saved> keep) {
    return PeerNetworkOptions.builder(
            peer.id(),
            TestPeer.GENESIS,
            () -> new LocalTip(5, ByteString.copyFrom(new byte[] {12}), TestPeer.TIP_HASH),
            TestPeer.MAX_FRAME_BYTES,
            new SplittableRandom(peer.id().key().byteAt(0)),
            peer.events::add)
        .discovery(new PeerNetworkOptions.Finding(known, keep::add))
        .wallClock(wire.wallClock())
        .build();
  }
}
