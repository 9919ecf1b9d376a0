package dev.dolmen.it.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.node.action.Moment;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SkewedClockTest {

  private static final Instant START = Simulation.EPOCH;

  private final SkewedClock clock = new SkewedClock();

  @Test
  void aJumpMovesTheWallAndNotTheSteadyClock() {
    clock.isWrongBy(Duration.ofHours(-3), Duration.ofMinutes(1));
    assertEquals(
        new Moment(START.minus(Duration.ofHours(3)).plusSeconds(90), START.plusSeconds(90)),
        clock.now(Duration.ofSeconds(90)));
  }

  @Test
  void driftAddsUpAndEndsWhenTheClockIsSet() {
    clock.drifts(0.01, Duration.ZERO);
    assertEquals(START.plusSeconds(101), clock.now(Duration.ofSeconds(100)).wall());
    clock.isSet(Duration.ofSeconds(100));
    assertEquals(START.plusSeconds(200), clock.now(Duration.ofSeconds(200)).wall());
  }
}
