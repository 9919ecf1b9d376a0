package dev.dolmen.network.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeepaliveTest {

  private static final ByteString TIP = ByteString.copyFromUtf8("tip");
  private static final long T0 = 7;
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Envelope ANYTHING =
      Envelope.newBuilder().setLatestBlock(LatestBlock.getDefaultInstance()).build();

  private final Keepalive keepalive =
      new Keepalive(Limits.PING_INTERVAL, Limits.SILENCE_TIMEOUT, T0);

  @Test
  void pingsEveryThirtySecondsWithOurTip() {
    assertThat(keepalive.pingIfDue(TIP, T0 + 30 * SECOND - 1)).isEmpty();
    Envelope ping = keepalive.pingIfDue(TIP, T0 + 30 * SECOND).orElseThrow();
    assertThat(ping.getPing().getTipHash()).isEqualTo(TIP);
    assertThat(ping.getRequestId()).isNegative(); // beyond all ids the layer above may use
    assertThat(keepalive.pingIfDue(TIP, T0 + 60 * SECOND - 1)).isEmpty();
    assertThat(keepalive.pingIfDue(TIP, T0 + 60 * SECOND).orElseThrow().getRequestId())
        .isNotEqualTo(ping.getRequestId());
  }

  @Test
  void answersAPingWithItsIdAndOurTip() {
    Envelope ping =
        Envelope.newBuilder().setRequestId(9).setPing(Ping.getDefaultInstance()).build();
    assertThat(keepalive.onEnvelope(ping, TIP, T0))
        .contains(
            Envelope.newBuilder()
                .setRequestId(9)
                .setPong(Pong.newBuilder().setTipHash(TIP))
                .build());
    assertThat(keepalive.onEnvelope(ANYTHING, TIP, T0)).isEmpty();
  }

  @Test
  void measuresFromAPingToItsOwnPong() {
    Envelope ping = keepalive.ping(TIP, T0);
    keepalive.onEnvelope(pong(ping.getRequestId() + 1), TIP, T0 + 1);
    assertThat(keepalive.roundTrip()).isEmpty();
    keepalive.onEnvelope(pong(ping.getRequestId()), TIP, T0 + SECOND);
    assertThat(keepalive.roundTrip()).contains(Duration.ofSeconds(1));
    keepalive.onEnvelope(pong(ping.getRequestId()), TIP, T0 + 5 * SECOND);
    assertThat(keepalive.roundTrip()).contains(Duration.ofSeconds(1));
  }

  @Test
  void givesUpAfterNinetySecondsOfSilence() {
    assertThat(keepalive.silence(T0 + 90 * SECOND - 1)).isEmpty();
    assertThat(keepalive.silence(T0 + 90 * SECOND).orElseThrow().code()).isEqualTo(Code.TIMEOUT);
  }

  @Test
  void anythingHeardEndsTheSilence() {
    keepalive.onEnvelope(ANYTHING, TIP, T0 + 50 * SECOND);
    assertThat(keepalive.silence(T0 + 140 * SECOND - 1)).isEmpty();
    assertThat(keepalive.silence(T0 + 140 * SECOND)).isPresent();
  }

  @Test
  void aPeerWeDoNotReadIsNotSilent() {
    keepalive.reading(false, T0 + SECOND);
    assertThat(keepalive.silence(T0 + 1_000 * SECOND)).isEmpty();
    keepalive.reading(true, T0 + 1_000 * SECOND);
    assertThat(keepalive.silence(T0 + 1_090 * SECOND - 1)).isEmpty();
    assertThat(keepalive.silence(T0 + 1_090 * SECOND)).isPresent();
  }

  @Test
  void wakesForTheNextPingOrTheEndOfPatience() {
    assertThat(keepalive.nextWake()).isEqualTo(T0 + 30 * SECOND);
    keepalive.ping(TIP, T0 + 80 * SECOND);
    assertThat(keepalive.nextWake()).isEqualTo(T0 + 90 * SECOND);
  }

  private static Envelope pong(long id) {
    return Envelope.newBuilder().setRequestId(id).setPong(Pong.getDefaultInstance()).build();
  }
}
