package dev.dolmen.it.simulation;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.netty.Conditions;
import dev.dolmen.node.action.TransactionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** What the scenarios do to their networks, one run each. */
final class Faults {

  /** Blocks cost some 256 hashes and come when the scenario wants them, about every 20 s. */
  static final NetworkParameters GUILD =
      NetworkParameters.builder("guild")
          .genesisTime(Simulation.EPOCH.minus(Duration.ofDays(30)).toEpochMilli())
          .interval(Duration.ofSeconds(20))
          .firstBits(0x2000ffff)
          .build();

  /**
   * The same with a block a minute. A block takes three or four links of 100 ms to most of 1,000
   * nodes; so of blocks that come at random, one every 20 s, 1.5 % are made before their makers can
   * know of another one, whatever the relay does. Of these it is 0.5 %.
   */
  static final NetworkParameters SLOW_GUILD =
      GUILD.toBuilder().interval(Duration.ofMinutes(1)).build();

  /** I2: from the next block after the faults. */
  private static final Duration CONVERGENCE = Duration.ofSeconds(60);

  /** Longer than any pause between two attempts to dial. */
  private static final Duration ALL_DIAL_AGAIN = Duration.ofSeconds(20);

  private static final Duration USUAL_LATENCY = Duration.ofMillis(100);

  private final Simulation simulation;
  private final int count;
  private final SplittableRandom random;
  private final List<TransactionId> entries = new ArrayList<>();

  Faults(Simulation simulation, int count) {
    this.simulation = simulation;
    this.count = count;
    this.random = simulation.random();
  }

  // Row 37.

  void lossy() {
    simulation.nodes(count);
    simulation.linkAtRandom(3);
    simulation
        .wire()
        .conditions(
            Conditions.latency(Duration.ZERO, Duration.ofSeconds(2))
                .withStalls(0.29, Duration.ofSeconds(4))
                .withResets(0.01));
    simulation.replays(0.1, Duration.ofSeconds(2));
    simulation.busyNodes(0.01, Duration.ofSeconds(3));
    simulation.advance(Duration.ofSeconds(20));
    for (int i = 0; i < 20; i++) {
      submitSomewhere(simulation.nodes());
      simulation.advance(upTo(Duration.ofSeconds(6)));
    }
    simulation.replays(0, Duration.ZERO);
    calmDown();
    everyEntryIsEverywhere();
  }

  // Row 38.

  void partition() {
    List<SimulatedNode> all = simulation.nodes(count);
    simulation.wire().latency(USUAL_LATENCY);
    simulation.linkAtRandom(4);
    simulation.advance(Duration.ofSeconds(5));
    submitSomewhere(all);
    simulation.advance(Duration.ofSeconds(5));

    int few =
        switch (random.nextInt(4)) {
          case 0 -> count / 2;
          case 1 -> Math.max(1, count / 10);
          default -> 1;
        };
    List<SimulatedNode> left = all.subList(0, few);
    List<SimulatedNode> right = all.subList(few, count);
    if (random.nextInt(4) == 0) {
      simulation.cutOneWay(left, right);
    } else {
      simulation.cut(left, right);
    }
    for (int i = 0; i < 6; i++) {
      submitSomewhere(left);
      submitSomewhere(right);
      simulation.advance(upTo(Duration.ofSeconds(5)));
    }
    simulation.advance(upTo(Duration.ofMinutes(3)));
    simulation.heal(left, right);
    calmDown();
    everyEntryIsEverywhere();
  }

  // Row 39.

