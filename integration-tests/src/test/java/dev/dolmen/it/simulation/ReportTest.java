package dev.dolmen.it.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.encoding.Hash256;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A run is refused whose blocks are slow or made in vain; else its figures would show nothing. */
class ReportTest {

  private static Report report(int stale, Optional<Duration> mostToMost) {
    Optional<Duration> half = Optional.of(Duration.ofMillis(300));
    return new Report(
        Duration.ofHours(2),
        1,
        1,
        100,
        100,
        stale,
        half,
        half,
        mostToMost,
        new Hash256(0, 0, 0, 0));
  }

  @Test
  void atMostTwoSecondsAndLessThanTwoOfAHundredAreGood() {
    assertEquals(Optional.empty(), report(1, Optional.of(Duration.ofSeconds(2))).slowSpread());
  }

  @Test
  void slowBlocksAreSeen() {
    Report slow = report(0, Optional.of(Duration.ofMillis(2_001)));
    assertTrue(slow.slowSpread().orElseThrow().contains("2001 ms"), slow.toString());
    assertTrue(report(0, Optional.empty()).slowSpread().orElseThrow().contains("not reached"));
  }

  @Test
  void blocksMadeInVainAreSeen() {
    Report vain = report(2, Optional.of(Duration.ofSeconds(1)));
    assertTrue(vain.slowSpread().orElseThrow().contains("2 of 100 blocks went stale"));
  }

  @Test
  void timesAreOfTheSlowestThatBelongToTheShare() {
    Propagation propagation = new Propagation();
    List<Block> chain = Blocks.chain(4);
    for (int i = 0; i < 4; i++) {
      Duration born = Duration.ofSeconds(10L * i);
      propagation.reached(chain.get(i).hash(), born, 2);
      if (i < 3) {
        propagation.reached(chain.get(i).hash(), born.plusMillis(100L * (i + 1)), 2);
      }
    }

    assertEquals(Optional.of(Duration.ZERO), propagation.within(1, 0.5));
    assertEquals(Optional.of(Duration.ofMillis(200)), propagation.within(0.5, 1));
    assertEquals(Optional.of(Duration.ofMillis(300)), propagation.within(0.75, 1));
    assertEquals(Optional.empty(), propagation.within(0.95, 1));
    assertEquals(1, propagation.stale(Blocks.hashes(chain.subList(0, 3))));
  }
}
