package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.benchmarks.process.TipWatch.Tip;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * A fresh node fetches a chain from one that has it: from the call that tells it to connect until
 * its API tells the other's tip. Both are processes with a store on disk, and the fresh one checks
 * everything.
 */
final class SyncMeasure implements Measure {

  private static final int HEADER_BYTES = 100;
  private static final int ENTRY_BYTES = 109;

  /** What stands for a small block in the floor of the store. */
  private static final int SMALL_BLOCK_BYTES = 300;

  private static final int MOST_BLOCKS_OF_FLOOR = 200_000;
  private static final long FLOOR_BYTES = 1L << 30;
  private static final long LOOK_MILLIS = 50;
  private static final long SETTLE_MILLIS = 500;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  /** The chain is cut into so many parts for the curves, and the first and last are compared. */
  private static final int PARTS = 10;

  private final int blocks;
  private final int transactions;
  private final int payload;
  private final int reps;

  SyncMeasure(Parameters with, int blocks, int transactions, int payload, int reps) {
    this.blocks = with.number("blocks", blocks);
    this.transactions = with.number("transactions", transactions);
    this.payload = with.number("payload", payload);
    this.reps = with.number("reps", reps);
  }

  private record Looked(long nanos, double residentMib) {}

  private record Run(long startNanos, long endNanos, List<Tip> tips, List<Looked> memory) {
    double seconds() {
      return (endNanos - startNanos) / NANOS_PER_SECOND;
    }

    /** When the chain had this height, about: between two told tips, in proportion. */
    double nanosAt(double height) {
      Tip before = new Tip(0, "", startNanos);
      for (Tip tip : tips) {
        if (tip.height() >= height) {
          double share = (height - before.height()) / Math.max(1, tip.height() - before.height());
          return before.nanos() + share * (tip.nanos() - before.nanos());
        }
        before = tip;
      }
      return endNanos;
    }

    double residentAt(double height) {
      double nanos = nanosAt(height);
      return memory.stream()
          .filter(look -> look.nanos() >= nanos)
          .findFirst()
          .orElse(memory.get(memory.size() - 1))
          .residentMib();
    }
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    long blockBytes = HEADER_BYTES + (long) transactions * (ENTRY_BYTES + payload);
    Path chain = bench.chain(blocks, transactions, payload);
    Path floorDirectory = bench.directory();
    int storedBytes = (int) Math.max(SMALL_BLOCK_BYTES, blockBytes);
    double database =
        DatabaseFloor.blocksPerSecond(
            floorDirectory,
            (int) Math.min(Math.min(blocks, MOST_BLOCKS_OF_FLOOR), FLOOR_BYTES / storedBytes),
            storedBytes);
    bench.delete(floorDirectory);
    List<Run> runs = new ArrayList<>();
    List<Double> peaks = new ArrayList<>();
    for (int i = 0; i < reps; i++) {
      runs.add(sync(bench, chain, peaks));
    }
    report.add(
        "blocks",
        "blocks/s",
        each(runs, run -> blocks / run.seconds()),
        new Floor("RocksDB blocks/s, 3 puts each", database));
    if (transactions > 0) {
      report.add(
          "bytes",
          "MB/s",
          each(runs, run -> blocks * blockBytes / BYTES_PER_MEGABYTE / run.seconds()),
          new Floor("MB/s over TLS", TransportFloor.megabytesPerSecond(true)));
      report.add(
          "entries",
          "entries/s",
          each(runs, run -> (double) blocks * transactions / run.seconds()),
          new Floor(
              "BouncyCastle verifications/s, all cores", SignatureFloor.verificationsPerSecond()));
    }
    report.add("peakMemory", "MiB", new Samples(peaks));
    report.add("lastPartOverFirst", "× time", each(runs, SyncMeasure.this::lastOverFirst));
    report.add(
        "memoryGrowth",
        "MiB from 20 % of the chain to its end",
        each(runs, run -> run.residentAt(blocks) - run.residentAt(0.2 * blocks)));
    curves(report, runs.get(0));
  }

  private Run sync(Workbench bench, Path chain, List<Double> peaks)
      throws IOException, InterruptedException {
    Path directory = bench.directory();
    NodeProcess source = bench.start(chain);
    NodeProcess fresh = bench.start(directory);
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    List<Looked> memory = new ArrayList<>();
    try (TipWatch watch = new TipWatch(fresh)) {
      String tip = source.tip();
      checkState(source.height() == blocks, "the source has not the chain");
      long start = System.nanoTime();
      fresh.connect(source);
      long deadline = start + PATIENCE.toNanos();
      while (watch.highest() < blocks) {
        memory.add(new Looked(System.nanoTime(), fresh.residentMib()));
        checkState(System.nanoTime() - deadline < 0, "not there after %s", PATIENCE);
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      Tip last = watch.awaitTip(tip, PATIENCE);
      memory.add(new Looked(System.nanoTime(), fresh.residentMib()));
      peaks.add(fresh.peakResidentMib());
      Run run = new Run(start, last.nanos(), watch.tips(), memory);
      Report.say(blocks + " blocks in " + Figure.rounded(run.seconds()) + " s");
      return run;
    } finally {
      bench.endNodes();
      bench.delete(directory);
    }
  }

  private double lastOverFirst(Run run) {
    double part = (double) blocks / PARTS;
    double first = run.nanosAt(part) - run.nanosAt(0);
    double last = run.nanosAt(blocks) - run.nanosAt(blocks - part);
    return last / first;
  }

  private void curves(Report report, Run run) throws IOException {
    List<double[]> times = new ArrayList<>();
    List<double[]> memory = new ArrayList<>();
    double part = (double) blocks / (2 * PARTS);
    for (int i = 1; i <= 2 * PARTS; i++) {
      double height = i * part;
      double nanos = run.nanosAt(height) - run.nanosAt(height - part);
      times.add(new double[] {height, nanos / part / NANOS_PER_MICRO});
      memory.add(new double[] {height, run.residentAt(height)});
    }
    report.curve("time-per-block", "height, microseconds per block while catching up", times);
    report.curve("memory", "height, resident MiB while catching up", memory);
  }

  private static Samples each(List<Run> runs, ToDoubleFunction<Run> quantity) {
    return new Samples(runs.stream().map(quantity::applyAsDouble).toList());
  }
}
