package dev.dolmen.node.cli;

import static dev.dolmen.node.cli.LogBudget.BURST_BYTES;
import static dev.dolmen.node.cli.LogBudget.BYTES_PER_HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogBudgetTest {

  private static final long HOUR = 3_600_000;

  private final LogBudget budget = new LogBudget();

  @Test
  void aFloodFromOnePlaceIsAMebibyteInAnyHour() {
    SplittableRandom random = new SplittableRandom(36);
    long[] perSecond = new long[4 * 3_600];
    for (int second = 0; second < perSecond.length; second++) {
      for (int line = 0; line < 50; line++) {
        int bytes = random.nextInt(20, 4_000);
        if (budget.admit("flood", bytes, second * 1_000L).isPresent()) {
          perSecond[second] += bytes;
        }
      }
    }
    long inHour = 0;
    long most = 0;
    for (int second = 0; second < perSecond.length; second++) {
      inHour += perSecond[second] - (second < 3_600 ? 0 : perSecond[second - 3_600]);
      most = Math.max(most, inHour);
    }

    assertThat(most).isBetween(BYTES_PER_HOUR * 9 / 10, BYTES_PER_HOUR);
  }

  @Test
  void oneFloodTakesNothingFromOtherPlaces() {
    while (budget.admit("flood", 100, 0).isPresent()) {
      // Until there is no room.
    }

    assertThat(budget.admit("another", BURST_BYTES, 0)).isEqualTo(OptionalLong.of(0));
    assertThat(budget.admit("another", 1, 0)).isEmpty();
  }

  @Test
  void saysHowManyLinesWereLeftOut() {
    budget.admit("place", BURST_BYTES, 0);
    for (int i = 0; i < 7; i++) {
      assertThat(budget.admit("place", 10, 0)).isEmpty();
    }

    assertThat(budget.admit("place", 10, HOUR)).isEqualTo(OptionalLong.of(7));
    assertThat(budget.admit("place", 10, HOUR)).isEqualTo(OptionalLong.of(0));
  }

  @Test
  void aClockThatGoesBackGivesNothingAndTakesNothing() {
    assertThat(budget.admit("place", BURST_BYTES, 10 * HOUR)).isPresent();

    assertThat(budget.admit("place", 1, 0)).isEmpty();
    assertThat(budget.admit("place", 1, HOUR)).isPresent();
  }

  @Test
  void placesWithoutEndShareOneBudget() {
    for (int i = 0; i < LogBudget.MAX_PLACES; i++) {
      assertThat(budget.admit("place " + i, 1, 0)).isPresent();
    }

    assertThat(budget.admit("one too many", BURST_BYTES, 0)).isPresent();
    assertThat(budget.admit("another", 1, 0)).isEmpty();
    assertThat(budget.admit("place 0", 1, 0)).isPresent();
  }
}
