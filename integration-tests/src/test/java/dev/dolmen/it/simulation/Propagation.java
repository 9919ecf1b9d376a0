package dev.dolmen.it.simulation;

import dev.dolmen.core.block.BlockHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
   * @param nodes how many are up
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

  /**
   * The time within which half of the blocks reached this share of the nodes; empty if fewer than
   * half did.
   */
  Optional<Duration> typical(double share) {
    List<Long> times =
        blocks.values().stream().map(spread -> spread.timeTo(share)).sorted().toList();
    return times.isEmpty()
        ? Optional.empty()
        : Optional.of(times.get(times.size() / 2))
            .filter(nanos -> nanos != NEVER)
            .map(Duration::ofNanos);
  }
}
