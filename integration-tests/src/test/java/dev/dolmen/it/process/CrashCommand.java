package dev.dolmen.it.process;

import java.io.IOException;
import java.time.Duration;

/**
 * Kills a node any number of times, see {@link CrashLoop}, and prints what happened; ends as {@link
 * LongRun} says.
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
    long begun = System.nanoTime();
    LongRun.run(
        "dolmen-crash",
        seed,
        (jar, directory) -> {
          CrashLoop loop = new CrashLoop(jar, directory, seed);
          for (int done = 0; done < rounds; ) {
            CrashLoop.Report report = loop.run(Math.min(ROUNDS_BETWEEN_LINES, rounds - done));
            done = report.rounds();
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            System.out.println(done + " rounds, " + seconds + " s: " + report);
          }
        });
  }
}
