package dev.dolmen.it.process;

import java.io.IOException;
import java.time.Duration;

/**
 * Runs many nodes for a long time, see {@link Soak}, and prints what happened; ends as {@link
 * LongRun} says.
 *
 * <p>System properties: {@code soak.nodes} (20), {@code soak.hostile} (2), {@code soak.minutes}
 * (30), {@code soak.seed} (1), {@code dolmen.jar}.
 */
public final class SoakCommand {

  private static final Duration FAULT_LENGTH = Duration.ofSeconds(10);
  private static final int MINUTES_BETWEEN_LINES = 2;

  private SoakCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int nodes = Integer.getInteger("soak.nodes", 20);
    int hostile = Integer.getInteger("soak.hostile", 2);
    int minutes = Integer.getInteger("soak.minutes", 30);
    long seed = Long.getLong("soak.seed", 1);
    LongRun.run(
        "dolmen-soak",
        seed,
        (jar, directory) -> {
          try (Soak soak = new Soak(jar, directory, nodes, hostile, FAULT_LENGTH, seed)) {
            for (int done = 0; done < minutes; ) {
              int next = Math.min(MINUTES_BETWEEN_LINES, minutes - done);
              Soak.Report report = soak.run(Duration.ofMinutes(next));
              done += next;
              System.out.println(done + " min: " + report);
            }
            soak.settle();
            soak.uses()
                .forEach(
                    (witness, seen) ->
                        seen.forEach(use -> System.out.println(witness + ": " + use)));
          }
        });
  }
}
