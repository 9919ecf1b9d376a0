package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.Departure;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.protocol.AllBlocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Envelope.BodyCase;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.NewBlock;
import dev.dolmen.protocol.NewTransactions;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import dev.dolmen.protocol.Response;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * A bug of ours that one peer's message meets costs that peer its link, in whatever kind of message
 * and whenever, and nobody else.
 */
class BugsInVirtualTimeTest {

  private static final int PORT = 8555;

  /** Shorter than the shortest pause before another dial. */
  private static final Duration A_MOMENT = Duration.ofMillis(50);

  private static final ByteString HASH = TestPeer.TIP_HASH;

  private final InMemoryWire wire = new InMemoryWire(Instant.parse("2026-01-01T00:00:00Z"));
  private final TestPeer alice = new TestPeer(1);
  private final TestPeer bob = new TestPeer(2);
  private final TestPeer carol = new TestPeer(3);
  private final List<Error> fatal = new ArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(PeerNetwork.class);

  @BeforeEach
  void saysNothingOfBugsThatAreMeant() {
    logger.setLevel(Level.OFF);
  }

  @AfterEach
  void saysThemAgain() {
    logger.setLevel(null);
  }

  /** What is thrown; each stands for a kind that is dealt with by itself somewhere. */
  private enum Bug {
    EXCEPTION {
      @Override
      void happen() {
        throw new IllegalStateException("a bug");
      }
    },
    STACK_OVERFLOW {
      @Override
      void happen() {
        throw new StackOverflowError("a bug");
      }
    },
    ASSERTION {
      @Override
      void happen() {
        throw new AssertionError("a bug");
      }
    },
    MISSING_CLASS {
      @Override
      void happen() {
        throw new NoClassDefFoundError("a bug");
      }
    };

    abstract void happen();
  }

  static Stream<Arguments> everyKindOfMessageAndBug() {
    return Stream.of(BodyCase.values())
        .filter(kind -> kind != BodyCase.BODY_NOT_SET)
        .flatMap(kind -> Stream.of(Bug.values()).map(bug -> Arguments.of(kind, bug)));
  }

  /** In HELLO's case when the link begins, else when the message comes. */
  @ParameterizedTest
  @MethodSource("everyKindOfMessageAndBug")
  void aBugInDealingWithAMessageEndsThatLinkAlone(BodyCase kind, Bug bug) throws IOException {
    PeerNetwork network =
        start(
            "alice",
            alice,
            alice
                .options()
                .tap(
                    new MessageTap() {
                      @Override
                      public void heard(PeerId from, Envelope envelope) {
                        if (from.equals(bob.id()) && envelope.getBodyCase() == kind) {
                          bug.happen();
                        }
                      }

                      @Override
                      public void said(List<PeerId> to, boolean everyone, Envelope envelope) {}
                    }));
    PeerNetwork c = dial("carol", carol);
    PeerNetwork b = dial("bob", bob);
    b.send(alice.id(), message(kind));
    wire.advance(A_MOMENT);

    assertThat(bob.events(PeerEvent.Gone.class)).isNotEmpty();
    assertOnlyBobIsGone(network, c);
  }

  enum Phase {
    READY,
    RECEIVED,
    DRAINED,
    GONE
  }

  @ParameterizedTest
  @EnumSource
  void aBugInTheLayerAboveEndsThatLinkAloneWheneverItHappens(Phase phase) throws IOException {
    PeerNetwork network =
        start(
            "alice",
            alice,
            alice.options(
                event -> {
                  if (event.peer().equals(bob.id()) && phaseOf(event) == phase) {
                    throw new IllegalStateException("a bug");
                  }
                }));
    PeerNetwork c = dial("carol", carol);
    PeerNetwork b = dial("bob", bob);
    network.send(bob.id(), message(BodyCase.RESPONSE));
    b.send(alice.id(), message(BodyCase.LATEST_BLOCK));
    wire.advance(A_MOMENT);
    if (phase == Phase.GONE) {
      b.close();
      wire.advance(Duration.ofSeconds(2));
    }
    assertOnlyBobIsGone(network, c);
  }

  private static Phase phaseOf(PeerEvent event) {
    if (event instanceof PeerEvent.Ready) {
      return Phase.READY;
    }
    if (event instanceof PeerEvent.Received) {
      return Phase.RECEIVED;
    }
    return event instanceof PeerEvent.Drained ? Phase.DRAINED : Phase.GONE;
  }

