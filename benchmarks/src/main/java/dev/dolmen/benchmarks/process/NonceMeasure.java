package dev.dolmen.benchmarks.process;

import dev.dolmen.benchmarks.HashingBenchmark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Nonces that one thread tries in a second, beside the bare digests of the JDK; by JMH. */
final class NonceMeasure implements Measure {

  private final int reps;

  NonceMeasure(Parameters with) {
    this.reps = with.number("reps", 10);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException {
    try {
      Samples floor = measure("digestFromFirstBlock");
      Samples search = measure("searchNonces");
      report.add(
          "perThread",
          "nonces/s",
          search,
          new Floor("double digests/s, 64 bytes done before", floor.median()));
    } catch (RunnerException e) {
      throw new IOException("JMH could not measure", e);
    }
  }

  private Samples measure(String benchmark) throws RunnerException {
    RunResult result =
        new Runner(
                new OptionsBuilder()
                    .include(HashingBenchmark.class.getName() + "\\." + benchmark + "$")
                    .forks(1)
                    .warmupIterations(3)
                    .measurementIterations(reps)
                    .measurementTime(TimeValue.seconds(1))
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .runSingle();
    List<Double> rates = new ArrayList<>();
    result
        .getBenchmarkResults()
        .forEach(
            fork -> {
              for (IterationResult iteration : fork.getIterationResults()) {
                rates.add(iteration.getPrimaryResult().getScore());
              }
            });
    return new Samples(rates);
  }
}
