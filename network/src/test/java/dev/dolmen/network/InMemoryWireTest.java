package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.network.netty.Conditions;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.NewTransactions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The faults a simulation can have, as two peers see them. */
class InMemoryWireTest {

  private static final int PORT = 8555;
  private static final Envelope QUESTION =
      Envelope.newBuilder()
          .setRequestId(1)
          .setLatestBlock(LatestBlock.getDefaultInstance())
          .build();

  private final InMemoryWire wire = new InMemoryWire(Instant.parse("2026-01-01T00:00:00Z"));
  private final TestPeer alice = new TestPeer(1);
  private final TestPeer bob = new TestPeer(2);
  private InMemoryTransport aliceHost;
  private InMemoryTransport bobHost;
  private PeerNetwork a;
  private PeerNetwork b;

  @BeforeEach
  void aliceDialsBob() throws IOException {
    wire.latency(Duration.ofMillis(10));
    aliceHost = wire.host("alice", alice.id());
    bobHost = wire.host("bob", bob.id());
    a = new PeerNetwork(aliceHost, alice.options().wallClock(wire.wallClock()).build());
    b = start(bobHost, bob);
    a.connect(PeerAddress.of("bob", PORT));
    wire.advance(Duration.ofSeconds(1));
  }

  private PeerNetwork start(InMemoryTransport host, TestPeer peer) throws IOException {
    PeerNetwork network = new PeerNetwork(host, peer.options().wallClock(wire.wallClock()).build());
    network.listen(HostAndPort.fromParts(host.host(), PORT));
    return network;
  }

  @Test
  void aOneWayCutHoldsBackOneDirectionOnly() {
    wire.cutOneWay("alice", "bob");
    a.send(bob.id(), QUESTION);
    b.send(alice.id(), QUESTION);
    wire.advance(Duration.ofSeconds(1));
    assertThat(received(bob)).isEmpty();
    assertThat(received(alice)).hasSize(1);

    wire.heal("alice", "bob");
    wire.advance(Duration.ofSeconds(1));
    assertThat(received(bob)).hasSize(1);
  }

  @Test
  void aCloggedPathLetsEverythingThroughInTheEnd() {
    wire.clog("alice", "bob", Duration.ofSeconds(3));
    a.send(bob.id(), QUESTION);
    wire.advance(Duration.ofMillis(2_999));
    assertThat(received(bob)).isEmpty();
    wire.advance(Duration.ofMillis(2));
    assertThat(received(bob)).hasSize(1);
  }

  @Test
  void bandwidthDelaysWhatIsLarge() {
    wire.conditions(Conditions.latency(Duration.ofMillis(10)).withBandwidth(100_000));
    a.send(bob.id(), large(200_000));
    wire.advance(Duration.ofMillis(1_900));
    assertThat(received(bob)).isEmpty();
    wire.advance(Duration.ofMillis(200));
    assertThat(received(bob)).hasSize(1);
  }

  @Test
  void aPeerWhoseHostStandsStillIsGivenUpBecauseItReadsNothing() {
    bobHost.pause();
    a.send(bob.id(), large(1_000_000));
    wire.advance(Duration.ofSeconds(19));
    assertThat(a.peers()).hasSize(1);
    wire.advance(Duration.ofSeconds(2));
    assertThat(gone(alice).get(0).reason().code()).isEqualTo(DisconnectReason.Code.TIMEOUT);
  }

  @Test
  void aHostThatGoesOnDealsWithAllThatArrived() {
    bobHost.pause();
    a.send(bob.id(), QUESTION);
    wire.advance(Duration.ofSeconds(5));
    assertThat(received(bob)).isEmpty();
    bobHost.goOn();
    wire.advance(Duration.ofMillis(1));
    assertThat(received(bob)).hasSize(1);
  }

