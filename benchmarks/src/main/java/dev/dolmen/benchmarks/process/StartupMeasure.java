package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * From the start of the program until its API has answered, with a chain in the store; then how
 * much memory it has after some idle seconds. By {@code java -jar}, and by {@code bin/dolmen} once
 * it has its archive of classes.
 */
final class StartupMeasure implements Measure {

  private static final double NANOS_PER_SECOND = 1e9;

  private final int blocks;
  private final int reps;
  private final int idleSeconds;

  StartupMeasure(Parameters with) {
    this.blocks = with.number("blocks", 10_000);
    this.reps = with.number("reps", 5);
    this.idleSeconds = with.number("idle", 5);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    Path chain = bench.chain(blocks, 0, 0);
    start(
        bench, bench.launcher(), chain, new ArrayList<>(), new ArrayList<>()); // Makes the archive.
    List<Double> bareTimes = new ArrayList<>();
    List<Double> plainTimes = new ArrayList<>();
    List<Double> plainMemory = new ArrayList<>();
    List<Double> launcherTimes = new ArrayList<>();
    List<Double> launcherMemory = new ArrayList<>();
    for (int i = 0; i < reps; i++) {
      bareTimes.add(bareSeconds());
      start(bench, bench.java(), chain, plainTimes, plainMemory);
      start(bench, bench.launcher(), chain, launcherTimes, launcherMemory);
    }
    Floor bare = new Floor("s for a JVM that does nothing", new Samples(bareTimes).median());
    report.add("plain", "s", new Samples(plainTimes), bare);
    report.add("launcher", "s", new Samples(launcherTimes), bare);
    report.add("plainMemory", "MiB", new Samples(plainMemory));
    report.add("launcherMemory", "MiB", new Samples(launcherMemory));
  }

  private void start(
      Workbench bench, List<String> program, Path chain, List<Double> times, List<Double> memory)
      throws IOException, InterruptedException {
    NodeProcess node = bench.launch(program, chain);
    times.add((node.awaitServing() - node.startedNanos()) / NANOS_PER_SECOND);
    checkState(node.height() == blocks, "the node has not the chain");
    TimeUnit.SECONDS.sleep(idleSeconds);
    memory.add(node.residentMib());
    bench.endNodes();
  }

  private static double bareSeconds() throws IOException, InterruptedException {
    long start = System.nanoTime();
    int exitCode =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    checkState(exitCode == 0, "java ended with %s", exitCode);
    return (System.nanoTime() - start) / NANOS_PER_SECOND;
  }
}
