package dev.dolmen.it.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {

  private static final Instant LATER = Simulation.EPOCH;

  @Test
  void aCrashKeepsWhatIsSyncedAndTheBeginningOfTheRest() {
    List<Block> blocks = Blocks.chain(6);
    Set<Long> heights = new LinkedHashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      SimulatedDisk disk = new SimulatedDisk(NetworkParameters.dev());
      Chain chain = new Chain(NetworkParameters.dev(), disk);
      blocks.subList(0, 3).forEach(block -> chain.add(block, LATER));
      disk.sync();
      blocks.subList(3, 6).forEach(block -> chain.add(block, LATER));

      disk.crash(new SplittableRandom(seed));

      long height = new Chain(NetworkParameters.dev(), disk).tip().height();
      assertTrue(height >= 3, "synced blocks stay");
      assertEquals(blocks.get((int) height - 1).hash(), disk.tip().hash());
      assertEquals(disk.tip().totalWork(), disk.mostWork());
      heights.add(height);
    }
    assertEquals(Set.of(3L, 4L, 5L, 6L), heights);
  }
}
