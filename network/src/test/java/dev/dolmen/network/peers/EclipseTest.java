package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever has 10,000 addresses in 32 networks does not get all links that a node dials. With {@code
 * -Declipse.seeds=10000} it is played that often.
 */
class EclipseTest {

  private static final long SEEDS = Long.getLong("eclipse.seeds", 10);
  private static final int PLACES = (1_024 + 256) * 64;

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS) // as many seeds as are asked for
  void afterADayOfFloodingAndARestartAnHonestLinkIsLeft() {
    Eclipse.Outcome[] outcomes =
        LongStream.rangeClosed(1, SEEDS)
            .parallel()
            .mapToObj(seed -> Eclipse.play(seed, true))
            .toArray(Eclipse.Outcome[]::new);
    long good = Arrays.stream(outcomes).filter(outcome -> outcome.after() >= 1).count();
    double links = Arrays.stream(outcomes).mapToInt(Eclipse.Outcome::after).average().orElse(0);
    System.out.printf(
        "eclipse: an honest link in %d of %d seeds, %.1f of 8 on average%n", good, SEEDS, links);

    assertThat(good * 100).as("of %s seeds", SEEDS).isGreaterThanOrEqualTo(SEEDS * 99);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.known()).isLessThan(PLACES));
  }
}
