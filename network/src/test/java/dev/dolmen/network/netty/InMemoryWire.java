package dev.dolmen.network.netty;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The network cable of a simulation: any number of {@link InMemoryTransport}s, one virtual clock,
 * and a queue of what is on its way. One thread drives all of it with {@link #advance}, and the
 * same calls give the same run.
 *
 * <p>Bytes between two hosts take the latency of their pair and arrive in order. While a pair is
 * cut, what is on its way waits, as TCP would make it, and goes on when the cut is healed; new
 * connections get no answer.
 */
public final class InMemoryWire {

  private record Pair(String one, String other) {
    static Pair of(String a, String b) {
      return a.compareTo(b) <= 0 ? new Pair(a, b) : new Pair(b, a);
    }
  }

  private record Delivery(long at, long order, Pair pair, Runnable action)
      implements Comparable<Delivery> {
    @Override
    public int compareTo(Delivery other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final MockTicker ticker = Ticker.newMockTicker();
  private final Instant epoch;
  private final PriorityQueue<Delivery> underWay = new PriorityQueue<>();
  private final List<Delivery> heldBack = new ArrayList<>();
  private final Map<HostAndPort, InMemoryTransport> listeners = new LinkedHashMap<>();
  private final List<InMemoryTransport> transports = new ArrayList<>();
  private final Map<Pair, Duration> latencies = new HashMap<>();
  private final Set<Pair> cuts = new LinkedHashSet<>();
  private Duration latency = Duration.ZERO;
  private long lastOrder;

  /** A wire whose clock begins at this wall-clock time. */
  public InMemoryWire(Instant epoch) {
    this.epoch = epoch;
  }

  /** A host on this wire. Its name is what others dial; it proves to be this peer. */
  public InMemoryTransport host(String name, PeerId peer) {
    InMemoryTransport transport = new InMemoryTransport(this, name, peer);
    transports.add(transport);
    return transport;
  }

  /** The one clock of all hosts. */
  public MockTicker ticker() {
    return ticker;
  }

  /** Virtual wall-clock time. */
  public InstantSource wallClock() {
    return () -> epoch.plusNanos(ticker.nanoTime() - ticker.initialNanoTime());
  }

  /** Latency of every pair that has none of its own. */
  public void latency(Duration value) {
    latency = value;
  }

  /** Latency between two hosts, from now on. */
  public void latency(String one, String other, Duration value) {
    latencies.put(Pair.of(one, other), value);
  }

  /** Lets nothing through between two hosts until {@link #heal}. */
  public void cut(String one, String other) {
    cuts.add(Pair.of(one, other));
  }

  /** Ends a cut; what waited arrives now, in order. */
  public void heal(String one, String other) {
    Pair pair = Pair.of(one, other);
    cuts.remove(pair);
    for (Delivery delivery : List.copyOf(heldBack)) {
      if (delivery.pair.equals(pair)) {
        heldBack.remove(delivery);
        underWay.add(new Delivery(now(), delivery.order, pair, delivery.action));
      }
    }
  }

  /** Lets virtual time pass; everything that falls due happens at its time. */
  public void advance(Duration duration) {
    checkArgument(!duration.isNegative(), "time does not go back");
    long end = now() + duration.toNanos();
    settle();
    for (long next = nextEvent(); next - end <= 0; next = nextEvent()) {
      goTo(next);
      settle();
    }
    goTo(end);
    settle();
  }

  /**
   * Lets virtual time pass from event to event until the condition holds; false if it does not
   * within the limit.
   */
  public boolean advanceUntil(BooleanSupplier condition, Duration limit) {
    long end = now() + limit.toNanos();
    settle();
    while (!condition.getAsBoolean()) {
      long next = nextEvent();
      if (next - end > 0) {
        return false;
      }
      goTo(next);
      settle();
    }
    return true;
  }

  // ------------------------------------------------------------------------------------------ for
  // the transports

  long now() {
    return ticker.nanoTime();
  }

  void listen(HostAndPort where, InMemoryTransport transport) {
    checkState(listeners.putIfAbsent(where, transport) == null, "%s is in use", where);
  }

  @Nullable InMemoryTransport listenerAt(HostAndPort where) {
    return listeners.get(where);
  }

  void remove(InMemoryTransport transport) {
    listeners.values().removeIf(transport::equals);
    transports.remove(transport);
  }

  /** Has this happen at the other end, once it got there. */
  void carry(String from, String to, Runnable action) {
    Pair pair = Pair.of(from, to);
    long at = now() + latencies.getOrDefault(pair, latency).toNanos();
    underWay.add(new Delivery(at, ++lastOrder, pair, action));
  }

  // ----------------------------------------------------------------------------------------------------- inside

  /** Does everything that is due at this very moment. */
  private void settle() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (InMemoryTransport transport : List.copyOf(transports)) {
        busy |= transport.runTasks();
      }
      Delivery first = underWay.peek();
      if (!busy && first != null && first.at - now() <= 0) {
        underWay.remove();
        busy = true;
        if (cuts.contains(first.pair)) {
          heldBack.add(first);
        } else {
          first.action.run();
        }
      }
    }
  }

  private long nextEvent() {
    Delivery first = underWay.peek();
    long next = first == null ? Long.MAX_VALUE : first.at;
    for (InMemoryTransport transport : transports) {
      next = Math.min(next, transport.nextTask());
    }
    return next;
  }

  private void goTo(long at) {
    if (at - now() > 0) {
      ticker.advance(at - now(), TimeUnit.NANOSECONDS);
    }
  }
}
