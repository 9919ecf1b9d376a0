package dev.dolmen.network.netty;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The network cable of a simulation: any number of {@link InMemoryTransport}s, one virtual clock,
 * and one queue of all that is to happen, by time and then by the order in which it was asked for.
 * One thread drives all of it with {@link #advance}, and the same calls give the same run.
 *
 * <p>Bytes between two hosts take the time that the {@link Conditions} of their path say and arrive
 * in order. While a path is cut or clogged, what is on its way waits, as TCP would make it, and
 * goes on later; new connections get no answer.
 */
public final class InMemoryWire {

  /** Sees every byte that a host sends, in the order in which they are sent. */
  public interface Tap {
    /** A host sends these. They must be read now. */
    void sent(String host, ByteBuffer bytes);
  }

  private record Way(String from, String to) {}

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** The one clock of all hosts: nobody may wait for it. */
  private static final class Clock implements Ticker {
    private long nanos;

    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("virtual time passes when the wire advances");
    }
  }

  private final Clock clock = new Clock();
  private final Instant epoch;
  private final SplittableRandom random;
  private final Tap tap;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Queue<HostLoop> ready = new ArrayDeque<>();
  private final Map<HostAndPort, InMemoryTransport> listeners = new LinkedHashMap<>();
  private final Map<String, InMemoryTransport> hosts = new LinkedHashMap<>();
  private final Map<Way, Path> paths = new LinkedHashMap<>();
  private Conditions usual = Conditions.latency(Duration.ZERO);
  private long lastOrder;
  private long happened;

  /** A wire without faults whose clock begins at this wall-clock time. */
  public InMemoryWire(Instant epoch) {
    this(epoch, new SplittableRandom(0), (host, bytes) -> {});
  }

  /**
   * A wire whose clock begins at this wall-clock time.
   *
   * @param random draws latencies and faults
   */
  public InMemoryWire(Instant epoch, SplittableRandom random, Tap tap) {
    this.epoch = epoch;
    this.random = random;
    this.tap = tap;
  }

  /** A host on this wire. Its name is what others dial; it proves to be this peer. */
  public InMemoryTransport host(String name, PeerId peer) {
    InMemoryTransport transport = new InMemoryTransport(this, name, peer);
    hosts.put(name, transport);
    return transport;
  }

  /** Virtual wall-clock time. */
  public InstantSource wallClock() {
    return () -> epoch.plusNanos(clock.nanos);
  }

  /** Time since this wire began. */
  public Duration elapsed() {
    return Duration.ofNanos(clock.nanos);
  }

  /** How many arrivals, timers and other events there were. */
  public long events() {
    return happened;
  }

  // Conditions and faults, all from now on.

  /** Of every path that has none of its own. */
  public void conditions(Conditions value) {
    usual = value;
  }

  /** Between two hosts, both ways. */
  public void conditions(String one, String other, Conditions value) {
    path(one, other).conditions(value);
    path(other, one).conditions(value);
  }

  /** Latency of every path that has no conditions of its own. */
  public void latency(Duration value) {
    conditions(Conditions.latency(value));
  }

  /** Lets nothing through between two hosts until {@link #heal}. */
  public void cut(String one, String other) {
    cutOneWay(one, other);
    cutOneWay(other, one);
  }

  /** Lets nothing through from one host to another until it is healed. */
  public void cutOneWay(String from, String to) {
    path(from, to).cut();
  }

  /** Ends a cut; what waited arrives now, in order. */
  public void heal(String one, String other) {
    path(one, other).heal();
    path(other, one).heal();
  }

  /** Ends every cut. */
  public void healAll() {
    paths.values().forEach(Path::heal);
  }

  /** Lets nothing through from one host to another for a while, then everything at once. */
  public void clog(String from, String to, Duration duration) {
    path(from, to).clog(duration);
  }

  /** Breaks the connections between two hosts, if there are any. */
  public void reset(String one, String other) {
    InMemoryTransport first = hosts.get(one);
    InMemoryTransport second = hosts.get(other);
    if (first != null && second != null) {
      first.reset(second);
    }
  }

  /** Has something happen to the world after a while. */
  public void after(Duration delay, Runnable action) {
    at(clock.nanos + delay.toNanos(), action);
  }

  // Time.

  /** Lets virtual time pass; everything that falls due happens at its time. */
  public void advance(Duration duration) {
    checkArgument(!duration.isNegative(), "time does not go back");
    long end = clock.nanos + duration.toNanos();
    settle();
    for (Event next = events.peek(); next != null && next.at <= end; next = events.peek()) {
      happen();
    }
    clock.nanos = end;
  }

  /**
   * Lets virtual time pass from event to event until the condition holds; false if it does not
   * within the limit.
   */
  public boolean advanceUntil(BooleanSupplier condition, Duration limit) {
    long end = clock.nanos + limit.toNanos();
    settle();
    while (!condition.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.at > end) {
        return false;
      }
      happen();
    }
    return true;
  }

  private void happen() {
    Event event = events.remove();
    clock.nanos = event.at;
    happened++;
    event.action.run();
    settle();
  }

  /** Lets every host do what it can do at this very moment. */
  private void settle() {
    for (HostLoop loop = ready.poll(); loop != null; loop = ready.poll()) {
      loop.run();
    }
  }

  // For the hosts.

  long now() {
    return clock.nanos;
  }

  Ticker ticker() {
    return clock;
  }

  void at(long time, Runnable action) {
    events.add(new Event(time, ++lastOrder, action));
  }

  void ready(HostLoop loop) {
    ready.add(loop);
  }

  void wake(HostLoop loop, long at) {
    at(at, () -> loop.wake(at));
  }

  Conditions usualConditions() {
    return usual;
  }

  Path path(String from, String to) {
    return paths.computeIfAbsent(new Way(from, to), way -> new Path(this, random.split()));
  }

  void saw(InMemoryTransport host, ByteBuf bytes) {
    tap.sent(host.host(), bytes.nioBuffer());
  }

  void listen(HostAndPort where, InMemoryTransport transport) {
    checkState(listeners.putIfAbsent(where, transport) == null, "%s is in use", where);
  }

  @Nullable InMemoryTransport listenerAt(HostAndPort where) {
    return listeners.get(where);
  }

  @Nullable InMemoryTransport hostNamed(String name) {
    return hosts.get(name);
  }

  void remove(InMemoryTransport transport) {
    listeners.values().removeIf(transport::equals);
    hosts.remove(transport.host(), transport);
  }
}
