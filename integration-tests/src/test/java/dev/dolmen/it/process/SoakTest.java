package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class SoakTest {

  private static final long SEED = 1;

  @TempDir private Path directory;

  /** Any number of nodes for any time: {@link SoakCommand}. */
  @Test
  @Timeout(180)
  void whoeverIsKilledPausedOrCutOffIsSoonBackAndNobodyIsBlamed() throws Exception {
    Jar jar = new Jar(Files.createDirectories(directory.resolve("printed")));
    try (Soak soak = new Soak(jar, directory, 4, 0, Duration.ofMillis(500), SEED)) {
      Soak.Report report = soak.runThroughAllFaults();
      soak.settle();

      assertThat(report.faults()).containsOnlyKeys(Soak.Fault.values());
      assertThat(report.entries()).isPositive();
      assertThat(report.height()).isPositive();
    } finally {
      jar.endAll();
    }
  }
}
