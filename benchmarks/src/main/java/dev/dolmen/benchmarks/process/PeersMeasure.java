package dev.dolmen.benchmarks.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A node with ever more peers: what each costs of memory, and how long a block takes from the call
 * that makes it until all have heard of it. The peers share the machine with the node.
 */
final class PeersMeasure implements Measure {

  private static final int STEPS = 4;
  private static final double KIB_PER_MIB = 1_024;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final long GAP_MILLIS = 100;
  private static final long SETTLE_MILLIS = 2_000;

  private final int peers;
  private final int blocks;

  PeersMeasure(Parameters with) {
    this.peers = with.number("peers", 1_000);
    this.blocks = with.number("blocks", 20);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    NodeProcess node =
        bench.launch(
            bench.launcher(),
            bench.directory(),
            "--max-peers",
            Integer.toString(peers),
            "--outbound-peers",
            "0");
    node.awaitServing();
    List<double[]> curve = new ArrayList<>();
    try (Audience audience = new Audience(node)) {
      // Whatever the first links cost once is no part of what each costs.
      audience.grow(peers / (STEPS * STEPS));
      node.makeBlocks(blocks);
      double before = settled(node);
      int first = peers / (STEPS * STEPS);
      for (int step = 1; step <= STEPS; step++) {
        int count = peers * step / STEPS;
        audience.grow(count);
        List<Double> toAll = toAll(node, audience);
        curve.add(new double[] {count, new Samples(toAll).median()});
        if (step == STEPS) {
          report.add("blockToAll", "ms", new Samples(toAll));
        }
      }
      report.add(
          "memoryEach", "kB", Samples.of((settled(node) - before) * KIB_PER_MIB / (peers - first)));
    }
    report.curve("relay", "peers, milliseconds until all have heard of a block", curve);
    bench.endNodes();
  }

  private List<Double> toAll(NodeProcess node, Audience audience)
      throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      TimeUnit.MILLISECONDS.sleep(GAP_MILLIS);
      audience.forget();
      long called = System.nanoTime();
      node.makeBlock();
      List<Long> heard = audience.awaitAnnounced();
      millis.add((heard.get(heard.size() - 1) - called) / NANOS_PER_MILLI);
    }
    return millis;
  }

  /** Memory that stays once garbage is gone, in MiB. */
  private static double settled(NodeProcess node) throws IOException, InterruptedException {
    node.collectGarbage();
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    node.collectGarbage();
    return node.residentMib();
  }
}
