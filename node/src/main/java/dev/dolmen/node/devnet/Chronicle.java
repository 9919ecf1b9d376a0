package dev.dolmen.node.devnet;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What happened last in a devnet, numbered from 1. It keeps the last {@value #CAPACITY}. Of what
 * comes in floods it takes {@value #PER_SECOND} a second, and says how much it left out.
 *
 * <p>Written by the threads of all nodes and read by others; one lock, under which nothing waits.
 */
public final class Chronicle {

  /** Some pages of reading. */
  public static final int CAPACITY = 2_000;

  /** More than people can follow; a network of 50 that gets a few entries says about so much. */
  static final int PER_SECOND = 400;

  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /**
   * One thing that happened.
   *
   * @param number one more than that of the one before
   * @param timeMillis when, since 1970
   */
  public record Numbered(long number, long timeMillis, Happening happening) {}

  /** Ends when closed. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  private final String run;
  private final LongSupplier clock;
  private final InstantSource wallClock;
  private final Deque<Numbered> kept = new ArrayDeque<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private long last;
  private long leftOut;
  private long budgetNanos = NANOS_PER_SECOND;
  private long budgetSince;

  /**
   * Nothing has happened yet.
   *
   * @param run tells this chronicle's numbers from those of others
   * @param clock monotonic, in nanoseconds
   * @param wallClock for the times people read
   */
  Chronicle(String run, LongSupplier clock, InstantSource wallClock) {
    this.run = run;
    this.clock = clock;
    this.wallClock = wallClock;
    this.budgetSince = clock.getAsLong();
  }

  /** Notes what is rare, or must not be missed. */
  void note(Happening happening) {
    synchronized (this) {
      append(happening);
    }
    watchers.forEach(Runnable::run);
  }

  /** Notes what may come in floods, if there is room; it is put into words only then. */
  void noteIfRoom(Supplier<Happening> happening) {
    synchronized (this) {
      if (!takeRoom()) {
        leftOut++;
        return;
      }
    }
    note(happening.get());
  }

  private void append(Happening happening) {
    if (leftOut > 0) {
      long unsaid = leftOut;
      leftOut = 0;
      keep(new Happening.LeftOut(unsaid));
    }
    keep(happening);
  }

  private void keep(Happening happening) {
    kept.add(new Numbered(++last, wallClock.millis(), happening));
    if (kept.size() > CAPACITY) {
      kept.remove();
    }
  }

  /** A full second's room at most, refilled as time passes. */
  private boolean takeRoom() {
    long now = clock.getAsLong();
    budgetNanos = Math.min(NANOS_PER_SECOND, budgetNanos + (now - budgetSince));
    budgetSince = now;
    long price = NANOS_PER_SECOND / PER_SECOND;
    if (budgetNanos < price) {
      return false;
    }
    budgetNanos -= price;
    return true;
  }

  /** A word that no other run of a devnet has, most likely: its numbers mean nothing elsewhere. */
  public String run() {
    return run;
  }

  /** The number of what happened last; 0 if nothing has. */
  public synchronized long last() {
    return last;
  }

  /**
   * What happened after a number, oldest first. If the first is not the next number, what lies
   * between has been forgotten.
   *
   * @param number 0 for all that is kept
   */
  public synchronized ImmutableList<Numbered> after(long number) {
    checkArgument(number >= 0, "numbers begin at 1, so %s is impossible", number);
    ImmutableList.Builder<Numbered> newer = ImmutableList.builder();
    Iterator<Numbered> newestFirst = kept.descendingIterator();
    while (newestFirst.hasNext()) {
      Numbered next = newestFirst.next();
      if (next.number <= number) {
        break;
      }
      newer.add(next);
    }
    return newer.build().reverse();
  }

  /**
   * Calls back whenever something happened, on the thread on which it did, which must not be kept
   * waiting.
   */
  public Subscription watch(Runnable watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }
}
