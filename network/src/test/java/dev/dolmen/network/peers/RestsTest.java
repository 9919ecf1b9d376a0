package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.network.identity.PeerId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestsTest {

  private static final long REST = Duration.ofMinutes(2).toNanos();

  private final Rests rests = new Rests(Duration.ofNanos(REST));

  @Test
  void aPeerRestsForAWhile() {
    rests.begin(peer(1), 0);
    assertThat(rests.isResting(peer(1), REST - 1)).isTrue();
    assertThat(rests.isResting(peer(2), 0)).isFalse();
    assertThat(rests.isResting(peer(1), REST)).isFalse();
  }

  @Test
  void onlySoManyAreRemembered() {
    for (int i = 0; i <= Rests.MAX_RESTING; i++) {
      rests.begin(peer(i), 0);
    }
    assertThat(rests.isResting(peer(0), 1)).isFalse();
    assertThat(rests.isResting(peer(1), 1)).isTrue();
    assertThat(rests.isResting(peer(Rests.MAX_RESTING), 1)).isTrue();
  }

  private static PeerId peer(int number) {
    return PeerId.parse(String.format("%064x", number));
  }
}