  void swizzle() {
    List<SimulatedNode> all = simulation.nodes(count);
    simulation.wire().latency(USUAL_LATENCY);
    simulation.linkAtRandom(3);
    simulation.advance(Duration.ofSeconds(5));
    List<Pair> pairs = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      for (int j = 0; j < i; j++) {
        pairs.add(new Pair(all.get(i).name(), all.get(j).name()));
      }
    }
    for (int round = 0; round < 3; round++) {
      simulation.note("world", "clogs all links one by one");
      oneByOne(pairs, pair -> simulation.wire().cut(pair.one(), pair.other()));
      simulation.note("world", "releases them in another order");
      oneByOne(pairs, pair -> simulation.wire().heal(pair.one(), pair.other()));
    }
    calmDown();
  }

  /** Two hosts, whether there is a link or not. */
  private record Pair(String one, String other) {}

  /** So that it takes about as long for few as for many, and the nodes do something meanwhile. */
  private void oneByOne(List<Pair> pairs, Consumer<Pair> what) {
    Duration longest = Duration.ofSeconds(80).dividedBy(pairs.size());
    List<Pair> order = shuffled(pairs);
    for (int i = 0; i < order.size(); i++) {
      what.accept(order.get(i));
      if (i % count == 0) {
        act();
      }
      simulation.advance(upTo(longest));
    }
  }

  private void act() {
    switch (random.nextInt(6)) {
      case 0 -> restartSomething();
      case 1 ->
          simulation
              .up()
              .get(random.nextInt(simulation.up().size()))
              .pauseFor(upTo(Duration.ofSeconds(10)));
      case 2, 3 -> submitSomewhere(simulation.up());
      default -> {}
    }
  }

  // Rows 29 and 30, as far as a crash between two inputs shows them.

  void crashes() {
    simulation.slowestSync(Duration.ofMillis(200));
    simulation.busyNodes(0.01, Duration.ofSeconds(1));
    simulation.nodes(count);
    simulation.linkAll();
    simulation.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 40; i++) {
      submitSomewhere(simulation.up());
      simulation.advance(upTo(Duration.ofMillis(300)));
      restartSomething();
      simulation.advance(upTo(Duration.ofSeconds(3)));
    }
    calmDown();
  }

  private void restartSomething() {
    SimulatedNode victim = simulation.up().get(random.nextInt(simulation.up().size()));
    if (simulation.up().size() <= 1) {
      return;
    }
    if (random.nextBoolean()) {
      victim.kill();
    } else {
      victim.losePower();
    }
    simulation.wire().after(upTo(Duration.ofSeconds(20)), victim::start);
  }

  // Row 24.

  void clocks() {
    Duration most = Duration.ofHours(3);
    Duration lastJump = Duration.ofMinutes(3);
    List<SimulatedNode> all = simulation.nodes(count);
    simulation.wire().latency(USUAL_LATENCY);
    simulation.linkAtRandom(3);
    for (SimulatedNode node : all) {
      switch (random.nextInt(4)) {
        case 0 -> node.clock().isWrongBy(aroundZero(most), simulation.elapsed());
        case 1 -> node.clock().drifts(random.nextDouble(-0.01, 0.01), simulation.elapsed());
        case 2 ->
            simulation
                .wire()
                .after(
                    upTo(lastJump),
                    () -> node.clock().isWrongBy(aroundZero(most), simulation.elapsed()));
        default -> {}
      }
    }
    simulation.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 20; i++) {
      submitSomewhere(all);
      simulation.advance(upTo(Duration.ofSeconds(20)));
    }
    simulation.advance(lastJump);
    all.forEach(node -> node.clock().isSet(simulation.elapsed()));
    // Blocks from the future become valid with time; nobody forgets to ask for them again.
    simulation.advance(most);
    calmDown();
    everyEntryIsEverywhere();
  }

  // Row 40.

  void churn(Duration length, Duration interval) {
    int miners = Math.max(2, count / 50);
    for (int i = 0; i < count; i++) {
      simulation.node("n" + i, i < miners);
    }
    simulation.wire().latency(USUAL_LATENCY);
    simulation.linkAtRandom(4);
    simulation.advance(Duration.ofSeconds(30));
    double restartsPerSecond = 0.2 * count / Duration.ofHours(1).toSeconds();
    Duration end = simulation.elapsed().plus(length);
    everyNowAndThen(restartsPerSecond, end, this::comeAndGo);
    everyNowAndThen(1.0 / 60, end, () -> submitSomewhere(simulation.up()));
    everyNowAndThen(1.0 / interval.toSeconds(), end, () -> findBlock(miners));
    simulation.advance(length);
    simulation.advance(Duration.ofMinutes(10));
    if (simulation.up().size() < count) {
      throw simulation.failure("only " + simulation.up().size() + " nodes are back");
    }
    findBlock(miners);
    simulation.converge(CONVERGENCE);
  }

  private void findBlock(int miners) {
    List<SimulatedNode> mining =
        simulation.nodes().subList(0, miners).stream().filter(SimulatedNode::isUp).toList();
    if (!mining.isEmpty()) {
      mining.get(random.nextInt(mining.size())).findBlock();
    }
  }

  private void comeAndGo() {
    List<SimulatedNode> up = simulation.up();
    SimulatedNode leaving = up.get(random.nextInt(up.size()));
    switch (random.nextInt(3)) {
      case 0 -> leaving.kill();
      case 1 -> leaving.losePower();
      default -> leaving.stop();
    }
    simulation
        .wire()
        .after(Duration.ofSeconds(10).plus(upTo(Duration.ofMinutes(9))), leaving::start);
  }

  private void everyNowAndThen(double perSecond, Duration end, Runnable what) {
    double pause = -Math.log(1 - random.nextDouble()) / perSecond;
    Duration delay = Duration.ofMillis((long) (1_000 * pause));
    if (simulation.elapsed().plus(delay).compareTo(end) < 0) {
      simulation
          .wire()
          .after(
              delay,
              () -> {
                what.run();
                everyNowAndThen(perSecond, end, what);
              });
    }
  }

  // Common to all.

  private void submitSomewhere(List<SimulatedNode> where) {
    SimulatedNode node = where.get(random.nextInt(where.size()));
    entries.add(node.submit("entry " + entries.size()));
  }

  /** All faults end, the next block comes, and all agree: also on every entry that still lives. */
  private void calmDown() {
    simulation.note("world", "the faults end");
    simulation.busyNodes(0, Duration.ZERO);
    simulation.wire().latency(USUAL_LATENCY);
    simulation.wire().healAll();
    simulation.advance(ALL_DIAL_AGAIN);
    submitSomewhere(simulation.up());
    simulation.converge(CONVERGENCE);
    simulation.advanceUntil(
        "nothing waits",
        () -> simulation.up().stream().allMatch(node -> node.pending() == 0),
        CONVERGENCE);
    simulation.converge(CONVERGENCE);
  }

  /** Where no node lost its memory, no entry is lost with a branch. */
  private void everyEntryIsEverywhere() {
    for (SimulatedNode node : simulation.nodes()) {
      for (TransactionId entry : entries) {
        if (node.transaction(entry)
            .filter(status -> status.state() == TransactionState.INCLUDED)
            .isEmpty()) {
          throw simulation.failure(node.name() + " lacks entry " + entry);
        }
      }
    }
  }

  private Duration upTo(Duration most) {
    return Duration.ofNanos(random.nextLong(most.toNanos() + 1));
  }

  private Duration aroundZero(Duration most) {
    return Duration.ofNanos(random.nextLong(-most.toNanos(), most.toNanos() + 1));
  }

  private <T> List<T> shuffled(List<T> values) {
    List<T> mixed = new ArrayList<>(values);
    for (int i = mixed.size() - 1; i > 0; i--) {
      Collections.swap(mixed, i, random.nextInt(i + 1));
    }
    return mixed;
  }
}
