package dev.dolmen.node;

import dev.dolmen.network.identity.PeerId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the node thread. What one peer says stays in its order; among the peers each gives
 * one in turn, and between any two of theirs goes one of this node's own. So whoever says much
 * waits behind itself, and a peer that says one thing waits for one of each of the others at most.
 *
 * <p>Any thread may add, and never waits for another: event loops do. One thread takes; it alone
 * sorts what has arrived into turns. Nothing is bounded here: peers are, in the network, by what
 * they may have outstanding, and callers of the API by {@link NodeRunner#MAX_WAITING_QUESTIONS}.
 */
final class Inbox<T> {

  /**
   * @param from null if it is this node's own
   */
  private record Arrival<T>(@Nullable PeerId from, T input) {}

  private record FromOne<T>(PeerId peer, Queue<T> waiting) {}

  private final Queue<Arrival<T>> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private volatile @Nullable Thread taker;

  // Owned by the thread that takes.
  private final Queue<T> own = new ArrayDeque<>();
  private final Map<PeerId, FromOne<T>> fromPeers = new HashMap<>();

  /** Those of which something waits, in the order of their turns. */
  private final Queue<FromOne<T>> turns = new ArrayDeque<>();

  private boolean peersTurn;

  /** Adds something of this node's own. */
  void add(T input) {
    add(new Arrival<>(null, input));
  }

  /** Adds something of a peer's. */
  void add(PeerId from, T input) {
    add(new Arrival<>(from, input));
  }

  private void add(Arrival<T> arrival) {
    size.incrementAndGet();
    arrivals.add(arrival);
    Thread waits = taker; // It is told before it looks for the last time.
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
      (next.from == null ? own : ofPeer(next.from)).add(next.input);
    }
  }

  private Queue<T> ofPeer(PeerId peer) {
    return fromPeers.computeIfAbsent(
            peer,
            from -> {
              FromOne<T> turn = new FromOne<>(from, new ArrayDeque<>(1));
              turns.add(turn);
              return turn;
            })
        .waiting;
  }

  private Optional<T> next() {
    if (turns.isEmpty() || (!peersTurn && !own.isEmpty())) {
      peersTurn = true;
      return Optional.ofNullable(own.poll());
    }
    peersTurn = false;
    FromOne<T> turn = turns.remove();
    T input = turn.waiting.remove();
    if (turn.waiting.isEmpty()) {
      fromPeers.remove(turn.peer);
    } else {
      turns.add(turn);
    }
    return Optional.of(input);
  }

  /** How many wait; any thread may ask. */
  int size() {
    return size.get();
  }
}
