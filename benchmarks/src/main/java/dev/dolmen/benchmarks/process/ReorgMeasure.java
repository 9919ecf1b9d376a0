package dev.dolmen.benchmarks.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Two nodes go apart by so many blocks and meet again: from the call that tells the one with less
 * work to connect until its API tells the other's tip. In that time it links up, learns of the
 * branch, fetches and checks it, and takes it in one step. The first meeting finds cold code, the
 * others warm.
 */
final class ReorgMeasure implements Measure {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int FLOOR_BLOCKS = 100_000;
  private static final int BLOCK_BYTES = 300;
  private static final double NANOS_PER_SECOND = 1e9;

  private final int depth;
  private final int reps;

  ReorgMeasure(Parameters with) {
    this.depth = with.number("depth", 1_000);
    this.reps = with.number("reps", 7);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    Path floorDirectory = bench.directory();
    Floor floor =
        new Floor(
            "RocksDB blocks/s, 3 puts each",
            DatabaseFloor.blocksPerSecond(floorDirectory, FLOOR_BLOCKS, BLOCK_BYTES));
    bench.delete(floorDirectory);
    NodeProcess less = bench.start(bench.directory());
    NodeProcess more = bench.start(bench.directory());
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < reps; i++) {
      less.makeBlocks(depth);
      more.makeBlocks(depth + 1);
      String tip = more.tip();
      try (TipWatch watch = new TipWatch(less)) {
        long start = System.nanoTime();
        less.connect(more);
        long end = watch.awaitTip(tip, PATIENCE).nanos();
        rates.add(depth * NANOS_PER_SECOND / (end - start));
      }
      less.disconnect(more);
    }
    report.add("first", "blocks/s", Samples.of(rates.get(0)), floor);
    if (reps > 1) {
      report.add("again", "blocks/s", new Samples(rates.subList(1, reps)), floor);
    }
  }
}
