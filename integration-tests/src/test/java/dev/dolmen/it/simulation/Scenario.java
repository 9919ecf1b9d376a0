package dev.dolmen.it.simulation;

import dev.dolmen.core.consensus.NetworkParameters;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** The runs that can be had for any seed, by name. */
enum Scenario {
  /** Slow links that lose a third of what is said, break, and say things twice. */
  LOSSY(50),
  /** The network falls apart, one way or another, and is healed. */
  PARTITION(100),
  /** All links are clogged one by one and released in another order, while nodes restart. */
  SWIZZLE(20),
  /** Nodes are killed and lose their power, at any moment. */
  CRASHES(8),
  /** Clocks are wrong by hours, jump and drift, and are set right at last. */
  CLOCKS(10),
  /** Ten minutes of a network in which nodes come and go. */
  CHURN(100),
  /** Two hours of that, in a network ten times as large. */
  LONG_CHURN(1_000),
  /** A third of the hosts lie, each in its own way. */
  BYZANTINE(30),
  /** So many peers tell a million light headers each. */
  LIGHT_HEADERS(8);

  private final int usualNodes;

  Scenario(int usualNodes) {
    this.usualNodes = usualNodes;
  }

  int usualNodes() {
    return usualNodes;
  }

  /** As the command line calls it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Report run(long seed) {
    return run(seed, usualNodes, Optional.empty());
  }

  /**
   * One run from its beginning to its end.
   *
   * @param transcript is given every line of what happens
   * @throws AssertionError if something did not hold; the message names the seed
   */
  Report run(long seed, int nodes, Optional<Consumer<String>> transcript) {
    Simulation simulation = new Simulation(seed, network(), transcript);
    Faults faults = new Faults(simulation, nodes);
    switch (this) {
      case LOSSY -> faults.lossy();
      case PARTITION -> faults.partition();
      case SWIZZLE -> faults.swizzle();
      case CRASHES -> faults.crashes();
      case CLOCKS -> faults.clocks();
      case CHURN -> faults.churn(Duration.ofMinutes(10), network().interval());
      case LONG_CHURN -> faults.churn(Duration.ofHours(2), network().interval());
      case BYZANTINE -> new Byzantine(simulation, nodes).run();
      case LIGHT_HEADERS -> new LightHeaders(1_000_000).run(seed, simulation, nodes);
    }
    Report report = Report.of(simulation);
    if (this == LONG_CHURN) {
      report
          .slowSpread()
          .ifPresent(
              complaint -> {
                throw simulation.failure(complaint);
              });
    }
    simulation.finish();
    return report;
  }

  /** Whether a run's own time counts, so that no other may go on beside it. */
  boolean runsAlone() {
    return longest().isPresent();
  }

  /** How long a run may take on two cores; empty if nobody cares. */
  Optional<Duration> longest() {
    return this == LONG_CHURN ? Optional.of(Duration.ofMinutes(10)) : Optional.empty();
  }

  private NetworkParameters network() {
    return switch (this) {
      case LOSSY, PARTITION, SWIZZLE, CRASHES, CLOCKS, BYZANTINE -> NetworkParameters.dev();
      case CHURN -> Faults.GUILD;
      case LONG_CHURN -> Faults.SLOW_GUILD;
      case LIGHT_HEADERS -> LightHeaders.network();
    };
  }
}
