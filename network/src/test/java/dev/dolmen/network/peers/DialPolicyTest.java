package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DialPolicy.Phase;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DialPolicyTest {

  private static final PeerAddress BOB = PeerAddress.of("bob", 8555);
  private static final PeerAddress BOB_TOO = PeerAddress.of("bob", 8556);
  private static final PeerId BOBS_ID = PeerId.of(new byte[Limits.KEY_BYTES]);

  private final DialPolicy policy = new DialPolicy(new SplittableRandom(1));
  private long now = 1_000;

  @Test
  void aNewAddressIsDueAtOnceAndOnce() {
    policy.add(BOB, now);
    policy.add(BOB, now);
    assertThat(policy.takeDue(now)).containsExactly(BOB);
    assertThat(policy.takeDue(now)).isEmpty();
    assertThat(policy.nextWake()).isEmpty();
  }

  @Test
  void pausesDoubleFromHalfASecondToTenSpreadByHalf() {
    policy.add(BOB, now);
    double[] middles = {0.5, 1, 2, 4, 8, 10, 10, 10};
    for (double middle : middles) {
      policy.takeDue(now);
      policy.ended(BOB, "refused", now);
      long pause = policy.nextWake().orElseThrow() - now;
      assertThat(pause / 1e9).isBetween(middle / 2, middle * 1.5);
      assertThat(policy.takeDue(now + pause - 1)).isEmpty();
      now += pause;
    }
    assertThat(policy.takeDue(now)).containsExactly(BOB);
  }

  @Test
  void aLinkThatLivedBringsThePauseBackToHalfASecond() {
    failTimes(6);
    policy.connected(BOB, now);
    now += Limits.MAX_REDIAL_DELAY.toNanos();
    policy.ended(BOB, "gone", now);
    assertThat(policy.nextWake().orElseThrow() - now)
        .isLessThanOrEqualTo(Duration.ofMillis(750).toNanos());
  }

  @Test
  void aLinkThatDiedAtOnceDoesNot() {
    failTimes(6);
    policy.connected(BOB, now);
    now += Limits.MAX_REDIAL_DELAY.toNanos() - 1;
    policy.ended(BOB, "gone", now);
    assertThat(policy.nextWake().orElseThrow() - now)
        .isGreaterThanOrEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void anAddressOfAPeerWeHaveRestsUntilThatPeerIsGone() {
    policy.add(BOB_TOO, now);
    policy.takeDue(now);
    policy.elsewhere(BOB_TOO, BOBS_ID);
    assertThat(policy.nextWake()).isEqualTo(OptionalLong.empty());
    assertThat(policy.statuses(now).get(0).phase()).isEqualTo(Phase.ELSEWHERE);
    policy.gone(BOBS_ID, "went away", now);
    assertThat(policy.nextWake()).isPresent();
    assertThat(policy.statuses(now).get(0).lastFailure()).isEqualTo("went away");
  }

  @Test
  void aForgottenAddressIsNeverDueAgain() {
    policy.add(BOB, now);
    policy.remove(BOB);
    policy.ended(BOB, "too late", now);
    assertThat(policy.takeDue(now)).isEmpty();
    assertThat(policy.statuses(now)).isEmpty();
  }

  @Test
  void onlyAnotherFailureIsNews() {
    policy.add(BOB, now);
    assertThat(policy.ended(BOB, "refused", now)).isTrue();
    assertThat(policy.ended(BOB, "refused", now)).isFalse();
    assertThat(policy.ended(BOB, "no answer", now)).isTrue();
  }

  @Test
  void peopleSeeWhatAnAddressIsDoing() {
    policy.add(BOB, now);
    assertThat(policy.statuses(now).get(0).phase()).isEqualTo(Phase.WAITING);
    policy.takeDue(now);
    assertThat(policy.statuses(now).get(0).phase()).isEqualTo(Phase.DIALLING);
    policy.connected(BOB, now);
    assertThat(policy.statuses(now).get(0).phase()).isEqualTo(Phase.CONNECTED);
    policy.ended(BOB, "gone", now);
    assertThat(policy.statuses(now).get(0).untilNextTry()).isPositive();
    assertThat(policy.statuses(Long.MAX_VALUE / 2).get(0).untilNextTry()).isZero();
  }

  @Test
  void anAddressThatLeadsToACutPeerIsNotDialledAndDueAtOnceWhenItIsHealed() {
    failTimes(6);
    policy.ended(BOB, "refused", now);
    policy.leadsTo(BOB, BOBS_ID);
    policy.cut(BOBS_ID);
    now += Duration.ofDays(1).toNanos();
    assertThat(policy.takeDue(now)).isEmpty();
    assertThat(policy.nextWake()).isEmpty();
    assertThat(policy.statuses(now).get(0).phase()).isEqualTo(Phase.CUT);

    policy.heal(BOBS_ID, now);
    assertThat(policy.takeDue(now)).containsExactly(BOB);
    policy.ended(BOB, "refused", now);
    assertThat(policy.nextWake().orElseThrow() - now)
        .isLessThanOrEqualTo(Duration.ofMillis(750).toNanos());
  }

  @Test
  void aPinnedAddressIsKnownToLeadToItsPeer() {
    PeerAddress pinned = new PeerAddress(Optional.of(BOBS_ID), "bob", 8555);
    policy.cut(BOBS_ID);
    policy.add(pinned, now);
    assertThat(policy.takeDue(now)).isEmpty();
  }

  private void failTimes(int times) {
    policy.add(BOB, now);
    for (int i = 0; i < times; i++) {
      policy.takeDue(now);
      policy.ended(BOB, "refused", now);
      now = policy.nextWake().orElseThrow();
    }
    policy.takeDue(now);
  }
}
