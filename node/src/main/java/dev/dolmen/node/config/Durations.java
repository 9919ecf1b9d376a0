package dev.dolmen.node.config;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: one number and one unit, such as {@code 10s}. */
public final class Durations {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(ms|s|m|h|d)");

  /** Longest first, so that writing finds the largest unit that fits. */
  private static final ImmutableMap<String, Duration> UNITS =
      ImmutableMap.of(
          "d", Duration.ofDays(1),
          "h", Duration.ofHours(1),
          "m", Duration.ofMinutes(1),
          "s", Duration.ofSeconds(1),
          "ms", Duration.ofMillis(1));

  private Durations() {}

  /** Reads {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h} or {@code 1d}; else empty. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
    return Optional.of(unit.multipliedBy(Long.parseLong(matcher.group(1))));
  }

  /** Writes whole milliseconds so that {@link #parse} reads the same again. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
      long size = unit.getValue().toMillis();
      if (millis != 0 && millis % size == 0) {
        return millis / size + unit.getKey();
      }
    }
    return millis + "ms";
  }
}
