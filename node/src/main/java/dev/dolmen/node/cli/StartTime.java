package dev.dolmen.node.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How long this process has been running, as its user felt it: loading the JVM included. */
final class StartTime {

  private static final double MILLIS_PER_SECOND = 1_000;

  private StartTime() {}

  /** In seconds with one decimal: {@code 1.9 s}. */
  static String sinceStart() {
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    long millis = Duration.between(started, Instant.now()).toMillis();
    return String.format(Locale.ROOT, "%.1f s", Math.max(0, millis) / MILLIS_PER_SECOND);
  }
}
