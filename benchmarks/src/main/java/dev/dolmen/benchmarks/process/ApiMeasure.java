package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code GET /v1/blocks/latest} over many connections at once, and what that does to blocks that
 * come from a peer meanwhile: from the call that makes one there until the API here tells it. Who
 * asks shares the machine with both nodes.
 */
final class ApiMeasure implements Measure {

  private static final String PATH = "/v1/blocks/latest";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final double P99 = 0.99;
  private static final double NANOS_PER_MILLI = 1e6;

  /** About what the latest block is as JSON. */
  private static final int BODY_BYTES = 520;

  private static final int PAUSE_MILLIS = 50;

  private final int connections;
  private final Duration counted;
  private final Duration warmup;

  ApiMeasure(Parameters with) {
    this.connections = with.number("connections", 64);
    this.counted = Duration.ofSeconds(with.number("seconds", 10));
    this.warmup = Duration.ofSeconds(with.number("warmup", 10));
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    HttpLoad.Result bare;
    try (BareHttpServer server = new BareHttpServer(BODY_BYTES)) {
      bare = new HttpLoad(server.port(), PATH).run(connections, Duration.ofSeconds(2), counted);
    }
    NodeProcess node = bench.start(bench.directory());
    NodeProcess peer = bench.start(bench.directory());
    node.connect(peer);
    node.awaitPeers(1);
    HttpLoad load = new HttpLoad(node.apiPort(), PATH);
    HttpLoad.Result alone = load.run(connections, warmup, counted);
    Floor perSecond = new Floor("requests/s of a bare server", bare.perSecond());
    Floor p99 = new Floor("ms of a bare server", bare.millis().quantile(P99));
    report.add("requests", "requests/s", Samples.of(alone.perSecond()), perSecond);
    report.add("p99", "ms", Samples.of(alone.millis().quantile(P99)), p99);

    try (TipWatch watch = new TipWatch(node)) {
      AtomicBoolean asking = new AtomicBoolean(true);
      long start = System.nanoTime();
      Samples undisturbed =
          blocks(peer, watch, () -> System.nanoTime() - start < counted.toNanos());
      CompletableFuture<HttpLoad.Result> under =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return load.run(connections, Duration.ZERO, counted);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                } finally {
                  asking.set(false);
                }
              });
      Samples disturbed = blocks(peer, watch, asking::get);
      HttpLoad.Result whileImporting = under.get();
      report.add("requestsWhileImporting", "requests/s", Samples.of(whileImporting.perSecond()));
      report.add("p99WhileImporting", "ms", Samples.of(whileImporting.millis().quantile(P99)));
      report.add(
          "importUnderLoad", "ms", disturbed, new Floor("ms without load", undisturbed.median()));
    } catch (ExecutionException e) {
      throw new IOException("the load failed", e);
    }
    bench.endNodes();
  }

  /** Whether to go on. */
  private interface Condition {
    boolean holds();
  }

  private static Samples blocks(NodeProcess maker, TipWatch watch, Condition goesOn)
      throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    long height = maker.height();
    while (goesOn.holds()) {
      long called = System.nanoTime();
      maker.makeBlock();
      height++;
      millis.add((watch.awaitHeight(height, PATIENCE).nanos() - called) / NANOS_PER_MILLI);
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    checkState(!millis.isEmpty(), "no blocks came");
    return new Samples(millis);
  }
}
