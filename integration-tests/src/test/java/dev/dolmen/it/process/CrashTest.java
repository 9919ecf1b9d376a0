package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class CrashTest {

  private static final int ROUNDS = 20;

  /** Of its twenty kills, six meet the node in its recovery. */
  private static final long SEED = 6;

  @TempDir private Path directory;

  /** Any number of rounds, with any seed: {@link CrashCommand}. */
  @Test
  @Timeout(180)
  void aNodeThatIsKilledAtAnyMomentRecoversByItselfAndHasLostNothing() throws Exception {
    Jar jar = new Jar(Files.createDirectories(directory.resolve("printed")));
    try {
      CrashLoop.Report report = new CrashLoop(jar, directory, SEED).run(ROUNDS);

      assertThat(report.rounds()).isEqualTo(ROUNDS);
      assertThat(report.kills()).containsOnlyKeys(CrashLoop.Moment.values());
      assertThat(report.kills().get(CrashLoop.Moment.RECOVERING)).isGreaterThanOrEqualTo(4);
      assertThat(report.entries()).isPositive();
    } finally {
      jar.endAll();
    }
  }
}
