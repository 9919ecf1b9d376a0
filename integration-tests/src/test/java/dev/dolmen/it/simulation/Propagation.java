package dev.dolmen.it.simulation;

import dev.dolmen.core.block.BlockHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** How long blocks take from their first node to the others. */
final class Propagation {

  private static final long NEVER = Long.MAX_VALUE;

  private static final class Spread {
    final long born;
    final int nodes;
    final List<Long> delays = new ArrayList<>();

    Spread(long born, int nodes) {
      this.born = born;
      this.nodes = nodes;
    }

    long timeTo(double share) {
      int needed = Math.max(1, (int) Math.ceil(share * nodes));
      return delays.size() < needed ? NEVER : delays.get(needed - 1);
    }
  }

  private final Map<BlockHash, Spread> blocks = new LinkedHashMap<>();

  /**
   * A block became a node's tip; the first time for each block is its birth.
   *
   * @param nodes how many there are, down or up
   */
  void reached(BlockHash block, Duration at, int nodes) {
    long nanos = at.toNanos();
    Spread spread = blocks.computeIfAbsent(block, hash -> new Spread(nanos, nodes));
    spread.delays.add(nanos - spread.born);
  }

  /** How many blocks were somebody's tip. */
  int blocks() {
    return blocks.size();
  }

  /** How many of those are not on a chain. */
  int stale(Collection<BlockHash> chain) {
    return (int)
        blocks.keySet().stream().filter(Predicate.not(Set.copyOf(chain)::contains)).count();
  }

  /**
   * The time within which a share of the blocks reached a share of the nodes; empty if fewer did.
   */
  Optional<Duration> within(double shareOfBlocks, double shareOfNodes) {
    List<Long> times =
        blocks.values().stream().map(spread -> spread.timeTo(shareOfNodes)).sorted().toList();
    int needed = (int) Math.ceil(shareOfBlocks * times.size());
    return times.isEmpty()
        ? Optional.empty()
        : Optional.of(times.get(Math.max(0, needed - 1)))
            .filter(nanos -> nanos != NEVER)
            .map(Duration::ofNanos);
  }
}
