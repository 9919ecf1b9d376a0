package dev.dolmen.it.simulation;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.Hash256;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a run that went well amounts to.
 *
 * @param elapsed virtual time
 * @param events arrivals, timers and faults
 * @param messages pieces of bytes that were sent
 * @param height of the best chain at the end
 * @param blocks that were somebody's tip
 * @param stale those of them that are not on the best chain at the end
 * @param toHalf the time in which half of the blocks reached half of the nodes
 * @param toMost the same for 95 % of the nodes
 * @param mostToMost the time in which 95 % of the blocks reached 95 % of the nodes
 * @param traceHash the same for the same run
 */
record Report(
    Duration elapsed,
    long events,
    long messages,
    long height,
    int blocks,
    int stale,
    Optional<Duration> toHalf,
    Optional<Duration> toMost,
    Optional<Duration> mostToMost,
    Hash256 traceHash) {

  private static final double HALF = 0.5;
  private static final double MOST = 0.95;

  /** Row 40: this long at most, and fewer blocks than this made in vain. */
  private static final Duration LONGEST_TO_MOST = Duration.ofSeconds(2);

  private static final double MOST_STALE = 0.02;

  static Report of(Simulation simulation) {
    Propagation propagation = simulation.propagation();
    List<BlockHash> best =
        simulation.up().stream()
            .max(Comparator.comparingLong(node -> node.tip().height()))
            .map(SimulatedNode::chain)
            .orElse(List.of());
    return new Report(
        simulation.elapsed(),
        simulation.wire().events(),
        simulation.messages(),
        Math.max(0, best.size() - 1),
        propagation.blocks(),
        propagation.stale(best),
        propagation.within(HALF, HALF),
        propagation.within(HALF, MOST),
        propagation.within(MOST, MOST),
        simulation.traceHash());
  }

  double staleShare() {
    return blocks == 0 ? 0 : (double) stale / blocks;
  }

  /** Row 40: what is wrong with how blocks spread, in words; empty if nothing is. */
  Optional<String> slowSpread() {
    if (mostToMost.filter(time -> time.compareTo(LONGEST_TO_MOST) <= 0).isEmpty()) {
      return Optional.of(
          "95 % of the blocks took "
              + millis(mostToMost)
              + " to 95 % of the nodes, more than "
              + millis(Optional.of(LONGEST_TO_MOST)));
    }
    return staleShare() < MOST_STALE
        ? Optional.empty()
        : Optional.of(
            "%d of %d blocks went stale, not less than %.0f %%"
                .formatted(stale, blocks, 100 * MOST_STALE));
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%d s of virtual time, %d events, %d messages, height %d, %d of %d blocks stale (%.1f %%), "
            .formatted(
                elapsed.toSeconds(), events, messages, height, stale, blocks, 100 * staleShare())
        + "to 50 %% of nodes %s, to 95 %% %s, of 95 %% of blocks %s, trace %s"
            .formatted(millis(toHalf), millis(toMost), millis(mostToMost), traceHash);
  }

  private static String millis(Optional<Duration> time) {
    return time.map(value -> value.toMillis() + " ms").orElse("not reached");
  }
}
