package dev.dolmen.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Kills a node any number of times, see {@link CrashLoop}, and prints what happened. At the first
 * failure it leaves the directory as it is, names it, and exits with 1.
 *
 * <p>System properties: {@code crash.rounds} (100), {@code crash.seed} (1), {@code dolmen.jar}.
 */
public final class CrashCommand {

  private static final int ROUNDS_BETWEEN_LINES = 50;

  private CrashCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int rounds = Integer.getInteger("crash.rounds", 100);
    long seed = Long.getLong("crash.seed", 1);
    Path directory = Files.createTempDirectory("dolmen-crash");
    Jar jar = new Jar(Files.createDirectories(directory.resolve("printed")));
    long begun = System.nanoTime();
    int failed = 0;
    int done = 0;
    try {
      CrashLoop loop = new CrashLoop(jar, directory, seed);
      while (done < rounds) {
        CrashLoop.Report report = loop.run(Math.min(ROUNDS_BETWEEN_LINES, rounds - done));
        done = report.rounds();
        long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
        System.out.println(done + " rounds, " + seconds + " s: " + report);
      }
    } catch (AssertionError | RuntimeException failure) {
      failure.printStackTrace(System.out);
      System.out.println("FAILED after " + done + " rounds with seed " + seed + ": " + directory);
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