  @Test
  void aBugInTheHandshakeEndsThatConnectionAlone() throws IOException {
    AtomicBoolean isBroken = new AtomicBoolean();
    PeerNetwork network =
        start(
            "alice",
            alice,
            PeerNetworkOptions.builder(
                alice.id(),
                TestPeer.GENESIS,
                () -> {
                  if (isBroken.get()) {
                    throw new IllegalStateException("a bug");
                  }
                  return new LocalTip(5, ByteString.copyFrom(new byte[] {12}), HASH);
                },
                TestPeer.MAX_FRAME_BYTES,
                new SplittableRandom(1),
                alice.events::add));
    PeerNetwork c = dial("carol", carol);
    isBroken.set(true);
    dial("bob", bob);
    isBroken.set(false);
    assertOnlyBobIsGone(network, c);
    wire.advance(Duration.ofSeconds(30));
    assertThat(network.peers()).as("bob comes again once the bug is gone").hasSize(2);
  }

  @Test
  void whenMemoryIsOutSomebodyIsToldWhoCanStopTheProcess() throws IOException {
    OutOfMemoryError out = new OutOfMemoryError("for a test");
    start(
        "alice",
        alice,
        alice
            .options(
                event -> {
                  if (event instanceof PeerEvent.Received) {
                    throw out;
                  }
                })
            .fatal(fatal::add));
    PeerNetwork b = dial("bob", bob);
    b.send(alice.id(), message(BodyCase.LATEST_BLOCK));
    wire.advance(A_MOMENT);
    assertThat(fatal).containsExactly(out);
  }

  private void assertOnlyBobIsGone(PeerNetwork network, PeerNetwork c) {
    assertThat(network.peers()).extracting(PeerInfo::id).containsExactly(carol.id());
    assertThat(network.departures())
        .allSatisfy(gone -> assertThat(gone.id()).isEqualTo(bob.id()))
        .extracting(Departure::reason)
        .allSatisfy(reason -> assertThat(reason.code()).isIn(Code.BUG, Code.GOODBYE));
    int before = alice.events(PeerEvent.Received.class).size();
    c.send(alice.id(), message(BodyCase.LATEST_BLOCK));
    wire.advance(A_MOMENT);
    assertThat(c.peers()).hasSize(1);
    assertThat(carol.events(PeerEvent.Gone.class)).isEmpty();
    assertThat(alice.events(PeerEvent.Received.class)).hasSizeGreaterThanOrEqualTo(before);
    assertThat(fatal).isEmpty();
  }

  /** Something of each kind; what is in it does not matter. */
  private static Envelope message(BodyCase kind) {
    Envelope.Builder message = Envelope.newBuilder().setRequestId(1);
    return switch (kind) {
      case HELLO -> message.setRequestId(0).setHello(Hello.getDefaultInstance()).build();
      case PING -> message.setPing(Ping.getDefaultInstance()).build();
      case PONG -> message.setPong(Pong.getDefaultInstance()).build();
      case LATEST_BLOCK -> message.setLatestBlock(LatestBlock.getDefaultInstance()).build();
      case ALL_BLOCKS -> message.setAllBlocks(AllBlocks.getDefaultInstance()).build();
      case GET_HEADERS -> message.setGetHeaders(GetHeaders.getDefaultInstance()).build();
      case GET_BLOCKS -> message.setGetBlocks(GetBlocks.getDefaultInstance()).build();
      case GET_TRANSACTIONS ->
          message.setGetTransactions(GetTransactions.getDefaultInstance()).build();
      case GET_PEERS -> message.setGetPeers(GetPeers.getDefaultInstance()).build();
      case RESPONSE -> message.setResponse(Response.newBuilder().setMore(true)).build();
      case NEW_BLOCK -> message.setRequestId(0).setNewBlock(NewBlock.getDefaultInstance()).build();
      case NEW_TRANSACTIONS ->
          message.setRequestId(0).setNewTransactions(NewTransactions.getDefaultInstance()).build();
      case BODY_NOT_SET -> message.build();
    };
  }

  private PeerNetwork dial(String host, TestPeer peer) throws IOException {
    PeerNetwork network = start(host, peer, peer.options());
    network.connect(PeerAddress.of("alice", PORT));
    wire.advance(Duration.ofMillis(200));
    return network;
  }

  private PeerNetwork start(String host, TestPeer peer, PeerNetworkOptions.Builder options)
      throws IOException {
    PeerNetwork network =
        new PeerNetwork(wire.host(host, peer.id()), options.wallClock(wire.wallClock()).build());
    network.listen(HostAndPort.fromParts(host, PORT));
    return network;
  }
}
