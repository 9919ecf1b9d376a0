package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.Heap;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What headers of one peer can take of our memory, on the heap and not by counting. */
class BranchMemoryTest {

  private static final int PEERS = 8;
  private static final long MOST = 2L * 1024 * 1024;
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private final Chain chain =
      new Chain(NetworkParameters.dev(), new MemoryBlockStore(NetworkParameters.dev()));

  @Test
  void theLongestBranchThatStaysLighterTakesLessThanTwoMebibytes() {
    List<Branch> branches = new ArrayList<>();
    longest(PEERS); // What is made once and for all, for the test too, is there before.
    long before = Heap.used();
    try {
      for (int i = 0; i < PEERS; i++) {
        branches.add(longest(i));
      }

      assertThat((Heap.used() - before) / PEERS).isBetween(MOST / 4, MOST);
    } finally {
      Reference.reachabilityFence(branches);
    }
  }

  /** Told in answers of one header, since a checkpoint costs the same for any. */
  private Branch longest(int number) {
    Branch branch = new Branch(chain, chain.cursorAt(chain.tip().hash()).orElseThrow());
    BlockHeader genesis = Blocks.genesis().header();
    BlockHeader last =
        Blocks.childOf(genesis).withTime(genesis.timestamp() + 1 + number).build().header();
    while (!branch.isTooLong()) {
      branch.add(ALICE, List.of(last), NOW);
      last = Blocks.childOf(last).build().header();
    }
    return branch;
  }
}
