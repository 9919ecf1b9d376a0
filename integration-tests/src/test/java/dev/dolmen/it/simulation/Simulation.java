package dev.dolmen.it.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.network.netty.InMemoryWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * A network of whole nodes on one thread: virtual clock, links in memory, every random number drawn
 * from one seed. A run is its seed and what the scenario does; {@link #traceHash} is the same for
 * the same run, to the byte of every message.
 */
final class Simulation {

  static final Instant EPOCH = Instant.parse("2026-06-01T00:00:00Z");

  private final long seed;
  private final NetworkParameters parameters;
  private final SplittableRandom random;
  private final InMemoryWire wire = new InMemoryWire(EPOCH);
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();

  Simulation(long seed, NetworkParameters parameters) {
    this.seed = seed;
    this.parameters = parameters;
    this.random = new SplittableRandom(seed);
    wire.latency(Duration.ofMillis(10));
  }

  /** A node that listens on the wire under its name. */
  SimulatedNode node(String name) {
    try {
      SimulatedNode node =
          new SimulatedNode(name, parameters, wire, random.split(), line -> note(name, line));
      nodes.add(node);
      node.network().listen(HostAndPort.fromParts(name, SimulatedNode.PORT));
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void note(String node, String line) {
    trace.add(wire.wallClock().instant() + " " + node + " " + line);
  }

  InMemoryWire wire() {
    return wire;
  }

  List<SimulatedNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Cuts every link between the two sides. */
  void cut(List<SimulatedNode> one, List<SimulatedNode> other) {
    one.forEach(a -> other.forEach(b -> wire.cut(a.name(), b.name())));
  }

  /** Heals every link between the two sides. */
  void heal(List<SimulatedNode> one, List<SimulatedNode> other) {
    one.forEach(a -> other.forEach(b -> wire.heal(a.name(), b.name())));
  }

  void advance(Duration duration) {
    wire.advance(duration);
  }

  /** Lets time pass until something holds; fails with what is needed to see the run again. */
  void advanceUntil(String what, BooleanSupplier condition, Duration limit) {
    if (!wire.advanceUntil(condition, limit)) {
      throw new AssertionError(
          "seed "
              + seed
              + ": within "
              + limit
              + " of virtual time it did not happen that "
              + what
              + "\n"
              + String.join("\n", trace.subList(Math.max(0, trace.size() - 200), trace.size())));
    }
  }

  boolean allOnOneTip() {
    return nodes.stream().map(node -> node.tip().hash()).distinct().count() == 1;
  }

  /** What happened, line by line. */
  List<String> trace() {
    return List.copyOf(trace);
  }

  Hash256 traceHash() {
    return Sha256.hash(String.join("\n", trace).getBytes(UTF_8));
  }
}
