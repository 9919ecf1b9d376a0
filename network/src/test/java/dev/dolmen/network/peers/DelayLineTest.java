package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DelayLineTest {

  private static final long MILLI = 1_000_000;

  private final DelayLine<String> line = new DelayLine<>();

  @Test
  void letsThroughAtOnceWithoutADelay() {
    line.add("a", 5);
    assertThat(line.takeDue(5)).containsExactly("a");
    assertThat(line.nextWake()).isEmpty();
  }

  @Test
  void holdsBackUntilTheDelayHasPassedAndNoLonger() {
    line.delay(Duration.ofMillis(3));
    line.add("a", 0);
    line.add("b", MILLI);
    assertThat(line.nextWake()).hasValue(3 * MILLI);
    assertThat(line.takeDue(3 * MILLI - 1)).isEmpty();
    assertThat(line.takeDue(3 * MILLI)).containsExactly("a");
    assertThat(line.takeDue(4 * MILLI)).containsExactly("b");
  }

  @Test
  void aChangedDelayHoldsForWhatWaitsAndKeepsTheOrder() {
    line.delay(Duration.ofMillis(3));
    line.add("a", 0);
    line.delay(Duration.ofMillis(1));
    line.add("b", 0);
    assertThat(line.takeDue(MILLI)).containsExactly("a", "b");
  }

  @Test
  void forgetsWhatWaits() {
    line.delay(Duration.ofMillis(3));
    line.add("a", 0);
    line.clear();
    assertThat(line.takeDue(9 * MILLI)).isEmpty();
    assertThat(line.nextWake()).isEmpty();
  }
}
