package dev.dolmen.it.simulation;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Runs a scenario for any number of seeds, on all cores (or alone, where a run is measured), and
 * stops at the first that fails: then it prints what happened and the command that shows it again,
 * and exits with 1.
 *
 * <p>System properties: {@code sim.scenario}, {@code sim.from} (1), {@code sim.seeds} (100), {@code
 * sim.nodes} (0: the scenario's own), {@code sim.transcript} (a file; then one seed only).
 */
public final class SimulationCommand {

  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  private record Run(long seed, Future<Timed> result) {}

  /** What a run amounts to, and how long it took. */
  private record Timed(Report report, Duration took) {}

  private SimulationCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    String wanted = System.getProperty("sim.scenario", "");
    Optional<Scenario> scenario =
        Arrays.stream(Scenario.values()).filter(each -> each.label().equals(wanted)).findFirst();
    if (scenario.isEmpty()) {
      System.err.println(
          "-Dsim.scenario="
              + Arrays.stream(Scenario.values())
                  .map(Scenario::label)
                  .collect(Collectors.joining("|")));
      System.exit(EXIT_USAGE);
      return;
    }
    long from = Long.getLong("sim.from", 1);
    String transcript = System.getProperty("sim.transcript", "");
    long seeds = transcript.isEmpty() ? Long.getLong("sim.seeds", 100) : 1;
    int wantedNodes = Integer.getInteger("sim.nodes", 0);
    int nodes = wantedNodes > 0 ? wantedNodes : scenario.get().usualNodes();
    boolean good =
        transcript.isEmpty()
            ? runAll(scenario.get(), from, seeds, nodes)
            : runOne(scenario.get(), from, nodes, Path.of(transcript));
    if (!good) {
      System.exit(EXIT_FAILED);
    }
  }

  private static boolean runOne(Scenario scenario, long seed, int nodes, Path transcript)
      throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(transcript))) {
      Report report = scenario.run(seed, nodes, Optional.of(out::println));
      System.out.println(line(scenario, seed, report));
      return true;
    } catch (AssertionError failed) {
      System.out.println(failed.getMessage());
      System.out.println("transcript: " + transcript);
      return false;
    }
  }

  private static boolean runAll(Scenario scenario, long from, long seeds, int nodes)
      throws InterruptedException {
    int atOnce = scenario.runsAlone() ? 1 : Runtime.getRuntime().availableProcessors();
    ExecutorService threads = Executors.newFixedThreadPool(atOnce);
    try {
      Totals totals = new Totals(scenario, seeds);
      Queue<Run> running = new ArrayDeque<>();
      long next = from;
      while (next < from + seeds || !running.isEmpty()) {
        while (next < from + seeds && running.size() < 2 * atOnce) {
          long seed = next++;
          running.add(new Run(seed, threads.submit(() -> timed(scenario, seed, nodes))));
        }
        Run oldest = running.remove();
        try {
          Timed result = oldest.result().get();
          totals.add(oldest.seed(), result.report());
          if (tookTooLong(scenario, oldest.seed(), result)) {
            return false;
          }
        } catch (ExecutionException failed) {
          tellFailure(
              scenario,
              oldest.seed(),
              nodes,
              Optional.ofNullable(failed.getCause()).orElse(failed));
          return false;
        }
      }
      totals.tell();
      return true;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Timed timed(Scenario scenario, long seed, int nodes) {
    long begun = System.nanoTime();
    Report report = scenario.run(seed, nodes, Optional.empty());
    return new Timed(report, Duration.ofNanos(System.nanoTime() - begun));
  }

  private static boolean tookTooLong(Scenario scenario, long seed, Timed result) {
    Optional<Duration> limit = scenario.longest().filter(most -> result.took().compareTo(most) > 0);
    limit.ifPresent(
        most ->
            System.out.println(
                line(scenario, seed, result.report())
                    + "\nFAILED "
                    + scenario.label()
                    + " seed "
                    + seed
                    + ": it took "
                    + result.took().toSeconds()
                    + " s of real time, more than "
                    + most.toSeconds()));
    return limit.isPresent();
  }

  private static void tellFailure(Scenario scenario, long seed, int nodes, Throwable cause) {
    System.out.println(cause instanceof AssertionError ? cause.getMessage() : cause.toString());
    if (!(cause instanceof AssertionError) || cause.getCause() != null) {
      cause.printStackTrace(System.out);
    }
    System.out.println(
        "FAILED "
            + scenario.label()
            + " seed "
            + seed
            + "; see all of it with\n  "
            + "mvn -q -pl integration-tests -am verify -DskipTests -Psimulate -Dsim.scenario="
            + scenario.label()
            + " -Dsim.from="
            + seed
            + " -Dsim.nodes="
            + nodes
            + " -Dsim.transcript=transcript.txt");
  }

  private static String line(Scenario scenario, long seed, Report report) {
    return scenario.label() + " seed " + seed + ": " + report;
  }

  /** What is told while it runs and at the end. */
  private static final class Totals {
    private final Scenario scenario;
    private final long seeds;
    private final long begun = System.nanoTime();
    private long told = begun;
    private long done;
    private long events;
    private Duration elapsed = Duration.ZERO;

    Totals(Scenario scenario, long seeds) {
      this.scenario = scenario;
      this.seeds = seeds;
    }

    void add(long seed, Report report) {
      done++;
      events += report.events();
      elapsed = elapsed.plus(report.elapsed());
      if (System.nanoTime() - told >= BETWEEN_LINES.toNanos()) {
        told = System.nanoTime();
        System.out.println(line(scenario, seed, report));
        tell();
      }
      if (done == seeds) {
        System.out.println(line(scenario, seed, report));
      }
    }

    void tell() {
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "%d of %d seeds good in %.1f s: %,.0f events/s, %,.0f s of virtual time a second%n",
          done, seeds, seconds, events / seconds, elapsed.toMillis() / 1e3 / seconds);
    }
  }
}
