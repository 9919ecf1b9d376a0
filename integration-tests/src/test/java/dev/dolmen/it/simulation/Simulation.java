package dev.dolmen.it.simulation;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network of whole nodes on one thread: virtual clock, links in memory, every random number drawn
 * from one seed. A run is its seed and what the scenario does; {@link #traceHash} is the same for
 * the same run, to the byte of every message. What must always hold is checked all the time: {@link
 * Invariants}.
 */
final class Simulation {

  static final Instant EPOCH = Instant.parse("2026-06-01T00:00:00Z");

  /** How often a condition that is waited for is looked at. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private static final Duration LONGER_THAN_GOODBYE = Duration.ofSeconds(10);

  private final long seed;
  private final NetworkParameters parameters;
  private final SplittableRandom random;
  private final Trace trace;
  private @Nullable AssertionError failed;
  private final InMemoryWire wire;
  private final Invariants invariants;

  /** Of blocks that nodes have from the beginning. */
  private final VerifiedSignatures earlier = new VerifiedSignatures(new KnownSignatures());

  private final Propagation propagation = new Propagation();
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final Map<PeerId, SimulatedNode> honest = new LinkedHashMap<>();
  private final Map<PeerId, String> names = new LinkedHashMap<>();
  private Duration slowestSync = Duration.ZERO;
  private double busyChance;
  private Duration longestBusy = Duration.ZERO;
  private boolean findsPeers;
  private long accusations;
  private double replayChance;
  private Duration latestReplay = Duration.ZERO;

  Simulation(long seed, NetworkParameters parameters) {
    this(seed, parameters, Optional.empty());
  }

  /**
   * @param transcript is given every line of what happens
   */
  Simulation(long seed, NetworkParameters parameters, Optional<Consumer<String>> transcript) {
    this.seed = seed;
    this.parameters = parameters;
    this.random = new SplittableRandom(seed);
    this.trace = new Trace(transcript);
    this.wire =
        new InMemoryWire(
            EPOCH, random.split(), (host, bytes) -> trace.sent(elapsed(), host, bytes));
    this.invariants = new Invariants(parameters);
    wire.latency(Duration.ofMillis(10));
  }

  // Who takes part.

  /** A node that listens on the wire under its name. */
  SimulatedNode node(String name) {
    return node(name, false);
  }

  /** A node that may mine. */
  SimulatedNode node(String name, boolean mines) {
    return node(name, mines, List.of());
  }

  /** A node that has these blocks from an earlier life. */
  SimulatedNode nodeWith(String name, List<Block> blocks) {
    return node(name, false, blocks);
  }

  private SimulatedNode node(String name, boolean mines, List<Block> blocks) {
    SimulatedNode node = new SimulatedNode(this, name, parameters, mines, random.split());
    node.disk().holds(blocks, wire.wallClock().instant(), earlier);
    nodes.add(node);
    honest.put(node.id(), node);
    names.put(node.id(), name);
    node.start();
    return node;
  }

  /** So many nodes: n0, n1, and so on. */
  List<SimulatedNode> nodes(int count) {
    for (int i = 0; i < count; i++) {
      node("n" + i);
    }
    return nodes();
  }

  /** A host that does what a script says. */
  Villain villain(String name, Behaviour behaviour) {
    SplittableRandom own = random.split();
    byte[] key = new byte[Limits.KEY_BYTES];
    own.nextBytes(key);
    PeerId id = PeerId.of(key);
    names.put(id, name);
    return new Villain(this, name, id, parameters, behaviour, own);
  }

  List<SimulatedNode> nodes() {
    return List.copyOf(nodes);
  }

  List<SimulatedNode> up() {
    return nodes.stream().filter(SimulatedNode::isUp).toList();
  }

  /** Each node keeps links to so many others, the first to its elder so that all hang together. */
  void linkAtRandom(int links) {
    for (int i = 1; i < nodes.size(); i++) {
      nodes.get(i).connect(nodes.get(random.nextInt(i)));
      for (int more = 1; more < links; more++) {
        int other = random.nextInt(nodes.size());
        if (other != i) {
          nodes.get(i).connect(nodes.get(other));
        }
      }
    }
  }

  /** Every node has a link to every other. */
  void linkAll() {
    for (int i = 1; i < nodes.size(); i++) {
      for (int j = 0; j < i; j++) {
        nodes.get(i).connect(nodes.get(j));
      }
    }
  }

  /** What is up there on a transport, for a node or a villain. */
  PeerNetwork network(
      InMemoryTransport transport,
      PeerId id,
      String name,
      Supplier<LocalTip> tip,
      SplittableRandom own,
      PeerEvent.Reader reader) {
    PeerNetworkOptions.Builder options =
        PeerNetworkOptions.builder(
                id,
                Wire.bytes(parameters.genesisHash().value()),
                tip,
                maxFrameBytes(),
                own,
                event -> event.deliverTo(reader))
            .name(name)
            .wallClock(wire.wallClock());
    if (findsPeers) {
      options.discovery(new PeerNetworkOptions.Finding(Optional.empty(), kept -> {}));
    }
    return new PeerNetwork(transport, options.build());
  }

  private int maxFrameBytes() {
    return Limits.maxFrameBytes(parameters.largestBlock());
  }

  /** Who starts from now on looks for peers by itself. Names of hosts must be IP addresses then. */
  void findsPeers() {
    findsPeers = true;
  }

  // The world and its faults.

  InMemoryWire wire() {
    return wire;
  }

  /** Draws what the scenario does. */
  SplittableRandom random() {
    return random;
  }

  /** A sync of the disk takes up to this long, and what comes meanwhile is handled before it. */
  void slowestSync(Duration value) {
    slowestSync = value;
  }

  long syncNanos(SplittableRandom own) {
    return slowestSync.isZero() ? 0 : own.nextLong(slowestSync.toNanos());
  }

  /**
   * After some inputs a node's thread is busy for up to so long, as with a slow look at the disk,
   * while its network goes on.
   */
  void busyNodes(double chance, Duration longest) {
    busyChance = chance;
    longestBusy = longest;
  }

  long busyNanos(SplittableRandom own) {
    return busyChance > 0 && own.nextDouble() < busyChance
        ? own.nextLong(longestBusy.toNanos())
        : 0;
  }

  /**
   * Some announcements are said again, up to so much later and so out of order. Questions and
   * answers have an id, and a second one is no fault that a network can make.
   */
  void replays(double chance, Duration latest) {
    replayChance = chance;
    latestReplay = latest;
  }

  Optional<Duration> replayAfter(Envelope envelope, SplittableRandom own) {
    boolean announcement =
        envelope.getBodyCase() == Envelope.BodyCase.NEW_BLOCK
            || envelope.getBodyCase() == Envelope.BodyCase.NEW_TRANSACTIONS;
    return announcement && replayChance > 0 && own.nextDouble() < replayChance
        ? Optional.of(Duration.ofNanos(own.nextLong(latestReplay.toNanos())))
        : Optional.empty();
  }

  /** Cuts every link between the two sides. */
  void cut(List<SimulatedNode> one, List<SimulatedNode> other) {
    note("world", "cut between " + one.size() + " and " + other.size());
    one.forEach(a -> other.forEach(b -> wire.cut(a.name(), b.name())));
  }

  /** Nothing gets from one side to the other; what is said the other way arrives. */
  void cutOneWay(List<SimulatedNode> from, List<SimulatedNode> to) {
    note("world", "cut from " + from.size() + " to " + to.size());
    from.forEach(a -> to.forEach(b -> wire.cutOneWay(a.name(), b.name())));
  }

  /** Heals every link between the two sides. */
  void heal(List<SimulatedNode> one, List<SimulatedNode> other) {
    note("world", "healed");
    one.forEach(a -> other.forEach(b -> wire.heal(a.name(), b.name())));
  }

  // Time.

  Duration elapsed() {
    return wire.elapsed();
  }

  void advance(Duration duration) {
    wire.advance(duration);
    if (failed != null) {
      throw failed;
    }
  }

  /** Lets time pass until something holds; fails with what is needed to see the run again. */
  void advanceUntil(String what, BooleanSupplier condition, Duration limit) {
    Duration end = elapsed().plus(limit);
    while (!condition.getAsBoolean()) {
      if (elapsed().compareTo(end) >= 0) {
        throw failure("within " + limit + " of virtual time it did not happen that " + what);
      }
      advance(LOOK);
    }
  }

  /** I2: all nodes that are up agree, at the latest after this time. */
  void converge(Duration limit) {
    advanceUntil("all nodes have one tip", this::allOnOneTip, limit);
  }

  boolean allOnOneTip() {
    return up().stream().map(node -> node.tip().hash()).distinct().count() <= 1;
  }

  /** The cheap checks, now. */
  void check() {
    for (SimulatedNode node : up()) {
      require(invariants.tipHasMostWork(node));
      require(Invariants.staysInBounds(node, maxFrameBytes()));
    }
  }

  /** The expensive checks, once a run has done its worst. All nodes stop. */
  void finish() {
    List<SimulatedNode> last = up();
    for (SimulatedNode node : nodes) {
      require(invariants.tipHasMostWork(node));
      require(invariants.everyBlockIsValid(node, wire.wallClock().instant()));
      if (node.isUp()) {
        require(Invariants.staysInBounds(node, maxFrameBytes()));
      }
    }
    last.forEach(SimulatedNode::stop);
    advance(LONGER_THAN_GOODBYE);
    last.forEach(node -> require(Invariants.holdsNothing(node)));
  }

  // What nodes do.

  void tipReached(SimulatedNode node) {
    propagation.reached(node.tip().hash(), elapsed(), honest.size());
    require(invariants.tipHasMostWork(node));
  }

  void restarted(SimulatedNode node) {
    require(Invariants.whatWasToldIsThere(node));
  }

  void disconnects(SimulatedNode node, PeerId peer, DisconnectReason reason) {
    note(node.name(), "disconnects " + nameOf(peer) + ": " + reason);
    blame(node, peer, reason);
  }

  void linkEnded(SimulatedNode node, PeerId peer, DisconnectReason reason) {
    note(node.name(), "link with " + nameOf(peer) + " ended: " + reason);
    blame(node, peer, reason);
  }

  private void blame(SimulatedNode node, PeerId peer, DisconnectReason reason) {
    require(Invariants.isNoBug(node, reason));
    if (reason.code() == DisconnectReason.Code.VIOLATION && !reason.told()) {
      accusations++;
    }
    SimulatedNode other = honest.get(peer);
    if (other != null) {
      require(Invariants.isFriendly(node, other, reason));
    }
  }

  private void require(Optional<String> complaint) {
    if (complaint.isPresent()) {
      throw failure(complaint.get());
    }
  }

  /**
   * What is thrown when a run fails. It is remembered too: a network survives whatever is thrown at
   * it, so that a failure met below one would be lost.
   */
  AssertionError failure(String what) {
    return failure(what, null);
  }

  AssertionError failure(String what, @Nullable RuntimeException cause) {
    AssertionError error =
        new AssertionError("seed " + seed + ": " + what + "\n" + trace.recent(), cause);
    if (failed == null) {
      failed = error;
    }
    return error;
  }

  /** How often a node accused somebody of breaking a rule, or a link ended by that. */
  long accusations() {
    return accusations;
  }

  // What is written down.

  void note(String who, String what) {
    trace.note(elapsed(), who, what);
  }

  void tell(String who, Supplier<String> what) {
    trace.tell(elapsed(), who, what);
  }

  String nameOf(PeerId peer) {
    return names.getOrDefault(peer, peer.toShortString());
  }

  Propagation propagation() {
    return propagation;
  }

  /** How many pieces of bytes were sent. */
  long messages() {
    return trace.messages();
  }

  Hash256 traceHash() {
    return trace.hash();
  }
}
