package dev.dolmen.node.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How much each place in the code may log: {@value #BURST_BYTES} bytes at once, {@value
 * #BYTES_PER_HOUR} bytes in any hour. Whoever finds a way to make a node complain over and over
 * fills no disk with it. Time is given, in milliseconds; that it goes back does no harm.
 */
final class LogBudget {

  static final long BYTES_PER_HOUR = 1 << 20;

  /** What follows it within an hour, and it, are together no more than the hour's. */
  static final long BURST_BYTES = BYTES_PER_HOUR / 4;

  /** Places in the code; there are fewer, and what comes beyond shares one budget. */
  static final int MAX_PLACES = 1_000;

  private static final long HOUR_MILLIS = 3_600_000;
  private static final String ALL_OTHERS = "";

  private final Map<String, Place> places = new HashMap<>();

  private static final class Place {
    private double budget = BURST_BYTES;
    private long last;
    private long leftOut;

    Place(long now) {
      this.last = now;
    }
  }

  /**
   * Asks for room for a line.
   *
   * @param place where in the code it comes from
   * @return how many lines of that place were left out before it; empty if it must be left out too
   */
  OptionalLong admit(String place, long bytes, long nowMillis) {
    boolean known = places.containsKey(place) || places.size() < MAX_PLACES;
    Place of = places.computeIfAbsent(known ? place : ALL_OTHERS, made -> new Place(nowMillis));
    double earned =
        Math.max(0, nowMillis - of.last) * (double) (BYTES_PER_HOUR - BURST_BYTES) / HOUR_MILLIS;
    of.last = nowMillis;
    of.budget = Math.min(BURST_BYTES, of.budget + earned);
    if (bytes > of.budget) {
      of.leftOut++;
      return OptionalLong.empty();
    }
    of.budget -= bytes;
    long leftOut = of.leftOut;
    of.leftOut = 0;
    return OptionalLong.of(leftOut);
  }
}
