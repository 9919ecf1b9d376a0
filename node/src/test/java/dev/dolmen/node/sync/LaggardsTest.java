package dev.dolmen.node.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.consensus.Work;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.node.action.NodeAction;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaggardsTest {

  private static final PeerId BOB = PeerId.of(new byte[32]);
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  private final Laggards laggards = new Laggards();

  @BeforeEach
  void bobComesWhenOurTipHasWork100() {
    laggards.onPeerReady(BOB, work(100), T0);
  }

  @Test
  void whoStaysBehindFor20MinutesIsToBeReplaced() {
    for (int minute = 0; minute < 20; minute++) {
      hears(60, 100 + minute, minute);
      assertThat(laggards.onTick(work(100), at(minute))).as("minute %s", minute).isEmpty();
    }
    assertThat(laggards.nextWake()).contains(at(20));
    assertThat(laggards.onTick(work(120), at(20)))
        .singleElement()
        .isInstanceOfSatisfying(
            NodeAction.Replace.class,
            replace -> {
              assertThat(replace.peer()).isEqualTo(BOB);
              assertThat(replace.reason().code()).isEqualTo(Code.USELESS);
              assertThat(replace.reason().sentence()).isEqualTo("its tip was behind for 20 min");
            });
  }

  /** Another place may not be free: then it is told again, but not all the time. */
  @Test
  void whoIsKeptNonethelessHas20MinutesMore() {
    assertThat(laggards.onTick(work(100), at(20))).hasSize(1);
    assertThat(laggards.onTick(work(100), at(39))).isEmpty();
    assertThat(laggards.onTick(work(100), at(40))).hasSize(1);
  }

  @Test
  void whoIsLevelOwesNothing() {
    hears(100, 100, 1);

    assertThat(laggards.nextWake()).isEmpty();
    assertThat(laggards.onTick(work(100), at(60))).isEmpty();
  }

  @Test
  void whoIsAheadOwesNothing() {
    hears(500, 100, 1);

    assertThat(laggards.nextWake()).isEmpty();
  }

  /** It catches up slowly, but what we had 20 minutes ago it has each time. */
  @Test
  void whoFollowsAtADistanceStays() {
    for (int minute = 0; minute < 120; minute += 10) {
      hears(100 + minute, 110 + minute, minute);
      assertThat(laggards.onTick(work(110 + minute), at(minute))).isEmpty();
    }
  }

  @Test
  void aTipThatNobodyKnowsPaysNothing() {
    laggards.onTipHeard(BOB, Optional.empty(), work(100), at(19));

    assertThat(laggards.onTick(work(100), at(20))).hasSize(1);
  }

  @Test
  void whoFallsBehindLaterHas20MinutesFromThen() {
    hears(100, 100, 1);
    hears(100, 101, 30);

    assertThat(laggards.onTick(work(101), at(49))).isEmpty();
    assertThat(laggards.onTick(work(101), at(50))).hasSize(1);
  }

  @Test
  void nothingIsKnownOfWhoIsGone() {
    laggards.onPeerGone(BOB);
    hears(1, 100, 1);

    assertThat(laggards.nextWake()).isEmpty();
    assertThat(laggards.onTick(work(100), at(60))).isEmpty();
  }

  private void hears(long theirs, long ours, int minute) {
    laggards.onTipHeard(BOB, Optional.of(work(theirs)), work(ours), at(minute));
  }

  private static Work work(long value) {
    return new Work(BigInteger.valueOf(value));
  }

  private static Instant at(int minute) {
    return T0.plus(Duration.ofMinutes(minute));
  }
}
