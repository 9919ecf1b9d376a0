package dev.dolmen.network.netty;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One direction between two hosts of an {@link InMemoryWire}. */
final class Path {

  private final InMemoryWire wire;
  private final RandomGenerator random;
  private final Queue<Runnable> held = new ArrayDeque<>();
  private @Nullable Conditions own;
  private boolean cut;
  private long cloggedUntil = Long.MIN_VALUE;
  private long freeAt = Long.MIN_VALUE;

  Path(InMemoryWire wire, RandomGenerator random) {
    this.wire = wire;
    this.random = random;
  }

  void conditions(Conditions value) {
    own = value;
  }

  private Conditions conditions() {
    return own != null ? own : wire.usualConditions();
  }

  void cut() {
    cut = true;
  }

  /** What waited goes on now, in order. */
  void heal() {
    cut = false;
    while (!held.isEmpty()) {
      Runnable arrival = held.remove();
      wire.at(wire.now(), () -> pass(arrival));
    }
  }

  void clog(Duration duration) {
    cloggedUntil = Math.max(cloggedUntil, wire.now() + duration.toNanos());
  }

  /** When a piece that is sent now arrives. */
  long arrival(int bytes) {
    Conditions now = conditions();
    long leaves = wire.now();
    if (now.bytesPerSecond() > 0) {
      leaves = Math.max(leaves, freeAt) + TimeUnit.SECONDS.toNanos(bytes) / now.bytesPerSecond();
      freeAt = leaves;
    }
    long arrives = leaves + between(now.shortest().toNanos(), now.longest().toNanos());
    return happens(now.stallChance())
        ? arrives + between(0, now.longestStall().toNanos())
        : arrives;
  }

  /** Whether the piece that is being sent breaks its connection. */
  boolean breaks() {
    return happens(conditions().resetChance());
  }

  /** Has this happen at the other end at that time, or once the path lets it through. */
  void carry(long at, Runnable arrival) {
    wire.at(at, () -> pass(arrival));
  }

  /** Has this happen at once, or once the path lets it through. */
  void acknowledge(Runnable arrival) {
    if (cut || cloggedUntil > wire.now()) {
      pass(arrival);
    } else {
      arrival.run();
    }
  }

  private void pass(Runnable arrival) {
    if (cut) {
      held.add(arrival);
    } else if (cloggedUntil > wire.now()) {
      wire.at(cloggedUntil, () -> pass(arrival));
    } else {
      arrival.run();
    }
  }

  private boolean happens(double chance) {
    return chance > 0 && random.nextDouble() < chance;
  }

  private long between(long least, long most) {
    return least == most ? least : random.nextLong(least, most + 1);
  }
}
