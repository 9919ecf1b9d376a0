package dev.dolmen.network;

import static com.google.common.base.Preconditions.checkNotNull;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.protocol.Block;
import dev.dolmen.protocol.Blocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.NewBlock;
import dev.dolmen.protocol.PlacedTransaction;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import dev.dolmen.protocol.Transaction;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(NoLeaks.class)
class PeerNetworkOnSocketsTest {

  private static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);
  private static final String HINT = "The API is at http://127.0.0.1:8080/.";
  private static final Timeouts QUICK =
      Timeouts.standard().withRedial(Duration.ofMillis(20), Duration.ofMillis(100));
  private static final Envelope QUESTION =
      Envelope.newBuilder()
          .setRequestId(1)
          .setLatestBlock(LatestBlock.getDefaultInstance())
          .build();

  private final TestPeer alice = new TestPeer(1);
  private final TestPeer bob = new TestPeer(2);
  private final List<PeerNetwork> networks = new ArrayList<>();
  private final Map<PeerNetwork, Integer> ports = new HashMap<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(PeerNetwork.class);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          log.add(event.getFormattedMessage());
        }
      };

  @BeforeEach
  void collectTheLog() {
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void closeAll() {
    networks.forEach(PeerNetwork::close);
    logger.detachAppender(appender);
  }

  // ------------------------------------------------------------------------------------------------- meeting

  @Test
  void peersMeetKnowEachOtherByKeyAndTalkBothWays() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(addressOf(b));
    await().until(() -> a.peers().size() == 1 && b.peers().size() == 1);

    a.send(bob.id(), QUESTION);
    b.broadcast(newBlock(100));

    await().until(() -> received(bob) == 1 && received(alice) == 1);
    assertThat(a.peers()).extracting(PeerInfo::id).containsExactly(bob.id());
    assertThat(b.peers()).extracting(PeerInfo::id).containsExactly(alice.id());
    assertThat(bob.events(PeerEvent.Ready.class).get(0).hello().getListeningPort())
        .isEqualTo(portOf(a));
    await().untilAsserted(() -> assertThat(a.peers().get(0).bytesOut()).isPositive());
    assertThat(log).anyMatch(line -> line.startsWith("peer " + bob.id().toShortString() + " came"));
  }

  @Test
  void aTapOverhearsAllThatIsSaidAndHeardFromTheHellosToTheReasonOfTheEnd() throws IOException {
    List<String> overheard = new CopyOnWriteArrayList<>();
    MessageTap tap =
        new MessageTap() {
          @Override
          public void said(List<PeerId> to, boolean everyone, Envelope envelope) {
            overheard.add("to " + (everyone ? "everyone" : to) + " " + envelope.getBodyCase());
          }

          @Override
          public void heard(PeerId from, Envelope envelope) {
            overheard.add("from " + from + " " + envelope.getBodyCase());
          }
        };
    TestPeer carol = new TestPeer(3);
    PeerNetwork a = start(alice, alice.options().tap(tap));
    PeerNetwork b = start(bob);
    PeerNetwork c = start(carol);
    a.connect(addressOf(b));
    await().until(() -> a.peers().size() == 1);
    a.send(bob.id(), QUESTION);
    b.send(alice.id(), newBlock(100));
    await().until(() -> received(alice) == 1);
    assertThat(overheard)
        .startsWith("to [" + bob.id() + "] HELLO", "from " + bob.id() + " HELLO")
        .containsOnlyOnce("to [" + bob.id() + "] LATEST_BLOCK")
        .containsOnlyOnce("from " + bob.id() + " NEW_BLOCK");

    a.connect(addressOf(c));
    await().until(() -> a.peers().size() == 2);
    a.broadcast(newBlock(1));
    a.disconnect(carol.id(), new DisconnectReason(Code.NOT_ALLOWED, "not today"));
    await().untilAsserted(() -> assertThat(overheard).contains("to everyone NEW_BLOCK"));
    await().untilAsserted(() -> assertThat(overheard).contains("to [" + carol.id() + "] RESPONSE"));
  }

  @Test
  void aPeerOfAnotherNetworkIsRefusedWithTheReasonOnBothSides() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob, bob.options(TestPeer.filled(8)));
    a.connect(addressOf(b));

    await().until(() -> lastFailure(a).startsWith("OTHER_NETWORK"));
    await().until(() -> lines("no link with", "OTHER_NETWORK") >= 2);
    assertThat(alice.events).isEmpty();
    assertThat(bob.events).isEmpty();
  }

  @Test
  void aPeerThatSpeaksAnotherVersionIsToldSo() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      raw.send(
          Envelope.newBuilder()
              .setHello(Hello.newBuilder().setProtocolVersion(2).setNetwork(TestPeer.GENESIS))
              .build());
      assertRefused(raw, Refusal.Reason.OTHER_VERSION);
    }
    await().until(() -> lines("no link with", "OTHER_VERSION") == 1);
  }

  @Test
  void aNodeThatDialsItselfNoticesAndKeepsTrying() throws IOException {
    PeerNetwork a = start(alice);
    a.connect(addressOf(a));
    await().until(() -> lastFailure(a).startsWith("SELF"));
    assertThat(a.peers()).isEmpty();
  }

  @Test
  void anAddressPinnedToAnIdRefusesAnother() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    PeerId stranger = new TestPeer(3).id();
    a.connect(new PeerAddress(Optional.of(stranger), "127.0.0.1", portOf(b)));
    await().until(() -> lastFailure(a).startsWith("NOT_ALLOWED"));
    assertThat(bob.events(PeerEvent.Ready.class)).isEmpty();

    a.connect(new PeerAddress(Optional.of(bob.id()), "127.0.0.1", portOf(b)));
    await().until(() -> a.peers().size() == 1);
  }

  @Test
  void aNameIsLookedUp() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(PeerAddress.of("localhost", portOf(b)));
    await().until(() -> a.peers().size() == 1);
  }

  @Test
  void anAddressBannedByNumberIsNotReachedByName() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(PeerAddress.of("localhost", portOf(b)));
    await().until(() -> a.peers().size() == 1);
    Bans.Ban ban =
        new Bans.Ban(Bans.Subject.parse("127.0.0.1"), Instant.now(), Optional.empty(), "");
    a.ban(Bans.NONE.with(ban, Instant.now()));
    await().until(() -> a.peers().isEmpty());
    await().until(() -> lastFailure(a).contains("does not want this address"));
    assertThat(bob.events(PeerEvent.Ready.class)).hasSize(1);
    a.ban(Bans.NONE);
    await().until(() -> a.peers().size() == 1);
  }

  @Test
  void anAddressWhereNobodyListensIsSaidToBeThat() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    PeerAddress address = addressOf(b);
    b.close();
    a.connect(address);
    await().until(() -> lastFailure(a).equals("nobody listens there"));
  }

  @Test
  void twoPeersThatDialEachOtherKeepOneLink() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(addressOf(b));
    b.connect(addressOf(a));
    await()
        .during(Duration.ofMillis(300))
        .until(
            () ->
                a.peers().size() == 1
                    && b.peers().size() == 1
                    && a.peers().get(0).outbound() != b.peers().get(0).outbound());
    assertThat(a.peers().get(0).outbound()).isEqualTo(alice.id().compareTo(bob.id()) < 0);
  }

  // -----------------------------------------------------------------------------------------------
  // strangers

  @Test
  void withoutACertificateNobodyGetsToSayHello() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.empty())) {
      raw.readToTheEnd();
    } catch (SSLException refusedEarly) {
      assertThat(refusedEarly).hasMessageContaining("certificate");
    }
    await().until(() -> lines("no link with", "TLS") == 1);
    assertThat(alice.events).isEmpty();
  }

  @Test
  void randomBytesAreNotTls() throws IOException {
    PeerNetwork a = start(alice);
    byte[] noise = new byte[10_000];
    new SplittableRandom(42).nextBytes(noise);
    noise[0] = (byte) 0x80;
    try (RawPeer raw = RawPeer.plain(portOf(a))) {
      raw.out.write(noise);
      raw.readToTheEnd();
    }
    await().until(() -> lines("no link with", "TLS") == 1);
  }

  @Test
  void aBrowserIsToldWhereTheApiIs() throws IOException {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.plain(portOf(a))) {
      raw.out.writeBytes("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
      String answer = new String(raw.in.readAllBytes(), UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400 ").contains("peer port").contains(HINT);
    }
    await().until(() -> lines("no link with", "HTTP") == 1);
  }

  @Test
  void aFrameOfFourGibibytesIsRefusedOnItsLength() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      raw.out.writeInt(-1);
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
    await().until(() -> lines("VIOLATION", "4294967295 bytes exceeds 4096") == 1);
  }

  @Test
  void aReadyPeerMayNotSendAFrameLargerThanAgreed() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      raw.out.writeInt(TestPeer.MAX_FRAME_BYTES + 1);
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
    await().until(() -> alice.events(PeerEvent.Gone.class).size() == 1);
  }

  @Test
  void anEmptyFrameIsRefused() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      raw.out.writeInt(0);
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
  }

  @Test
  void garbageInAFrameIsRefused() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      raw.out.writeInt(3);
      raw.out.write(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
  }

  @Test
  void whoeverDoesNotBeginWithHelloIsRefused() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      raw.send(QUESTION);
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
  }

  @Test
  void aSecondHelloIsRefused() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      raw.send(RawPeer.hello(TestPeer.GENESIS));
      assertRefused(raw, Refusal.Reason.VIOLATION);
    }
    await().until(() -> alice.events(PeerEvent.Gone.class).size() == 1);
  }

  @Test
  void aMessageOfALaterVersionIsIgnored() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      raw.out.writeInt(3);
      raw.out.write(new byte[] {(byte) 0xf2, 0x01, 0x00}); // field 30, empty
      raw.send(QUESTION);
      await().until(() -> received(alice) == 1);
    }
    assertThat(alice.events(PeerEvent.Received.class).get(0).envelope()).isEqualTo(QUESTION);
  }

  @Test
  void aSilentStrangerIsClosedAtTheDeadline() throws Exception {
    PeerNetwork a =
        start(alice, alice.options().timeouts(QUICK.withHandshake(Duration.ofMillis(300))));
    try (RawPeer plain = RawPeer.plain(portOf(a));
        RawPeer tls = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      plain.readToTheEnd();
      assertThat(tls.read().hasHello()).isTrue();
      assertThat(tls.read().getResponse().getRefusal().getReason())
          .isEqualTo(Refusal.Reason.TIMEOUT);
    }
    await().until(() -> lines("TIMEOUT", "waiting for TLS") == 1);
    assertThat(lines("TIMEOUT", "waiting for Hello")).isEqualTo(1);
  }

  @Test
  void bytesThatTrickleInDoNotMoveTheDeadline() throws Exception {
    PeerNetwork a =
        start(alice, alice.options().timeouts(QUICK.withHandshake(Duration.ofMillis(400))));
    try (RawPeer raw = RawPeer.tls(portOf(a), Optional.of(bob.identity))) {
      raw.out.writeInt(1_000);
      long began = System.nanoTime();
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(3))
          .until(() -> trickle(raw) || lines("TIMEOUT") == 1);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void moreStrangersThanPlacesAreTurnedAway() throws Exception {
    PeerNetwork a = start(alice, alice.options().timeouts(QUICK).maxHandshakes(3));
    List<RawPeer> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(RawPeer.plain(portOf(a)));
    }
    await().until(() -> lines("FULL", "3 other handshakes") == 1);
    // Which of the four it was is for the event loops to say.
    List<RawPeer> turnedAway = waiting.stream().filter(RawPeer::isAtEnd).toList();
    assertThat(turnedAway).hasSize(1);
    waiting.removeAll(turnedAway);
    waiting.get(0).close();
    await()
        .untilAsserted(
            () -> {
              try (RawPeer next = RawPeer.ready(portOf(a), bob.identity)) {
                assertThat(next.socket.isClosed()).isFalse();
              }
            });
    for (RawPeer raw : waiting) {
      raw.close();
    }
  }

  @Test
  void noSessionIsResumedSoEveryLinkProvesItsKeyAgain() throws Exception {
    PeerNetwork a = start(alice);
    CountingKeys keys = new CountingKeys(bob.identity);
    SSLContext context = RawPeer.context(new KeyManager[] {keys});
    for (int i = 1; i <= 3; i++) {
      try (RawPeer raw = RawPeer.tls(portOf(a), context)) {
        raw.send(RawPeer.hello(TestPeer.GENESIS));
        assertThat(raw.read().hasHello()).isTrue();
      }
      assertThat(keys.shown()).isEqualTo(i);
    }
  }

  // -------------------------------------------------------------------------------------------
  // back-pressure

  @Test
  void aPeerThatNeverReadsCostsBoundedMemoryAndIsGivenUp() throws Exception {
    PeerNetwork a =
        start(alice, alice.options().timeouts(QUICK.withWriteStall(Duration.ofMillis(700))));
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      await().until(() -> a.peers().size() == 1);
      Envelope block = newBlock(100_000);
      AtomicLong most = new AtomicLong();
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(15))
          .until(
              () -> {
                a.broadcast(block);
                most.accumulateAndGet(
                    a.peers().stream().mapToLong(PeerInfo::bytesQueued).sum(), Math::max);
                return alice.events(PeerEvent.Gone.class).size() == 1;
              });
      assertThat(most.get()).isPositive().isLessThan(Limits.MAX_SEND_QUEUE_BYTES + 200_000L);
      DisconnectReason reason = alice.events(PeerEvent.Gone.class).get(0).reason();
      assertThat(reason.code()).isEqualTo(Code.TIMEOUT);
      assertThat(reason.sentence()).startsWith("read nothing of ");
      assertThat(raw.socket.isClosed()).isFalse();
    }
  }

  @Test
  void answersBeyondTheBoundCloseTheLink() throws Exception {
    PeerNetwork a = start(alice);
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      await().until(() -> a.peers().size() == 1);
      Envelope answer =
          Envelope.newBuilder()
              .setRequestId(5)
              .setResponse(
                  Response.newBuilder()
                      .setRefusal(Refusal.newBuilder().setMessage("x".repeat(500_000))))
              .build();
      for (int i = 0; i < 100; i++) {
        a.send(bob.id(), answer);
      }
      await().until(() -> alice.events(PeerEvent.Gone.class).size() == 1);
      assertThat(alice.events(PeerEvent.Gone.class).get(0).reason().sentence())
          .contains("does not read");
      assertThat(raw.socket.isClosed()).isFalse();
    }
  }

  @Test
  void whatComesAfterTheEndIsIgnored() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(addressOf(b));
    await().until(() -> b.peers().size() == 1 && a.peers().size() == 1);
    b.send(alice.id(), newBlock(1));
    await().until(() -> received(alice) == 1);
    a.close();

    assertThatCode(
            () -> {
              a.send(bob.id(), newBlock(1));
              a.consumed(alice.events(PeerEvent.Received.class).get(0));
              a.disconnect(bob.id(), new DisconnectReason(Code.BUG, "too late"));
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aLongAnswerIsStreamedAsItDrains() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(addressOf(b));
    await().until(() -> b.peers().size() == 1 && a.peers().size() == 1);
    for (int i = 1; i <= 20; i++) {
      int sent = i;
      b.send(alice.id(), answer(i, 900_000));
      await().until(() -> bob.events(PeerEvent.Drained.class).size() == sent);
      await().until(() -> received(alice) == sent);
      a.consumed(alice.events(PeerEvent.Received.class).get(i - 1));
    }
    assertThat(b.peers().get(0).bytesQueued()).isZero();
  }

  @Test
  void readingStopsWhileTooMuchIsNotDealtWith() throws Exception {
    long limit = 300_000;
    PeerNetwork a = start(alice, alice.options().timeouts(QUICK).maxUnconsumedBytes(limit));
    Envelope block = newBlock(50_000);
    int size = block.getSerializedSize();
    int messages = 400;
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < messages; i++) {
                    raw.send(block);
                  }
                } catch (IOException e) {
                  log.add("the writer failed: " + e);
                }
              });
      writer.start();
      await().until(() -> received(alice) > limit / size);
      await().during(Duration.ofMillis(300)).until(() -> received(alice) == limit / size + 1);

      AtomicInteger dealtWith = new AtomicInteger();
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                List<PeerEvent.Received> all = alice.events(PeerEvent.Received.class);
                all.subList(dealtWith.getAndSet(all.size()), all.size()).forEach(a::consumed);
                return a.peers().get(0).bytesIn() == (long) messages * size;
              });
      writer.join();
    }
    assertThat(log).noneMatch(line -> line.startsWith("the writer failed"));
  }

  // --------------------------------------------------------------------------------------------
  // going, coming

  @Test
  void dialsAgainWhenTheOtherSideHasRestarted() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    HostAndPort place = HostAndPort.fromParts("127.0.0.1", portOf(b));
    a.connect(addressOf(b));
    await().until(() -> a.peers().size() == 1);

    b.close();
    await().until(() -> a.peers().isEmpty());
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason().code()).isEqualTo(Code.GOODBYE);

    PeerNetwork again = network(bob, bob.options().timeouts(QUICK));
    again.listen(place);
    await().until(() -> a.peers().size() == 1 && again.peers().size() == 1);
    assertThat(alice.events(PeerEvent.Ready.class)).hasSize(2);
    assertThat(a.dials())
        .extracting(DialPolicy.Status::phase)
        .containsExactly(DialPolicy.Phase.CONNECTED);
  }

  @Test
  void aDisconnectedPeerHearsTheReason() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    a.connect(addressOf(b));
    await().until(() -> b.peers().size() == 1);
    b.disconnect(alice.id(), new DisconnectReason(Code.NOT_ALLOWED, "not today"));
    await().until(() -> !alice.events(PeerEvent.Gone.class).isEmpty());
    assertThat(alice.events(PeerEvent.Gone.class).get(0).reason())
        .isEqualTo(new DisconnectReason(Code.NOT_ALLOWED, "the other side says: not today", true));
  }

  @Test
  void aBugInDealingWithOnePeerLeavesTheOthersAlone() throws Exception {
    TestPeer carol = new TestPeer(3);
    PeerNetwork a =
        start(
            alice,
            alice
                .options(
                    event -> {
                      alice.events.add(event);
                      if (event instanceof PeerEvent.Received && event.peer().equals(bob.id())) {
                        throw new IllegalStateException("a bug");
                      }
                    })
                .timeouts(QUICK));
    logger.setLevel(Level.OFF);
    PeerNetwork c = start(carol);
    c.connect(addressOf(a));
    try (RawPeer raw = RawPeer.ready(portOf(a), bob.identity)) {
      await().until(() -> a.peers().size() == 2);
      raw.send(QUESTION);
      await().until(() -> a.peers().size() == 1);
    }
    assertThat(a.peers()).extracting(PeerInfo::id).containsExactly(carol.id());
    c.send(alice.id(), QUESTION);
    await().until(() -> received(alice) == 2);
  }

  @Test
  void aTakenPortIsSaidToBeTaken() throws IOException {
    PeerNetwork a = start(alice);
    PeerNetwork b = network(bob, bob.options());
    HostAndPort taken = HostAndPort.fromParts("127.0.0.1", portOf(a));
    assertThatThrownBy(() -> b.listen(taken))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot listen on %s: port in use. Stop the other node, or choose another with --listen",
            taken);
  }

  @Test
  void anAddressOfAnotherMachineCannotBeListenedOn() {
    PeerNetwork b = network(bob, bob.options());
    assertThatThrownBy(() -> b.listen(HostAndPort.fromParts("192.0.2.1", 0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no such address");
  }

  @Test
  void closingFreesThePortAndEndsTheThreads() throws IOException {
    networks.forEach(PeerNetwork::close);
    await().until(() -> threads().isEmpty());
    PeerNetwork a = start(alice);
    PeerNetwork b = start(bob);
    int port = portOf(a);
    b.connect(PeerAddress.of("localhost", port));
    await().until(() -> a.peers().size() == 1);
    assertThat(threads()).isNotEmpty();

    a.close();
    b.close();
    b.close();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(IOException.class);
    await().untilAsserted(() -> assertThat(threads()).isEmpty());
  }

  // ------------------------------------------------------------------------------------------------- helpers

  private int portOf(PeerNetwork network) {
    return checkNotNull(ports.get(network), "it does not listen");
  }

  private PeerAddress addressOf(PeerNetwork network) {
    return PeerAddress.of("127.0.0.1", portOf(network));
  }

  /** Why the first kept address has no link; empty until the network has taken note of it. */
  private static String lastFailure(PeerNetwork network) {
    return network.dials().stream().map(DialPolicy.Status::lastFailure).findFirst().orElse("");
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("dolmen-"))
        .toList();
  }

  private static boolean trickle(RawPeer raw) {
    try {
      raw.out.write(0);
      return false;
    } catch (IOException closed) {
      return true;
    }
  }

  /** Skips our Hello and expects the refusal, then the end. */
  private static void assertRefused(RawPeer raw, Refusal.Reason reason) throws IOException {
    Envelope next = raw.read();
    if (next.hasHello()) {
      next = raw.read();
    }
    assertThat(next.getRequestId()).isZero();
    assertThat(next.getResponse().getRefusal().getReason()).isEqualTo(reason);
    assertThatThrownBy(raw::read).isInstanceOf(EOFException.class);
  }

  private long lines(String... parts) {
    return log.stream().filter(line -> Arrays.stream(parts).allMatch(line::contains)).count();
  }

  private static int received(TestPeer peer) {
    return peer.events(PeerEvent.Received.class).size();
  }

  private static Envelope answer(long requestId, int payload) {
    return Envelope.newBuilder()
        .setRequestId(requestId)
        .setResponse(
            Response.newBuilder()
                .setBlocks(
                    Blocks.newBuilder()
                        .addBlocks(Block.newBuilder().addTransactions(transaction(payload)))))
        .build();
  }

  private static Envelope newBlock(int payload) {
    return Envelope.newBuilder()
        .setNewBlock(
            NewBlock.newBuilder()
                .addPlaced(PlacedTransaction.newBuilder().setTransaction(transaction(payload))))
        .build();
  }

  private static Transaction.Builder transaction(int payload) {
    return Transaction.newBuilder()
        .setAuthor(ByteString.copyFrom(new byte[Limits.KEY_BYTES]))
        .setPayload(ByteString.copyFrom(new byte[payload]))
        .setSignature(ByteString.copyFrom(new byte[Limits.SIGNATURE_BYTES]));
  }

  private PeerNetwork start(TestPeer peer) throws IOException {
    return start(peer, peer.options().timeouts(QUICK));
  }

  private PeerNetwork start(TestPeer peer, PeerNetworkOptions.Builder options) throws IOException {
    PeerNetwork network = network(peer, options);
    ports.put(network, network.listen(ANY_PORT).getPort());
    return network;
  }

  private PeerNetwork network(TestPeer peer, PeerNetworkOptions.Builder options) {
    PeerNetwork network =
        new PeerNetwork(SocketTransport.create(peer.identity, HINT), options.build());
    networks.add(network);
    return network;
  }
}
