package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SectorLogTest {

  @Test
  void whatIsSyncedStaysAndOfTheRestOnlyWhatComesBeforeTheFirstGap() {
    Set<Long> found = new LinkedHashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SectorLog log = new SectorLog();
      for (int i = 0; i < 5; i++) {
        log.append(1 + random.nextInt(2_000));
      }
      log.sync();
      for (int i = 0; i < 4; i++) {
        log.append(1 + random.nextInt(2_000));
      }
      long records = log.crash(random);
      assertThat(records).isBetween(5L, 9L);
      found.add(records);
      assertThat(log.crash(random)).as("what a restart has found is there").isEqualTo(records);
      log.append(100);
      log.sync();
      log.append(3_000);
      assertThat(log.crash(random)).isBetween(records + 1, records + 2);
    }
    assertThat(found).containsExactlyInAnyOrder(5L, 6L, 7L, 8L, 9L);
  }
}
