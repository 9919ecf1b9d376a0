package dev.dolmen.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs many nodes for a long time, see {@link Soak}, and prints what happened. At the first failure
 * it leaves the directories as they are, names them, and exits with 1.
 *
 * <p>System properties: {@code soak.nodes} (20), {@code soak.minutes} (30), {@code soak.seed} (1),
 * {@code dolmen.jar}.
 */
public final class SoakCommand {

  private static final Duration FAULT_LENGTH = Duration.ofSeconds(10);
  private static final int MINUTES_BETWEEN_LINES = 2;

  private SoakCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int nodes = Integer.getInteger("soak.nodes", 20);
    int minutes = Integer.getInteger("soak.minutes", 30);
    long seed = Long.getLong("soak.seed", 1);
    Path directory = Files.createTempDirectory("dolmen-soak");
    Jar jar = new Jar(Files.createDirectories(directory.resolve("printed")));
    int failed = 0;
    try (Soak soak = new Soak(jar, directory, nodes, FAULT_LENGTH, seed)) {
      for (int done = 0; done < minutes; ) {
        int next = Math.min(MINUTES_BETWEEN_LINES, minutes - done);
        Soak.Report report = soak.run(Duration.ofMinutes(next));
        done += next;
        System.out.println(done + " min: " + report);
      }
      soak.settle();
      soak.uses()
          .forEach(
              (witness, seen) -> seen.forEach(use -> System.out.println(witness + ": " + use)));
    } catch (AssertionError | RuntimeException failure) {
      failure.printStackTrace(System.out);
      System.out.println("FAILED with seed " + seed + ": " + directory);
      failed = 1;
    } finally {
      jar.endAll();
    }
    if (failed == 0) {
      StoreCheck.delete(directory);
    }
    System.exit(failed);
  }
}
