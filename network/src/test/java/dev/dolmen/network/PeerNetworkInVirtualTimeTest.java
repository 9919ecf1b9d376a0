package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.LinkCondition;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.protocol.Blocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Response;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeerNetworkInVirtualTimeTest {

  private static final int PORT = 8555;
  private static final PeerAddress TO_ALICE = PeerAddress.of("alice", PORT);
  private static final PeerAddress TO_BOB = PeerAddress.of("bob", PORT);
  private static final LinkCondition CUT = LinkCondition.NORMAL.withUp(false);
  private static final Envelope QUESTION =
      Envelope.newBuilder()
          .setRequestId(1)
          .setLatestBlock(LatestBlock.getDefaultInstance())
          .build();
  private static final Envelope ANSWER =
      Envelope.newBuilder()
          .setRequestId(1)
          .setResponse(Response.newBuilder().setBlocks(Blocks.getDefaultInstance()))
          .build();

  private final InMemoryWire wire = new InMemoryWire(Instant.parse("2026-01-01T00:00:00Z"));
  private final TestPeer alice = new TestPeer(1);
  private final TestPeer bob = new TestPeer(2);

  @Test
  void twoPeersMeetAndExchangeEnvelopes() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    wire.latency(Duration.ofMillis(20));

    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    a.send(bob.id(), QUESTION);
    wire.advance(Duration.ofSeconds(1));

    assertThat(a.peers()).extracting(PeerInfo::id).containsExactly(bob.id());
    assertThat(b.peers()).extracting(PeerInfo::outbound).containsExactly(false);
    assertThat(bob.events(PeerEvent.Ready.class).get(0).hello().getListeningPort()).isEqualTo(PORT);
    assertThat(bob.events(PeerEvent.Received.class))
        .extracting(PeerEvent.Received::envelope)
        .containsExactly(QUESTION);
    assertThat(alice.events(PeerEvent.Drained.class)).isEmpty();
  }

  @Test
  void tellsThatAnAnswerHasLeftAndOfNothingElseThatLeaves() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofMinutes(2));
    assertThat(alice.events(PeerEvent.Drained.class)).as("pings and pongs").isEmpty();

    a.send(bob.id(), ANSWER);
    a.send(bob.id(), QUESTION);
    wire.advance(Duration.ofSeconds(1));

    assertThat(alice.events(PeerEvent.Drained.class)).hasSize(1);
  }

  @Test
  void readingStopsAlsoForManyTinyMessagesAndGoesOnWhenTheyAreDealtWith() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));

    for (int i = 0; i < 20_000; i++) {
      a.send(bob.id(), QUESTION);
      if (i % 100 == 0) {
        wire.advance(Duration.ofMillis(1));
      }
    }
    wire.advance(Duration.ofSeconds(1));
    int most = Limits.MAX_UNCONSUMED_MESSAGES;
    assertThat(bob.events(PeerEvent.Received.class)).hasSize(most);

    bob.events(PeerEvent.Received.class).forEach(b::consumed);
    wire.advance(Duration.ofSeconds(1));
    assertThat(bob.events(PeerEvent.Received.class)).hasSizeGreaterThan(most);
  }

  @Test
  void pingsAfterThirtySecondsAndMeasuresTheRoundTrip() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    wire.latency(Duration.ofMillis(25));
    a.connect(TO_BOB);
    assertThat(wire.advanceUntil(() -> !a.peers().isEmpty(), Duration.ofSeconds(5))).isTrue();

    wire.advance(Duration.ofMillis(29_900));
    assertThat(bob.events(PeerEvent.Received.class)).isEmpty();

    wire.advance(Duration.ofMillis(200));
    assertThat(bob.events(PeerEvent.Received.class).get(0).envelope().getPing().getTipHash())
        .isEqualTo(TestPeer.TIP_HASH);
    assertThat(a.peers().get(0).roundTrip()).contains(Duration.ofMillis(50));
  }

  @Test
  void whatWasMeantForOneLinkDoesNotGoOutOnTheNextOneToTheSamePeer() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    a.disconnect(bob.id(), new DisconnectReason(DisconnectReason.Code.GOODBYE, "for now"));
    wire.advance(Duration.ofSeconds(20));
    List<Long> links = alice.events(PeerEvent.Ready.class).stream().map(PeerEvent::link).toList();
    assertThat(links).hasSize(2);

    a.sendOn(links.subList(0, 1), QUESTION);
    a.disconnectOn(
        links.get(0), new DisconnectReason(DisconnectReason.Code.VIOLATION, "on the first"));
    wire.advance(Duration.ofSeconds(1));
    assertThat(bob.events(PeerEvent.Received.class)).isEmpty();
    assertThat(a.peers()).hasSize(1);

    a.sendOn(links, QUESTION);
    wire.advance(Duration.ofSeconds(1));
    assertThat(bob.events(PeerEvent.Received.class)).hasSize(1);
    a.disconnectOn(links.get(1), new DisconnectReason(DisconnectReason.Code.GOODBYE, "at last"));
    wire.advance(Duration.ofSeconds(1));
    assertThat(bob.events(PeerEvent.Gone.class)).hasSize(2);
  }

  @Test
  void aPeerSilentForNinetySecondsIsGivenUpAndDialledAgain() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));

    wire.cut("alice", "bob");
    wire.advance(Duration.ofSeconds(88));
    assertThat(a.peers()).hasSize(1);
    wire.advance(Duration.ofSeconds(32));
    assertThat(a.peers()).isEmpty();
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason().code())
        .isEqualTo(DisconnectReason.Code.TIMEOUT);

    wire.heal("alice", "bob");
    wire.advance(Duration.ofSeconds(30));
    assertThat(a.peers()).hasSize(1);
    assertThat(b.peers()).hasSize(1);
  }

  @Test
  void dialsAgainWithGrowingPausesUntilSomeoneListens() throws IOException {
    PeerNetwork a = start("alice", alice);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(60));
    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.WAITING);
    assertThat(a.dials().get(0).lastFailure()).isEqualTo("nobody listens there");
    assertThat(a.dials().get(0).untilNextTry()).isBetween(Duration.ZERO, Duration.ofSeconds(15));

    start("bob", bob);
    wire.advance(Duration.ofSeconds(15));

    assertThat(a.peers()).hasSize(1);
    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CONNECTED);
  }

  @Test
  void givesUpAnAttemptThatNobodyAnswersAfterFiveSeconds() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    wire.cut("alice", "bob");
    a.connect(TO_BOB);
    wire.advance(Duration.ofMillis(4_999));
    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.DIALLING);
    wire.advance(Duration.ofMillis(1));
    assertThat(a.dials().get(0).lastFailure()).isEqualTo("no answer within 5000 ms");
  }

  @Test
  void simultaneousDialsEndInTheLinkOfTheSmallerId() throws IOException {
    for (int seed = 0; seed < 1_000; seed++) {
      meetFromBothSides(seed);
    }
  }

  /**
   * Both dial, at random moments and latencies; whatever the order, one link stays, and it is the
   * same at both ends.
   */
  private static void meetFromBothSides(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    InMemoryWire wire = new InMemoryWire(Instant.EPOCH);
    TestPeer alice = new TestPeer(random.nextInt(100));
    TestPeer bob = new TestPeer(100 + random.nextInt(27));
    PeerNetwork a = start(wire, "alice", alice);
    PeerNetwork b = start(wire, "bob", bob);
    wire.latency(Duration.ofMillis(random.nextInt(200)));
    a.connect(TO_BOB);
    wire.advance(Duration.ofMillis(random.nextInt(400)));
    wire.latency(Duration.ofMillis(random.nextInt(200)));
    b.connect(TO_ALICE);
    wire.advance(Duration.ofSeconds(30));

    assertThat(a.peers()).as("seed %s", seed).hasSize(1);
    assertThat(b.peers()).as("seed %s", seed).hasSize(1);
    assertThat(a.peers().get(0).outbound())
        .as("seed %s", seed)
        .isNotEqualTo(b.peers().get(0).outbound())
        .isEqualTo(alice.id().compareTo(bob.id()) < 0);
    assertEveryoneLeftOnce(alice, seed);
    assertEveryoneLeftOnce(bob, seed);
    a.close();
    b.close();
  }

  private static void assertEveryoneLeftOnce(TestPeer peer, long seed) {
    long came = peer.events(PeerEvent.Ready.class).stream().map(PeerEvent::link).distinct().count();
    assertThat(peer.events(PeerEvent.Ready.class)).as("seed %s", seed).hasSize((int) came);
    assertThat(peer.events(PeerEvent.Gone.class)).as("seed %s", seed).hasSize((int) came - 1);
  }

  @Test
  void aLinkThatWeDoNotReadAtPresentIsNotTakenForDead() throws IOException {
    PeerNetwork b = new PeerNetwork(wire.host("bob", bob.id()), bob.options().build());
    b.listen(HostAndPort.fromParts("bob", PORT));
    b.listen(HostAndPort.fromParts("bob", PORT + 1));
    PeerNetwork a = start("alice", alice);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    for (int i = 0; i < Limits.MAX_UNCONSUMED_MESSAGES; i++) {
      a.send(bob.id(), QUESTION);
    }
    wire.advance(Duration.ofSeconds(1));

    a.connect(PeerAddress.of("bob", PORT + 1));
    wire.advance(Duration.ofSeconds(20));

    assertThat(bob.events(PeerEvent.Ready.class)).hasSize(1);
    assertThat(bob.events(PeerEvent.Gone.class)).isEmpty();
  }

  @Test
  void twoAddressesOfOnePeerGiveOneLink() throws IOException {
    InMemoryTransport transport = wire.host("bob", bob.id());
    PeerNetwork b = new PeerNetwork(transport, bob.options().build());
    b.listen(HostAndPort.fromParts("bob", PORT));
    b.listen(HostAndPort.fromParts("bob", PORT + 1));
    PeerNetwork a = start("alice", alice);
    wire.latency(Duration.ofMillis(10));

    a.connect(TO_BOB);
    a.connect(PeerAddress.of("bob", PORT + 1));
    wire.advance(Duration.ofSeconds(60));

    assertThat(a.peers()).hasSize(1);
    assertThat(b.peers()).hasSize(1);
    assertThat(a.dials())
        .extracting(DialPolicy.Status::phase)
        .containsExactlyInAnyOrder(DialPolicy.Phase.CONNECTED, DialPolicy.Phase.ELSEWHERE);
    assertThat(alice.events(PeerEvent.Gone.class)).isEmpty();

    b.close();
    wire.advance(Duration.ofSeconds(3));
    assertThat(a.dials())
        .extracting(DialPolicy.Status::phase)
        .doesNotContain(DialPolicy.Phase.CONNECTED, DialPolicy.Phase.ELSEWHERE);
  }

  @Test
  void aRestartedPeerReplacesItsDeadLinkWithinSeconds() throws IOException {
    PeerNetwork b = start("bob", bob);
    PeerNetwork first = start("alice", alice);
    first.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    wire.cut(
        "alice", "bob"); // alice loses her power: bob hears nothing, not even the end of the link

    PeerNetwork second = start("alice-again", alice);
    second.connect(TO_BOB);
    wire.advance(Duration.ofMillis(2_900));
    assertThat(bob.events(PeerEvent.Gone.class)).isEmpty();
    wire.advance(Duration.ofMillis(200));

    assertThat(bob.events(PeerEvent.Gone.class)).hasSize(1);
    assertThat(bob.events(PeerEvent.Ready.class)).hasSize(2);
    assertThat(b.peers()).hasSize(1);
    assertThat(second.peers()).hasSize(1);
  }

  @Test
  void aCutLinkIsClosedAtOnceNotDialledAndBackAtOnceWhenHealed() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));

    condition(a, b, CUT);
    wire.advance(Duration.ofMillis(50));
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason())
        .isEqualTo(
            new DisconnectReason(
                DisconnectReason.Code.NOT_ALLOWED, "this link is cut until it is healed"));
    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CUT);
    wire.advance(Duration.ofMinutes(10));
    assertThat(a.peers()).isEmpty();
    assertThat(b.peers()).isEmpty();
    assertThat(bob.events(PeerEvent.Ready.class)).hasSize(1);

    condition(a, b, LinkCondition.NORMAL);
    wire.advance(Duration.ofMillis(50));
    assertThat(a.peers()).hasSize(1);
    assertThat(b.peers()).hasSize(1);
    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CONNECTED);
  }

  @Test
  void whoIsCutAtTheOtherEndOnlyIsRefusedWithTheReason() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    b.condition(alice.id(), CUT);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(3));
    assertThat(a.peers()).isEmpty();
    assertThat(bob.events(PeerEvent.Ready.class)).isEmpty();
    assertThat(a.dials().get(0).lastFailure())
        .isEqualTo("NOT_ALLOWED (the other side says: this link is cut until it is healed)");

    b.condition(alice.id(), LinkCondition.NORMAL);
    wire.advance(Duration.ofSeconds(15));
    assertThat(a.peers()).hasSize(1);
  }

  @Test
  void aCutLinkWhoseAddressNamesNobodyIsDialledOnceToSeeWhoIsThere() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    a.condition(bob.id(), CUT);
    a.connect(TO_BOB);
    wire.advance(Duration.ofMinutes(1));

    assertThat(a.dials().get(0).phase()).isEqualTo(DialPolicy.Phase.CUT);
    assertThat(alice.events).isEmpty();
    assertThat(bob.events(PeerEvent.Ready.class)).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aSlowedLinkDelaysEachMessageKeepsTheirOrderAndShowsInTheRoundTrip() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));

    condition(a, b, slow(200));
    wire.advance(Duration.ofMillis(500));
    assertThat(a.peers().get(0).roundTrip()).contains(Duration.ofMillis(400));
    for (int id = 1; id <= 3; id++) {
      a.send(bob.id(), question(id));
      wire.advance(Duration.ofMillis(10));
    }
    wire.advance(Duration.ofMillis(169));
    assertThat(questionsHeardBy(bob)).isEmpty();
    wire.advance(Duration.ofMillis(1));
    assertThat(questionsHeardBy(bob)).containsExactly(1L);
    wire.advance(Duration.ofMillis(20));
    assertThat(questionsHeardBy(bob)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aShorterDelayLetsGoWhatWaitsInItsOrder() throws IOException {
    PeerNetwork a = start("alice", alice);
    start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    a.condition(bob.id(), slow(10_000));
    a.send(bob.id(), question(1));
    wire.advance(Duration.ofSeconds(2));
    a.send(bob.id(), question(2));

    a.condition(bob.id(), slow(1_500));
    wire.advance(Duration.ofMillis(1));
    assertThat(questionsHeardBy(bob)).containsExactly(1L);

    a.condition(bob.id(), LinkCondition.NORMAL);
    a.send(bob.id(), question(3));
    wire.advance(Duration.ofMillis(1));
    assertThat(questionsHeardBy(bob)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void theLongestDelayBreaksNoLinkAndTheBoundOfTheQueueHoldsForWhatWaits() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    condition(a, b, new LinkCondition(true, LinkCondition.MAX_DELAY));
    wire.advance(Duration.ofMinutes(10));
    assertThat(alice.events(PeerEvent.Gone.class)).isEmpty();

    for (int i = 0; i < 20; i++) {
      a.send(bob.id(), filler(256 * 1024));
    }
    wire.advance(Duration.ofMillis(1));
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason().sentence())
        .contains("bytes wait for it and it does not read");
  }

  @Test
  void whatWaitedOnACutLinkIsLost() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    condition(a, b, slow(300));
    a.send(bob.id(), question(1));
    condition(a, b, slow(300).withUp(false));
    wire.advance(Duration.ofSeconds(5));
    condition(a, b, slow(300));
    wire.advance(Duration.ofSeconds(5));
    a.send(bob.id(), question(2));
    wire.advance(Duration.ofMillis(299));
    assertThat(questionsHeardBy(bob)).isEmpty();
    wire.advance(Duration.ofMillis(1));
    assertThat(questionsHeardBy(bob)).containsExactly(2L);
  }

  private void condition(PeerNetwork a, PeerNetwork b, LinkCondition condition) {
    a.condition(bob.id(), condition);
    b.condition(alice.id(), condition);
  }

  private static LinkCondition slow(int millis) {
    return new LinkCondition(true, Duration.ofMillis(millis));
  }

  private static Envelope question(long id) {
    return QUESTION.toBuilder().setRequestId(id).build();
  }

  private static Envelope filler(int bytes) {
    return Envelope.newBuilder()
        .setRequestId(1)
        .setGetBlocks(GetBlocks.newBuilder().addHashes(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static List<Long> questionsHeardBy(TestPeer peer) {
    return peer.events(PeerEvent.Received.class).stream()
        .map(PeerEvent.Received::envelope)
        .filter(Envelope::hasLatestBlock)
        .map(Envelope::getRequestId)
        .toList();
  }

  @Test
  void refusesItself() throws IOException {
    PeerNetwork a = start("alice", alice);
    a.connect(TO_ALICE);
    wire.advance(Duration.ofSeconds(5));
    assertThat(a.peers()).isEmpty();
    assertThat(a.dials().get(0).lastFailure()).startsWith("SELF");
  }

  @Test
  void closingTellsEveryPeerGoodbyeAndLeavesNoLink() throws IOException {
    PeerNetwork a = start("alice", alice);
    PeerNetwork b = start("bob", bob);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(1));
    b.close();
    wire.advance(Duration.ofSeconds(1));
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason())
        .isEqualTo(
            new DisconnectReason(
                DisconnectReason.Code.GOODBYE, "the other side says: this node is stopping", true));
    assertThat(bob.events(PeerEvent.Gone.class)).hasSize(1);
    assertThat(b.peers()).isEmpty();
  }

  @Test
  void theSameSeedGivesTheSameRun() throws IOException {
    assertThat(eventsOfOneRun()).isEqualTo(eventsOfOneRun());
  }

  private static String eventsOfOneRun() throws IOException {
    InMemoryWire wire = new InMemoryWire(Instant.EPOCH);
    TestPeer alice = new TestPeer(1);
    TestPeer bob = new TestPeer(2);
    wire.latency(Duration.ofMillis(3));
    PeerNetwork a = start(wire, "alice", alice);
    a.connect(TO_BOB);
    wire.advance(Duration.ofSeconds(7));
    PeerNetwork b = start(wire, "bob", bob);
    b.connect(TO_ALICE);
    wire.advance(Duration.ofSeconds(100));
    a.disconnect(bob.id(), new DisconnectReason(DisconnectReason.Code.NOT_ALLOWED, "go away"));
    wire.advance(Duration.ofSeconds(100));
    return alice.events + " " + bob.events + " " + a.peers() + " " + a.dials();
  }

  private PeerNetwork start(String host, TestPeer peer) throws IOException {
    return start(wire, host, peer);
  }

  private static PeerNetwork start(InMemoryWire wire, String host, TestPeer peer)
      throws IOException {
    PeerNetwork network =
        new PeerNetwork(
            wire.host(host, peer.id()), peer.options().wallClock(wire.wallClock()).build());
    network.listen(HostAndPort.fromParts(host, PORT));
    return network;
  }
}
