package dev.dolmen.node;

import dev.dolmen.network.identity.PeerId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for the node thread. What one peer says stays in its order; among the peers each gives
 * one in turn, and between any two of theirs goes one of this node's own. So whoever says much
 * waits behind itself, and a peer that says one thing waits for one of each of the others at most.
 *
 * <p>Not bounded here: peers are, in the network, by what they may have outstanding, and callers of
 * the API by {@link NodeRunner#MAX_WAITING_QUESTIONS}. Any thread may add, one takes.
 */
final class Inbox<T> {

  private record FromOne<T>(PeerId peer, ArrayDeque<T> waiting) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final ArrayDeque<T> own = new ArrayDeque<>();
  private final Map<PeerId, FromOne<T>> fromPeers = new HashMap<>();

  /** Those of which something waits, in the order of their turns. */
  private final ArrayDeque<FromOne<T>> turns = new ArrayDeque<>();

  private boolean peersTurn;
  private int size;

  /** Adds something of this node's own. */
  void add(T input) {
    lock.lock();
    try {
      own.addLast(input);
      added();
    } finally {
      lock.unlock();
    }
  }

  /** Adds something of a peer's. */
  void add(PeerId from, T input) {
    lock.lock();
    try {
      fromPeers.computeIfAbsent(from, this::newTurn).waiting.addLast(input);
      added();
    } finally {
      lock.unlock();
    }
  }

  private FromOne<T> newTurn(PeerId peer) {
    FromOne<T> turn = new FromOne<>(peer, new ArrayDeque<>(1));
    turns.addLast(turn);
    return turn;
  }

  private void added() {
    size++;
    notEmpty.signal();
  }

  /** What is next; empty if nothing waits. */
  Optional<T> poll() {
    lock.lock();
    try {
      return next();
    } finally {
      lock.unlock();
    }
  }

  /** What is next, waiting for it; empty if nothing came in time. */
  Optional<T> poll(long millis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (size == 0 && left > 0) {
        left = notEmpty.awaitNanos(left);
      }
      return next();
    } finally {
      lock.unlock();
    }
  }

  private Optional<T> next() {
    if (size == 0) {
      return Optional.empty();
    }
    size--;
    if (own.isEmpty() || (peersTurn && !turns.isEmpty())) {
      peersTurn = false;
      return Optional.of(nextOfPeers());
    }
    peersTurn = true;
    return Optional.of(own.removeFirst());
  }

  private T nextOfPeers() {
    FromOne<T> turn = turns.removeFirst();
    T input = turn.waiting.removeFirst();
    if (turn.waiting.isEmpty()) {
      fromPeers.remove(turn.peer);
    } else {
      turns.addLast(turn);
    }
    return input;
  }

  /** How many wait. */
  int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }
}
