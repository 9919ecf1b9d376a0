package dev.dolmen.it.attack;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** How long some like things took, in order of length. */
record Times(List<Long> sortedNanos) {

  private static final double NANOS_PER_MILLI = 1e6;

  static Times of(Collection<Long> nanos) {
    return new Times(nanos.stream().sorted().toList());
  }

  int count() {
    return sortedNanos.size();
  }

  /** Longer than this did one in a hundred take, or the longest of fewer; 0 of none. */
  Duration p99() {
    return quantile(0.99);
  }

  private Duration quantile(double share) {
    int count = count();
    return count == 0
        ? Duration.ZERO
        : Duration.ofNanos(sortedNanos.get(Math.min(count - 1, (int) (count * share))));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d, median %.1f ms, p99 %.1f ms",
        count(),
        quantile(0.5).toNanos() / NANOS_PER_MILLI,
        p99().toNanos() / NANOS_PER_MILLI);
  }
}
