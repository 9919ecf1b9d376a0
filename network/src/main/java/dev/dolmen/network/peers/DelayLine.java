package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * Lets things through in the order in which they came, each so much later than it came. A changed
 * delay holds for what waits as well, so nothing is ever overtaken. Its size is bounded by whoever
 * fills it.
 *
 * <p>Pure: times are nanoseconds of one monotonic clock.
 */
public final class DelayLine<T> {

  private record Held<T>(T item, long since) {}

  private final Deque<Held<T>> held = new ArrayDeque<>();
  private long delayNanos;

  /** Lets things through so much later from now on, also those that wait already. */
  public void delay(Duration delay) {
    delayNanos = delay.toNanos();
  }

  /** Takes something that came now. */
  public void add(T item, long now) {
    held.add(new Held<>(item, now));
  }

  /** What has waited long enough, oldest first; it is let go. */
  public ImmutableList<T> takeDue(long now) {
    ImmutableList.Builder<T> due = ImmutableList.builder();
    for (Held<T> next = held.peek();
        next != null && now - next.since >= delayNanos;
        next = held.peek()) {
      due.add(held.remove().item);
    }
    return due.build();
  }

  /** When the next thing has waited long enough; empty if nothing waits. */
  public OptionalLong nextWake() {
    Held<T> next = held.peek();
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.since + delayNanos);
  }

  /** Forgets what waits. */
  public void clear() {
    held.clear();
  }
}
