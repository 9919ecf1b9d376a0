package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.AllowList;
import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.Departure;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a node treats those whom it does not know, by address: hosts here have IP addresses. */
class StrangersInVirtualTimeTest {

  private static final int PORT = 8555;
  private static final String NODE = "198.51.100.1";
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
  private static final DisconnectReason BROKE_A_RULE =
      new DisconnectReason(Code.VIOLATION, "a header without work");

  private final InMemoryWire wire = new InMemoryWire(EPOCH);
  private final TestPeer node = new TestPeer(1);
  private final TestPeer stranger = new TestPeer(2);

  @Test
  void whoBreaksARuleIsGoneAndDoesNotComeBackFromThatAddress() throws IOException {
    PeerNetwork network = start(NODE, node);
    PeerNetwork other = dial("203.0.113.7", stranger);
    assertThat(network.peers()).hasSize(1);

    network.disconnect(stranger.id(), BROKE_A_RULE);
    wire.advance(Duration.ofMinutes(5));
    assertThat(network.peers()).isEmpty();
    assertThat(network.departures()).extracting(Departure::reason).containsExactly(BROKE_A_RULE);

    other.close();
    wire.advance(Duration.ofSeconds(5));

    dial("203.0.113.7", new TestPeer(3));
    assertThat(network.peers()).as("another key, the same address").isEmpty();
    dial("203.0.113.8", stranger);
    assertThat(network.peers()).as("another address, the same key").isEmpty();
    dial("203.0.113.9", new TestPeer(4));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void whomTheOperatorNamedIsNeverDiscouraged() throws IOException {
    PeerNetwork network = start(NODE, node);
    start("203.0.113.7", stranger);
    network.connect(PeerAddress.of("203.0.113.7", PORT));
    wire.advance(Duration.ofSeconds(5));
    network.disconnect(stranger.id(), BROKE_A_RULE);
    wire.advance(Duration.ofSeconds(50));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void aPeerOfThisMachineIsNeverDiscouraged() throws IOException {
    PeerNetwork network = start(NODE, node);
    dial("127.0.0.1", stranger);
    network.disconnect(stranger.id(), BROKE_A_RULE);
    wire.advance(Duration.ofSeconds(30));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void whatTheOtherSideSaysOfUsDiscouragesNobody() throws IOException {
    PeerNetwork network = start(NODE, node);
    PeerNetwork other = dial("203.0.113.7", stranger);
    other.disconnect(node.id(), BROKE_A_RULE);
    wire.advance(Duration.ofMinutes(1));
    assertThat(network.departures().get(0).reason().code()).isEqualTo(Code.VIOLATION);
    assertThat(network.peers()).as("it came back").hasSize(1);
  }

  @Test
  void whoIsOfNoUseRestsForTwoMinutes() throws IOException {
    PeerNetwork network = start(NODE, node);
    dial("203.0.113.7", stranger);
    network.disconnect(stranger.id(), new DisconnectReason(Code.USELESS, "5 time-outs"));
    wire.advance(Duration.ofSeconds(119));
    assertThat(network.peers()).isEmpty();
    wire.advance(Duration.ofSeconds(45));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void aNamedPeerThatIsOfNoUseIsDialledAgainAfterTwoMinutes() throws IOException {
    PeerNetwork network = start(NODE, node);
    start("203.0.113.7", stranger);
    network.connect(PeerAddress.of("203.0.113.7", PORT));
    wire.advance(Duration.ofSeconds(5));
    network.disconnect(stranger.id(), new DisconnectReason(Code.USELESS, "5 time-outs"));
    wire.advance(Duration.ofSeconds(119));
    assertThat(network.peers()).isEmpty();
    wire.advance(Duration.ofSeconds(2));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void aBannedAddressIsThrownOutAndNeitherHeardNorDialledUntilTheBanEnds() throws IOException {
    PeerNetwork network = start(NODE, node);
    dial("203.0.113.7", stranger);
    start("203.0.113.8", new TestPeer(3));
    network.connect(PeerAddress.of("203.0.113.8", PORT));
    wire.advance(Duration.ofSeconds(5));
    assertThat(network.peers()).hasSize(2);

    Instant end = EPOCH.plusSeconds(600);
    network.ban(bans(end, "203.0.113.7", "203.0.113.8"));
    wire.advance(Duration.ofSeconds(590));
    assertThat(network.peers()).isEmpty();
    wire.advance(Duration.ofSeconds(150));
    assertThat(network.peers()).hasSize(2);
  }

  @Test
  void aBannedKeyIsRefusedWhereverItComesFrom() throws IOException {
    PeerNetwork network = start(NODE, node);
    network.ban(bans(EPOCH.plusSeconds(600), stranger.id().toString()));
    PeerNetwork other = start("203.0.113.7", stranger);
    other.connect(PeerAddress.of(NODE, PORT));
    wire.advance(Duration.ofMillis(200));
    assertThat(network.peers()).isEmpty();
    assertThat(other.dials().get(0).lastFailure())
        .contains("NOT_ALLOWED", "the operator of this node does not want this peer");
    network.ban(Bans.NONE);
    wire.advance(Duration.ofSeconds(60));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void aClosedNetworkLetsInWhoIsListedAndTellsOthersWhy() throws IOException {
    PeerNetwork network = start(NODE, node);
    network.allow(AllowList.of(List.of(stranger.id())));
    dial("203.0.113.7", stranger);
    PeerNetwork other = start("203.0.113.8", new TestPeer(3));
    other.connect(PeerAddress.of(NODE, PORT));
    wire.advance(Duration.ofMillis(200));
    assertThat(network.peers()).extracting(PeerInfo::id).containsExactly(stranger.id());
    assertThat(other.peers()).isEmpty();
    assertThat(other.dials().get(0).lastFailure())
        .contains("NOT_ALLOWED", "this node's network is closed, and this peer is not on its list");
  }

  @Test
  void whoIsTakenOffTheListGoesAndWhoIsPutOnItMayCome() throws IOException {
    TestPeer late = new TestPeer(3);
    PeerNetwork network = start(NODE, node);
    dial("203.0.113.7", stranger);
    dial("203.0.113.8", late);
    network.allow(AllowList.of(List.of(stranger.id(), late.id())));
    wire.advance(Duration.ofSeconds(1));
    assertThat(network.peers()).as("nobody who is listed has to go").hasSize(2);

    network.allow(AllowList.of(List.of(stranger.id())));
    wire.advance(Duration.ofSeconds(100));
    assertThat(network.peers()).extracting(PeerInfo::id).containsExactly(stranger.id());
    assertThat(network.departures().get(0).reason().code()).isEqualTo(Code.NOT_ALLOWED);

    network.allow(AllowList.of(List.of(stranger.id(), late.id())));
    wire.advance(Duration.ofSeconds(45));
    assertThat(network.peers()).hasSize(2);
  }

  @Test
  void anAddressPinnedToWhomTheListLeavesOutIsNotDialledUntilItIsListed() throws IOException {
    PeerNetwork network = start(NODE, node);
    PeerNetwork other = start("203.0.113.7", stranger);
    network.allow(AllowList.of(List.of()));
    network.connect(PeerAddress.parse(stranger.id() + "@203.0.113.7:" + PORT));
    wire.advance(Duration.ofSeconds(30));
    assertThat(other.departures()).isEmpty();
    assertThat(network.dials().get(0).lastFailure())
        .contains("not on this node's list of allowed peers");

    network.allow(AllowList.of(List.of(stranger.id())));
    wire.advance(Duration.ofSeconds(1));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void theSameAddressMayComeAgainAfterThirtySeconds() throws IOException {
    PeerNetwork network = start(NODE, node);
    dial("203.0.113.7", stranger);
    network.disconnect(stranger.id(), new DisconnectReason(Code.GOODBYE, "for a test"));
    wire.advance(Duration.ofSeconds(20));
    assertThat(network.peers()).isEmpty();
    wire.advance(Duration.ofSeconds(25));
    assertThat(network.peers()).hasSize(1);
  }

  @Test
  void whenAllPlacesAreTakenANewcomerTakesThatOfTheLeastUseful() throws IOException {
    PeerNetwork network =
        start(NODE, node, node.options().places(43, 8).wallClock(wire.wallClock()));
    List<TestPeer> strangers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      strangers.add(new TestPeer(10 + i));
      dial("20." + i + ".0.1", strangers.get(i));
    }
    assertThat(network.peers()).hasSize(35);
    assertThat(network.peers())
        .extracting(PeerInfo::id)
        .contains(strangers.get(39).id(), strangers.get(0).id());
    assertThat(network.departures()).extracting(d -> d.reason().code()).containsOnly(Code.FULL);

    PeerNetwork bob = start("30.0.0.1", new TestPeer(90));
    network.connect(PeerAddress.of("30.0.0.1", PORT));
    wire.advance(Duration.ofSeconds(2));
    assertThat(bob.peers()).as("a dialled peer has a place of its own").hasSize(1);
  }

  private static Bans bans(Instant until, String... subjects) {
    Bans bans = Bans.NONE;
    for (String subject : subjects) {
      bans =
          bans.with(
              new Bans.Ban(Bans.Subject.parse(subject), EPOCH, Optional.of(until), ""), EPOCH);
    }
    return bans;
  }

  private PeerNetwork dial(String from, TestPeer peer) throws IOException {
    PeerNetwork network = start(from, peer);
    network.connect(PeerAddress.of(NODE, PORT));
    wire.advance(Duration.ofSeconds(2));
    return network;
  }

  private PeerNetwork start(String host, TestPeer peer) throws IOException {
    return start(host, peer, peer.options().wallClock(wire.wallClock()));
  }

  private PeerNetwork start(String host, TestPeer peer, PeerNetworkOptions.Builder options)
      throws IOException {
    PeerNetwork network = new PeerNetwork(wire.host(host, peer.id()), options.build());
    network.listen(HostAndPort.fromParts(host, PORT));
    return network;
  }
}
