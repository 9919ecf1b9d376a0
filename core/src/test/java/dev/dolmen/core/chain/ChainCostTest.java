package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a block costs, counted in questions to the store, does not depend on the height. */
final class ChainCostTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(9));

  private final CountingBlockStore store = new CountingBlockStore(new MemoryBlockStore(DEV));
  private Chain chain = new Chain(DEV, store);

  @Test
  void aBlockCostsTheSameAtAnyHeight() {
    List<Block> blocks = Blocks.chain(4_990);
    blocks.subList(0, 10).forEach(this::add);
    List<Integer> low = costsAbove(blocks.get(9), blocks.get(5));
    blocks.subList(10, 4_990).forEach(this::add);
    List<Integer> high = costsAbove(blocks.get(4_989), blocks.get(4_985));

    assertThat(high).isEqualTo(low);
    assertThat(low).allMatch(looks -> looks <= 10);
  }

  @Test
  void openingCostsTheSameAtAnyHeight() {
    List<Block> blocks = Blocks.chain(2_000);
    blocks.subList(0, 20).forEach(this::add);
    int low = costOfOpening();
    blocks.subList(20, 2_000).forEach(this::add);

    assertThat(costOfOpening()).isEqualTo(low).isLessThan(20);
  }

  /** Whoever asks with a locator cannot make us read more than two things for each hash in it. */
  @Test
  void aLocatorCostsAtMostTwoLooksForEachHash() {
    List<Block> blocks = Blocks.chain(200);
    blocks.forEach(this::add);
    List<BlockHash> side = new ArrayList<>();
    for (Block parent : blocks.subList(0, Locator.MAX_HASHES)) {
      Block block = Blocks.childOf(parent).withTime(parent.header().timestamp() + 1).build();
      add(block);
      side.add(block.hash());
    }
    chain = new Chain(DEV, store);
    int before = store.looks();

    assertThat(chain.forkHeight(new Locator(side))).isZero();

    assertThat(store.looks() - before).isLessThanOrEqualTo(2 * Locator.MAX_HASHES);
  }

  /** A reorganisation of blocks that are not in memory reads each block and header once. */
  @Test
  void aReorganisationCostsAFewLooksForEachBlock() {
    List<Block> ours = Blocks.chain(100);
    ours.forEach(this::add);
    List<Block> theirs = new ArrayList<>();
    Block last = Blocks.genesis();
    for (int i = 0; i < 101; i++) {
      last = Blocks.childOf(last).withTime(last.header().timestamp() + 900).build();
      theirs.add(last);
    }
    theirs.subList(0, 100).forEach(this::add);
    chain = new Chain(DEV, store);
    int before = store.looks();
    int changesBefore = store.changes();

    add(theirs.get(100));

    assertThat(chain.tip().hash()).isEqualTo(theirs.get(100).hash());
    assertThat(store.looks() - before).isLessThan(4 * 100 + 20);
    assertThat(store.changes() - changesBefore).isEqualTo(1);
  }

  /**
   * A side block with a transaction, an empty one on it, the tip once more, one of unknown parent,
   * and one with a transaction on the tip.
   */
  private List<Integer> costsAbove(Block tip, Block sideParent) {
    Transaction entry = entry("one" + tip.height(), tip.height() + 50);
    Block side =
        Blocks.childOf(sideParent)
            .withTime(sideParent.header().timestamp() + 3)
            .withTransactions(entry)
            .build();
    Block empty = Blocks.childOf(side).build();
    Block stranger =
        Blocks.childOf(Blocks.childOf(tip).withTime(tip.header().timestamp() + 9).build()).build();
    List<Integer> costs = new ArrayList<>();
    for (Block block : List.of(side, empty, tip, stranger)) {
      costs.add(costOf(block));
    }
    Block next =
        Blocks.childOf(tip)
            .withTransactions(entry("two" + tip.height(), tip.height() + 50))
            .build();
    int before = store.looks();
    assertThat(chain.check(next, NOW)).isEmpty();
    costs.add(store.looks() - before);
    return costs;
  }

  private int costOf(Block block) {
    int before = store.looks();
    chain.add(block, NOW);
    return store.looks() - before;
  }

  private int costOfOpening() {
    int before = store.looks();
    chain = new Chain(DEV, store);
    assertThat(chain.medianTimePast()).isPositive();
    return store.looks() - before;
  }

  private void add(Block block) {
    assertThat(chain.add(block, NOW, Standing.PROVED_HEAVIER)).isInstanceOf(Added.class);
  }

  private static Transaction entry(String payload, long expiryHeight) {
    return Blocks.transaction(Blocks.ALICE, payload, expiryHeight);
  }
}
