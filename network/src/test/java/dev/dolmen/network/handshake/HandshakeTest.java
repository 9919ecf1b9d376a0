package dev.dolmen.network.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HandshakeTest {

  private static final PeerId SELF = PeerId.of(filled(32, 1));
  private static final PeerId OTHER = PeerId.of(filled(32, 2));
  private static final long T0 = 500;
  private static final long DEADLINE = T0 + Limits.HANDSHAKE_TIMEOUT.toNanos();
  private static final Hello OURS = hello().setName("ours").build();

  private final Handshake handshake =
      new Handshake(SELF, expecting(Optional.empty()), Limits.HANDSHAKE_TIMEOUT, T0);

  private static Handshake.Terms expecting(Optional<PeerId> peer) {
    return new Handshake.Terms(peer, unused -> Optional.empty(), unused -> false);
  }

  @Test
  void greetsOnceTheKeyIsProved() {
    assertThat(handshake.onProven(OTHER, OURS))
        .containsExactly(new HandshakeAction.Send(Envelope.newBuilder().setHello(OURS).build()));
  }

  @Test
  void isDoneWhenTheOtherSideGreets() {
    handshake.onProven(OTHER, OURS);
    Hello theirs = hello().setName("theirs").setListeningPort(65_535).build();
    assertThat(handshake.onEnvelope(wrap(theirs)))
        .containsExactly(new HandshakeAction.Ready(theirs));
    assertThat(handshake.isDone()).isTrue();
    assertThat(handshake.nextWake()).isEmpty();
    assertThat(handshake.onTime(DEADLINE)).isEmpty();
  }

  @Test
  void refusesAnotherNetwork() {
    handshake.onProven(OTHER, OURS);
    Hello theirs = hello().setNetwork(ByteString.copyFrom(filled(32, 8))).build();
    assertRefused(handshake.onEnvelope(wrap(theirs)), Code.OTHER_NETWORK);
  }

  @Test
  void refusesAnotherVersionOfTheProtocolWhateverElseItSays() {
    for (int version : new int[] {0, 2, -1}) {
      Handshake meeting =
          new Handshake(SELF, expecting(Optional.empty()), Limits.HANDSHAKE_TIMEOUT, T0);
      meeting.onProven(OTHER, OURS);
      Hello theirs = Hello.newBuilder().setProtocolVersion(version).build();
      assertRefused(meeting.onEnvelope(wrap(theirs)), Code.OTHER_VERSION);
    }
  }

  @Test
  void refusesItself() {
    assertRefused(handshake.onProven(SELF, OURS), Code.SELF);
    assertThat(handshake.onEnvelope(wrap(OURS))).isEmpty();
  }

  @Test
  void refusesAnotherThanTheOneDialled() {
    Handshake pinned =
        new Handshake(
            SELF, expecting(Optional.of(PeerId.of(filled(32, 3)))), Limits.HANDSHAKE_TIMEOUT, T0);
    assertRefused(pinned.onProven(OTHER, OURS), Code.NOT_ALLOWED);
    Handshake right =
        new Handshake(SELF, expecting(Optional.of(OTHER)), Limits.HANDSHAKE_TIMEOUT, T0);
    assertThat(right.onProven(OTHER, OURS)).hasSize(1);
  }

  @Test
  void refusesWhoeverDoesNotGreetFirst() {
    handshake.onProven(OTHER, OURS);
    assertRefused(
        handshake.onEnvelope(
            Envelope.newBuilder().setLatestBlock(LatestBlock.getDefaultInstance()).build()),
        Code.VIOLATION);
  }

  @Test
  void refusesAnUnknownFirstMessage() {
    handshake.onProven(OTHER, OURS);
    assertRefused(handshake.onEnvelope(Envelope.getDefaultInstance()), Code.VIOLATION);
  }

  @Test
  void refusesASecondHello() {
    handshake.onProven(OTHER, OURS);
    handshake.onEnvelope(wrap(OURS));
    assertRefused(handshake.onEnvelope(wrap(OURS)), Code.VIOLATION);
  }

  @Test
  void refusesFieldsOutOfBounds() {
    assertMalformed(hello().setNetwork(ByteString.copyFrom(filled(31, 7))));
    assertMalformed(hello().setNetwork(ByteString.copyFrom(filled(33, 7))));
    assertMalformed(hello().setListeningPort(65_536));
    assertMalformed(hello().setListeningPort(-1));
    assertMalformed(hello().setTipHeight(-1));
    assertMalformed(hello().setTipWork(ByteString.copyFrom(filled(33, 1))));
    assertMalformed(hello().setName("é".repeat(33)));
  }

  @Test
  void takesFieldsAtTheirBounds() {
    handshake.onProven(OTHER, OURS);
    Hello largest =
        hello()
            .setListeningPort(65_535)
            .setTipHeight(Long.MAX_VALUE)
            .setTipWork(ByteString.copyFrom(filled(32, 1)))
            .setName("é".repeat(32))
            .build();
    assertThat(handshake.onEnvelope(wrap(largest)))
        .containsExactly(new HandshakeAction.Ready(largest));
  }

  @Test
  void endsWhenTheOtherSideRefuses() {
    handshake.onProven(OTHER, OURS);
    DisconnectReason full = new DisconnectReason(Code.FULL, "no place");
    assertThat(handshake.onEnvelope(Handshake.refusal(full)))
        .containsExactly(
            new HandshakeAction.End(
                new DisconnectReason(Code.FULL, "the other side says: no place", true)));
  }

  @Test
  void nothingMovesTheDeadline() {
    assertThat(handshake.nextWake()).isEqualTo(OptionalLong.of(DEADLINE));
    handshake.onProven(OTHER, OURS);
    assertThat(handshake.nextWake()).isEqualTo(OptionalLong.of(DEADLINE));
    assertThat(handshake.onTime(DEADLINE - 1)).isEmpty();
    assertRefused(handshake.onTime(DEADLINE), Code.TIMEOUT);
    assertThat(handshake.onTime(DEADLINE + 1)).isEmpty();
  }

  @Test
  void doesNotTalkToWhomeverCannotHearYet() {
    assertThat(handshake.onTime(DEADLINE))
        .hasSize(1)
        .first()
        .isInstanceOf(HandshakeAction.End.class);
  }

  private static void assertMalformed(Hello.Builder theirs) {
    Handshake meeting = new Handshake(SELF, expecting(Optional.empty()), Duration.ofSeconds(1), T0);
    meeting.onProven(OTHER, OURS);
    assertRefused(meeting.onEnvelope(wrap(theirs.build())), Code.VIOLATION);
  }

  private static void assertRefused(List<HandshakeAction> actions, Code code) {
    assertThat(actions).hasSize(1);
    assertThat(actions.get(0)).isInstanceOf(HandshakeAction.Refuse.class);
    assertThat(((HandshakeAction.Refuse) actions.get(0)).reason().code()).isEqualTo(code);
  }

  private static Hello.Builder hello() {
    return Hello.newBuilder()
        .setProtocolVersion(Limits.PROTOCOL_VERSION)
        .setNetwork(ByteString.copyFrom(filled(32, 7)));
  }

  private static Envelope wrap(Hello hello) {
    return Envelope.newBuilder().setHello(hello).build();
  }

  private static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
