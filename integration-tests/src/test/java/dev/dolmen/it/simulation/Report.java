package dev.dolmen.it.simulation;

import dev.dolmen.core.encoding.Hash256;
import java.time.Duration;
import java.util.Optional;

/**
 * What a run that went well amounts to.
 *
 * @param elapsed virtual time
 * @param events arrivals, timers and faults
 * @param messages pieces of bytes that were sent
 * @param height of the best chain at the end
 * @param blocks that were somebody's tip; those above the height went stale
 * @param toHalf the time in which half of the blocks reached half of the nodes
 * @param toMost the same for 95 % of the nodes
 * @param traceHash the same for the same run
 */
record Report(
    Duration elapsed,
    long events,
    long messages,
    long height,
    int blocks,
    Optional<Duration> toHalf,
    Optional<Duration> toMost,
    Hash256 traceHash) {

  private static final double HALF = 0.5;
  private static final double MOST = 0.95;

  static Report of(Simulation simulation) {
    Propagation propagation = simulation.propagation();
    return new Report(
        simulation.elapsed(),
        simulation.wire().events(),
        simulation.messages(),
        simulation.up().stream().mapToLong(node -> node.tip().height()).max().orElse(0),
        propagation.blocks(),
        propagation.typical(HALF),
        propagation.typical(MOST),
        simulation.traceHash());
  }
}
