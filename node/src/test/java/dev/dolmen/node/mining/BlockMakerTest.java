package dev.dolmen.node.mining;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockMakerTest {

  private static final Instant T0 = Instant.parse("2026-06-01T00:00:00Z");

  private final BlockMaker maker = new BlockMaker(new SplittableRandom(1));

  @Test
  void waitsARandomWhileWithinItsBounds() {
    SplittableRandom random = new SplittableRandom(1);
    Duration shortest = BlockMaker.LONGEST_WAIT;
    Duration longest = BlockMaker.SHORTEST_WAIT;
    for (int i = 0; i < 20_000; i++) {
      BlockMaker each = new BlockMaker(random);
      each.onChange(true, T0);
      Duration wait = Duration.between(T0, each.nextWake().orElseThrow());
      shortest = wait.compareTo(shortest) < 0 ? wait : shortest;
      longest = wait.compareTo(longest) > 0 ? wait : longest;
    }
    assertEquals(BlockMaker.SHORTEST_WAIT, shortest);
    assertEquals(BlockMaker.LONGEST_WAIT, longest);
  }

  @Test
  void isDueOnceAndNotBefore() {
    maker.onChange(true, T0);
    Instant due = maker.nextWake().orElseThrow();

    assertFalse(maker.isDue(due.minusMillis(1)));
    assertTrue(maker.isDue(due));
    assertFalse(maker.isDue(due));
    assertEquals(Optional.empty(), maker.nextWake());
  }

  @Test
  void keepsItsAppointmentWhileSomethingIsPending() {
    maker.onChange(true, T0);
    Optional<Instant> due = maker.nextWake();

    maker.onChange(true, T0.plusMillis(100));

    assertEquals(due, maker.nextWake());
  }

  @Test
  void forgetsItsAppointmentWhenNothingIsPendingAnyMore() {
    maker.onChange(true, T0);
    maker.onChange(false, T0.plusMillis(100));

    assertEquals(Optional.empty(), maker.nextWake());
    assertFalse(maker.isDue(T0.plusSeconds(10)));
  }
}
