package dev.dolmen.node;

import dev.dolmen.network.identity.PeerId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the node thread. What one peer says stays in its order. Peers have turns: one
 * input each, and as many more as begin within {@link #TURN}, so that what is quickly dealt with
 * need not wait for what is not. Between any two of theirs goes one input of this node's own. So
 * whoever says much waits behind itself, and a peer that says one thing waits for one turn of each
 * of the others.
 *
 * <p>Any thread may add, and never waits for another: event loops do. One thread takes; it alone
 * sorts what has arrived into turns. Nothing is bounded here: peers are, in the network, by what a
 * link may have outstanding, and callers of the API by {@link NodeRunner#MAX_WAITING_QUESTIONS}.
 */
final class Inbox<T> {

  /** In which another input of the same peer is begun before the next peer has its turn. */
  static final Duration TURN = Duration.ofNanos(200_000);

  /**
   * @param from null if it is this node's own
   * @param obsolete what of that peer's need not be dealt with any more, if it still waits; null if
   *     all of it must
   */
  private record Arrival<T>(@Nullable PeerId from, T input, @Nullable Predicate<T> obsolete) {}

  private record FromOne<T>(PeerId peer, Queue<T> waiting) {}

  private final LongSupplier nanoTime;
  private final Queue<Arrival<T>> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();

  /** Who waits for something to arrive. */
  private volatile @Nullable Thread taker;

  // Owned by the thread that takes.
  private final Queue<T> own = new ArrayDeque<>();
  private final Map<PeerId, FromOne<T>> fromPeers = new HashMap<>();

  /** Those of which something waits, in the order of their turns; the first has its turn. */
  private final ArrayDeque<FromOne<T>> turns = new ArrayDeque<>();

  private boolean peersTurn;
  private boolean turnIsOpen;
  private long turnBegan;

  /**
   * @param nanoTime a monotonic clock
   */
  Inbox(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Adds something of this node's own. */
  void add(T input) {
    add(new Arrival<>(null, input, null));
  }

  /** Adds something of a peer's. */
  void add(PeerId from, T input) {
    add(new Arrival<>(from, input, null));
  }

  /**
   * Adds something of a peer's, after which what fits the predicate and still waits of that peer
   * need not be dealt with any more.
   */
  void addInsteadOf(PeerId from, Predicate<T> obsolete, T input) {
    add(new Arrival<>(from, input, obsolete));
  }

  private void add(Arrival<T> arrival) {
    size.incrementAndGet();
    arrivals.add(arrival);
    Thread waits = taker; // It says so before it looks for the last time, so one sees the other.
    if (waits != null) {
      LockSupport.unpark(waits);
    }
  }

  /** What is next; empty if nothing waits. */
  Optional<T> poll() {
    sort();
    Optional<T> next = next();
    next.ifPresent(taken -> size.decrementAndGet());
    return next;
  }

  /** What is next, waiting for it; empty if nothing came in time. */
  Optional<T> poll(long millis) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Optional<T> next = poll();
    while (next.isEmpty() && end - System.nanoTime() > 0) {
      taker = Thread.currentThread();
      if (arrivals.isEmpty()) {
        LockSupport.parkNanos(this, end - System.nanoTime());
      }
      taker = null;
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      next = poll();
    }
    return next;
  }

  private void sort() {
    for (Arrival<T> next = arrivals.poll(); next != null; next = arrivals.poll()) {
      if (next.from == null) {
        own.add(next.input);
      } else {
        sort(next.from, next);
      }
    }
  }

  private void sort(PeerId peer, Arrival<T> arrival) {
    FromOne<T> before = fromPeers.get(peer);
    if (before == null) {
      before = new FromOne<>(peer, new ArrayDeque<>(1));
      fromPeers.put(peer, before);
      turns.add(before);
    }
    if (arrival.obsolete != null) {
      int waiting = before.waiting.size();
      before.waiting.removeIf(arrival.obsolete);
      size.addAndGet(before.waiting.size() - waiting);
    }
    before.waiting.add(arrival.input);
  }

  private Optional<T> next() {
    if (turns.isEmpty() || (!peersTurn && !own.isEmpty())) {
      peersTurn = true;
      return Optional.ofNullable(own.poll());
    }
    peersTurn = false;
    return Optional.of(nextOfPeers());
  }

  private T nextOfPeers() {
    long now = nanoTime.getAsLong();
    if (turnIsOpen && now - turnBegan >= TURN.toNanos()) {
      turns.add(turns.remove());
      turnIsOpen = false;
    }
    if (!turnIsOpen) {
      turnIsOpen = true;
      turnBegan = now;
    }
    FromOne<T> turn = turns.element();
    T input = turn.waiting.remove();
    if (turn.waiting.isEmpty()) {
      fromPeers.remove(turn.peer);
      turns.remove();
      turnIsOpen = false;
    }
    return input;
  }

  /** How many wait; any thread may ask. */
  int size() {
    return size.get();
  }
}