  @Test
  void aKilledProcessIsMissedAtOnce() {
    aliceHost.kill();
    wire.advance(Duration.ofSeconds(1));
    assertThat(gone(bob).get(0).reason().code()).isEqualTo(DisconnectReason.Code.CLOSED);
  }

  @Test
  void aHostWithoutPowerIsMissedAfterTheSilence() {
    bobHost.losePower();
    wire.advance(Duration.ofSeconds(85));
    assertThat(gone(alice)).isEmpty();
    wire.advance(Duration.ofSeconds(10));
    assertThat(gone(alice).get(0).reason().code()).isEqualTo(DisconnectReason.Code.TIMEOUT);
  }

  @Test
  void aHostThatIsBackKnowsNothingOfItsOldConnections() throws IOException {
    bobHost.losePower();
    wire.advance(Duration.ofSeconds(1));
    start(wire.host("bob", bob.id()), bob);
    a.send(bob.id(), QUESTION);
    wire.advance(Duration.ofSeconds(1));
    assertThat(gone(alice).get(0).reason().code()).isEqualTo(DisconnectReason.Code.CLOSED);
    wire.advance(Duration.ofSeconds(5));
    assertThat(a.peers()).hasSize(1);
  }

  @Test
  void aResetBreaksTheConnectionAtBothEnds() {
    wire.reset("alice", "bob");
    wire.advance(Duration.ofMillis(100));
    assertThat(gone(alice)).hasSize(1);
    assertThat(gone(bob)).hasSize(1);
    wire.advance(Duration.ofSeconds(5));
    assertThat(a.peers()).hasSize(1);
  }

  @Test
  void whatIsLostAndSentAgainStillComesInOrder() throws IOException {
    InMemoryWire lossy =
        new InMemoryWire(Instant.EPOCH, new SplittableRandom(7), (host, bytes) -> {});
    lossy.conditions(
        Conditions.latency(Duration.ZERO, Duration.ofMillis(100))
            .withStalls(0.3, Duration.ofSeconds(1)));
    TestPeer carol = new TestPeer(3);
    TestPeer dave = new TestPeer(4);
    PeerNetwork c = new PeerNetwork(lossy.host("carol", carol.id()), carol.options().build());
    PeerNetwork d = new PeerNetwork(lossy.host("dave", dave.id()), dave.options().build());
    d.listen(HostAndPort.fromParts("dave", PORT));
    c.connect(PeerAddress.of("dave", PORT));
    lossy.advance(Duration.ofSeconds(10));
    List<Long> sent = new ArrayList<>();
    for (long i = 1; i < Limits.MAX_UNCONSUMED_MESSAGES; i++) {
      sent.add(i);
      c.send(dave.id(), QUESTION.toBuilder().setRequestId(i).build());
      lossy.advance(Duration.ofMillis(5));
    }
    lossy.advance(Duration.ofSeconds(20));
    assertThat(received(dave)).extracting(Envelope::getRequestId).containsExactlyElementsOf(sent);
  }

  @Test
  void aClosedNetworkLeavesNoTimerAndNoConnection() {
    a.close();
    wire.advance(Duration.ofSeconds(10));
    assertThat(aliceHost.isIdle()).isTrue();
    assertThat(aliceHost.connections()).isZero();
    b.close();
    wire.advance(Duration.ofSeconds(10));
    assertThat(bobHost.isIdle()).isTrue();
    assertThat(bobHost.connections()).isZero();
  }

  private static Envelope large(int bytes) {
    return Envelope.newBuilder()
        .setRequestId(1)
        .setNewTransactions(
            NewTransactions.newBuilder().addIds(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  /** What came but pings. */
  private static List<Envelope> received(TestPeer peer) {
    return peer.events(PeerEvent.Received.class).stream()
        .map(PeerEvent.Received::envelope)
        .filter(envelope -> !envelope.hasPing() && !envelope.hasPong())
        .toList();
  }

  private static List<PeerEvent.Gone> gone(TestPeer peer) {
    return peer.events(PeerEvent.Gone.class);
  }
}
