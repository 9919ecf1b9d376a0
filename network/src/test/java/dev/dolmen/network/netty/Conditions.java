package dev.dolmen.network.netty;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * What a path of an {@link InMemoryWire} does to what is sent along it. TCP hides that packets are
 * lost, so a loss is seen as a stall, or as a reset when it gives up.
 *
 * @param shortest least time from one end to the other
 * @param longest most time; each piece takes a random time between the two, and none overtakes
 *     another of its connection
 * @param bytesPerSecond what fits through; 0 means any amount
 * @param stallChance of a piece to be lost and sent again, 0 to 1
 * @param longestStall most time that takes
 * @param resetChance of a piece to break its connection, 0 to 1
 */
public record Conditions(
    Duration shortest,
    Duration longest,
    long bytesPerSecond,
    double stallChance,
    Duration longestStall,
    double resetChance) {

  public Conditions {
    checkArgument(
        !shortest.isNegative() && shortest.compareTo(longest) <= 0,
        "a latency of %s to %s",
        shortest,
        longest);
    checkArgument(bytesPerSecond >= 0, "%s bytes a second", bytesPerSecond);
    checkArgument(stallChance >= 0 && stallChance <= 1, "a chance of %s", stallChance);
    checkArgument(resetChance >= 0 && resetChance <= 1, "a chance of %s", resetChance);
  }

  /** A path without faults on which everything takes this long. */
  public static Conditions latency(Duration latency) {
    return latency(latency, latency);
  }

  /** A path without faults on which a piece takes between these times. */
  public static Conditions latency(Duration shortest, Duration longest) {
    return new Conditions(shortest, longest, 0, 0, Duration.ZERO, 0);
  }

  /** The same with so much room. */
  public Conditions withBandwidth(long value) {
    return new Conditions(shortest, longest, value, stallChance, longestStall, resetChance);
  }

  /** The same with pieces that are lost and sent again. */
  public Conditions withStalls(double chance, Duration most) {
    return new Conditions(shortest, longest, bytesPerSecond, chance, most, resetChance);
  }

  /** The same with connections that break. */
  public Conditions withResets(double chance) {
    return new Conditions(shortest, longest, bytesPerSecond, stallChance, longestStall, chance);
  }
}
