package dev.dolmen.benchmarks.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Nodes in a line, and a block made at one end: until the API of the other end tells it, which it
 * does once the block is synced to disk there.
 */
final class PropagationMeasure implements Measure {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final double NANOS_PER_MILLI = 1e6;

  private final int nodes;
  private final int blocks;
  private final int warmup;
  private final int gapMillis;

  PropagationMeasure(Parameters with) {
    this.nodes = with.number("nodes", 5);
    this.blocks = with.number("blocks", 200);
    this.warmup = with.number("warmup", 50);
    this.gapMillis = with.number("gap", 50);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    List<NodeProcess> line = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      line.add(bench.start(bench.directory()));
      if (i > 0) {
        line.get(i).connect(line.get(i - 1));
        line.get(i).awaitPeers(1);
      }
    }
    List<Double> fromCall = new ArrayList<>();
    List<Double> fromFirst = new ArrayList<>();
    List<Double> made = new ArrayList<>();
    try (TipWatch first = new TipWatch(line.get(0));
        TipWatch last = new TipWatch(line.get(nodes - 1))) {
      for (int height = 1; height <= warmup + blocks; height++) {
        TimeUnit.MILLISECONDS.sleep(gapMillis);
        long called = System.nanoTime();
        long answered = line.get(0).makeBlock();
        long atFirst = first.awaitHeight(height, PATIENCE).nanos();
        long atLast = last.awaitHeight(height, PATIENCE).nanos();
        if (height > warmup) {
          fromCall.add((atLast - called) / NANOS_PER_MILLI);
          fromFirst.add((atLast - atFirst) / NANOS_PER_MILLI);
          made.add((answered - called) / NANOS_PER_MILLI);
        }
      }
    }
    bench.endNodes();
    Floor floor =
        new Floor(
            "ms for 350 bytes over as many TLS links in one process",
            TransportFloor.lineMillis(nodes - 1, blocks).median());
    report.add("callToLast", "ms", new Samples(fromCall), floor);
    report.add("firstToLast", "ms", new Samples(fromFirst), floor);
    report.add("call", "ms", new Samples(made));
  }
}
