package dev.dolmen.node.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Counts the API's answers by path, method and status. Any thread may tell it of one. */
public final class HttpFigures {

  /** What the labels say of a request that leads nowhere, so that strangers make no labels. */
  public static final String OTHER = "other";

  private static final double NANOS = 1e9;

  /** Seconds: a look-up takes a fraction of a millisecond, a wait for the node's disk a second. */
  private static final double[] BUCKETS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10
  };

  private final Counter requests;
  private final Histogram duration;

  HttpFigures(PrometheusRegistry registry) {
    this.requests =
        Counter.builder()
            .name("dolmen_http_requests_total")
            .help("Requests that were answered.")
            .labelNames("path", "method", "status")
            .withoutExemplars() // They would be timed by a scheduler of their own, behind a lock.
            .register(registry);
    this.duration =
        Histogram.builder()
            .name("dolmen_http_request_duration_seconds")
            .help("From a request's head to the end of its answer; event streams are left out.")
            .labelNames("path")
            .classicOnly()
            .classicUpperBounds(BUCKETS)
            .withoutExemplars()
            .register(registry);
  }

  /**
   * A request was answered.
   *
   * @param path as in the API's description, or {@link #OTHER}
   * @param method one that the path knows, or {@link #OTHER}
   */
  public void answered(String path, String method, int status) {
    requests.labelValues(path, method, Integer.toString(status)).inc();
  }

  /** How long an answer took. */
  public void took(String path, Duration time) {
    duration.labelValues(path).observe(time.toNanos() / NANOS);
  }
}
