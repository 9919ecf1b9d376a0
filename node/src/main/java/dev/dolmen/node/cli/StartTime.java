package dev.dolmen.node.cli;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * How long this JVM has been running. The process may be older: a shell that ends with {@code exec}
 * gives it its own age.
 */
final class StartTime {

  private static final double MILLIS_PER_SECOND = 1_000;

  private StartTime() {}

  /** In seconds with one decimal: {@code 1.9 s}. */
  static String sinceStart() {
    long millis = ManagementFactory.getRuntimeMXBean().getUptime();
    return String.format(Locale.ROOT, "%.1f s", millis / MILLIS_PER_SECOND);
  }
}
