package dev.dolmen.node.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Figures as they are put together, some of one name with different labels. */
final class Page {

  static final String LAG = "dolmen_event_loop_lag_seconds";
  static final String LAG_HELP =
      "How long a task waited for the event loop just now; nothing if it waited for a second.";

  /** How long is waited for a loop before it is left out. */
  static final Duration LONGEST_LAG = Duration.ofSeconds(1);

  private static final String TOTAL = "_total";

  private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
  private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
  private Labels common = Labels.EMPTY;

  /** From now on, figures are of this node among several. */
  void of(String node) {
    common = Labels.of("node", node);
  }

  /** From now on, figures are of the process. */
  void ofAll() {
    common = Labels.EMPTY;
  }

  /** A figure that goes up and down, in whole numbers. */
  void gauge(String name, String help, long value, String... labels) {
    gauge(name, help, (double) value, labels);
  }

  /** A figure that goes up and down. */
  void gauge(String name, String help, double value, String... labels) {
    gauges
        .computeIfAbsent(name, absent -> GaugeSnapshot.builder().name(name).help(help))
        .dataPoint(
            GaugeDataPointSnapshot.builder().value(value).labels(withCommon(labels)).build());
  }

  /** A figure that only grows, in whole numbers, whose name ends with {@code _total}. */
  void counter(String name, String help, long value, String... labels) {
    counter(name, help, (double) value, labels);
  }

  /** A figure that only grows, whose name ends with {@code _total}. */
  void counter(String name, String help, double value, String... labels) {
    counters
        .computeIfAbsent(
            name,
            absent ->
                CounterSnapshot.builder()
                    .name(name.substring(0, name.length() - TOTAL.length()))
                    .help(help))
        .dataPoint(
            CounterDataPointSnapshot.builder().value(value).labels(withCommon(labels)).build());
  }

  private Labels withCommon(String... labels) {
    return common.merge(Labels.of(labels));
  }

  MetricSnapshots snapshots() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    counters.values().forEach(counter -> all.metricSnapshot(counter.build()));
    gauges.values().forEach(gauge -> all.metricSnapshot(gauge.build()));
    return all.build();
  }
}
