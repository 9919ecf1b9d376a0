package dev.dolmen.node.metrics;

import dev.dolmen.node.Dolmen;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * All figures of a server and its nodes in Prometheus' text format. Nothing is global, nothing runs
 * in the background. Rule: {@code docs/metrics.md}
 */
public final class Metrics implements AutoCloseable {

  /** Of what {@link #render} gives. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final HttpFigures http = new HttpFigures(registry);
  private final Map<String, NodeFigures> nodes = new ConcurrentSkipListMap<>();
  private final boolean labelled;
  private final String version;

  /**
   * The HTTP server's own state.
   *
   * @param connections open ones, event streams not counted
   * @param streams event streams
   * @param atWork requests that keep the node or a worker busy
   * @param waiting requests that wait for their turn
   * @param lagNanos how long a task waited for its event loop
   */
  public record Server(int connections, int streams, int atWork, int waiting, long lagNanos) {}

  /**
   * No node yet.
   *
   * @param labelled whether each figure of a node says of which
   * @param version of the program
   */
  public Metrics(boolean labelled, String version) {
    this.labelled = labelled;
    this.version = version;
  }

  /** Begins to count what this node does, instead of one that had its name before. */
  public void watch(Dolmen node) {
    NodeFigures former = nodes.put(node.name(), new NodeFigures(node));
    if (former != null) {
      former.close();
    }
  }

  /** To tell of each answer. */
  public HttpFigures http() {
    return http;
  }

  /**
   * Everything, as it is now. Looks at the disk and waits for event loops: not to be called on one.
   */
  public byte[] render(Server server) {
    Page page = new Page();
    nodes.forEach(
        (name, node) -> {
          if (labelled) {
            page.of(name);
          }
          node.collect(page);
        });
    page.ofAll();
    collect(page, server);
    collectProcess(page);
    MetricSnapshots all = merged(page.snapshots());
    ByteArrayOutputStream text = new ByteArrayOutputStream(1 << 14);
    try {
      PrometheusTextFormatWriter.create().write(text, all, EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written to", e);
    }
    return text.toByteArray();
  }

  private MetricSnapshots merged(MetricSnapshots looked) {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    looked.forEach(all::metricSnapshot);
    registry.scrape().forEach(all::metricSnapshot);
    return all.build();
  }

  private void collect(Page page, Server server) {
    page.gauge("dolmen_build_info", "Always 1; which program this is.", 1, "version", version);
    page.gauge("dolmen_http_connections", "Clients that are connected.", server.connections());
    page.gauge("dolmen_http_event_streams", "Event streams that are open.", server.streams());
    page.gauge("dolmen_http_requests_at_work", "Requests that are worked on.", server.atWork());
    page.gauge("dolmen_http_requests_waiting", "Requests that wait for others.", server.waiting());
    page.gauge(Page.LAG, Page.LAG_HELP, server.lagNanos() / NANOS, "loop", "api");
  }

  private static void collectProcess(Page page) {
    var runtime = ManagementFactory.getRuntimeMXBean();
    page.gauge(
        "process_start_time_seconds",
        "When the process began, since 1970.",
        runtime.getStartTime() / MILLIS);
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean os) {
      page.counter("process_cpu_seconds_total", "Of all threads.", os.getProcessCpuTime() / NANOS);
      page.gauge("process_open_fds", "File descriptors in use.", os.getOpenFileDescriptorCount());
      page.gauge("process_max_fds", "File descriptors allowed.", os.getMaxFileDescriptorCount());
    }
    residentBytes(page);
    var memory = ManagementFactory.getMemoryMXBean();
    memory(page, "heap", memory.getHeapMemoryUsage());
    memory(page, "nonheap", memory.getNonHeapMemoryUsage());
    page.gauge(
        "jvm_threads_current",
        "Threads that live.",
        ManagementFactory.getThreadMXBean().getThreadCount());
    for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      page.counter(
          "jvm_gc_collections_total",
          "Garbage collections.",
          Math.max(0, collector.getCollectionCount()),
          "gc",
          collector.getName());
      page.counter(
          "jvm_gc_collection_seconds_total",
          "Time spent on them.",
          Math.max(0, collector.getCollectionTime()) / MILLIS,
          "gc",
          collector.getName());
    }
  }

  private static void memory(Page page, String area, MemoryUsage usage) {
    page.gauge("jvm_memory_used_bytes", "In use by the JVM.", usage.getUsed(), "area", area);
    page.gauge(
        "jvm_memory_committed_bytes", "Taken by the JVM.", usage.getCommitted(), "area", area);
  }

  /** Where the system tells it: Linux, in kB. */
  private static void residentBytes(Page page) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          long kibibytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
          page.gauge(
              "process_resident_memory_bytes", "In memory, of all kinds.", kibibytes * 1024.0);
        }
      }
    } catch (IOException elsewhere) {
      return; // Other systems have no such file.
    }
  }

  /** No longer listens to the nodes. */
  @Override
  public void close() {
    nodes.values().forEach(NodeFigures::close);
  }
}
