package dev.dolmen.node.follow;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that works until nothing is left to do, and again whenever it is woken. What it works on
 * may call the user's code, so it may be slow, fail, or close its own node.
 */
final class Attendant {

  /** For the user's code to return by itself, before its thread is interrupted. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** For the user's code to heed the interrupt, before its thread is left to itself. */
  static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(Attendant.class);

  private final Duration patience;
  private final Work work;
  private final Consumer<Optional<Throwable>> onEnd;
  private final Thread thread;
  private final Semaphore wakes = new Semaphore(0);
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicReference<State> state = new AtomicReference<>(State.NEW);

  private enum State {
    NEW,
    RUNNING,
    STOPPING
  }

  /** What the thread does. */
  interface Work {
    /**
     * Does a part of it.
     *
     * @return whether more can be done at once; otherwise it waits to be woken
     */
    boolean turn() throws Exception;
  }

  /**
   * A thread that is not started yet.
   *
   * @param onEnd called once, on the thread if it was started: no turn comes any more, because of
   *     this failure or because it was told to stop
   */
  Attendant(String name, Work work, Consumer<Optional<Throwable>> onEnd) {
    this(name, work, onEnd, PATIENCE);
  }

  Attendant(String name, Work work, Consumer<Optional<Throwable>> onEnd, Duration patience) {
    this.patience = patience;
    this.work = work;
    this.onEnd = onEnd;
    this.thread = new Thread(this::run, name);
  }

  /** Starts the thread, if it was not started or stopped before. */
  void start() {
    if (state.compareAndSet(State.NEW, State.RUNNING)) {
      thread.start();
    }
  }

  /** There may be something to do. Never waits. */
  void wake() {
    if (wakes.availablePermits() == 0) {
      wakes.release();
    }
  }

  private void run() {
    Optional<Throwable> failure = Optional.empty();
    try {
      while (state.get() == State.RUNNING) {
        if (!work.turn()) {
          wakes.acquireUninterruptibly();
          wakes.drainPermits();
        }
      }
    } catch (Exception | Error e) {
      failure = Optional.of(e);
    }
    try {
      onEnd.accept(failure);
    } finally {
      over.countDown();
    }
  }

  /** Whether it has been told to stop. */
  boolean isStopping() {
    return state.get() == State.STOPPING;
  }

  /** No turn begins after this one. Never waits. */
  void stop() {
    State before = state.getAndSet(State.STOPPING);
    if (before == State.NEW) {
      onEnd.accept(Optional.empty());
      over.countDown();
    }
    wake();
  }

  /** Waits for the end of the thread, unless it is this very one; {@link #stop} comes first. */
  void awaitEnd() {
    if (Thread.currentThread() == thread) {
      return;
    }
    if (!Uninterruptibles.awaitUninterruptibly(over, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      log.warn(
          "{} is still at work {} s after it was told to stop, at {}; it is interrupted",
          thread.getName(),
          patience.toSeconds(),
          where());
      thread.interrupt();
      if (!Uninterruptibles.awaitUninterruptibly(
          over, LAST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        log.error(
            "{} does not heed its interrupt and is left running, at {}", thread.getName(), where());
        return;
      }
    }
    Uninterruptibles.joinUninterruptibly(thread);
  }

  private String where() {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length == 0 ? "its end" : stack[0].toString();
  }
}
