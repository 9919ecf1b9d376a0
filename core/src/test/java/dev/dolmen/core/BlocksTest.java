package dev.dolmen.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What other tests rely on: the builder's blocks are valid unless a test says otherwise. */
class BlocksTest {
  @Test
  void chainsAreValidOnDev() {
    isValid(NetworkParameters.dev(), Blocks.chain(20));
  }

  @Test
  void chainsAreValidWhereTheTargetMoves() {
    NetworkParameters network = Blocks.retargeting();
    Blocks blocks = Blocks.on(network);
    Block early = blocks.after(blocks.first()).withTime(network.genesisTime() + 1).build();
    Transaction transaction = blocks.signed(Blocks.BOB, "late", 5);
    Block late =
        blocks
            .after(early)
            .withTime(network.genesisTime() + 5_000)
            .withTransactions(transaction)
            .build();
    List<Block> chain = new ArrayList<>(List.of(early, late));
    chain.addAll(blocks.chainAfter(late, 15));

    isValid(network, chain);
  }

  @Test
  void theSameCallsGiveTheSameBlocks() {
    assertThat(Blocks.chain(3)).isEqualTo(Blocks.chain(3));
    assertThat(Blocks.transaction("carol", "x", 1))
        .isEqualTo(Blocks.transaction(Blocks.key("carol"), "x", 1));
  }

  private static void isValid(NetworkParameters network, List<Block> chain) {
    HeaderRules headerRules = new HeaderRules(network);
    BlockRules blockRules = new BlockRules(network);
    BlockHeader parent = network.genesis().header();
    List<Long> newestFirst = new ArrayList<>(List.of(parent.timestamp()));
    for (Block block : chain) {
      long median =
          HeaderRules.median(newestFirst.stream().limit(11).mapToLong(Long::longValue).toArray());
      assertThat(headerRules.check(block.header(), block.seal(), parent, median)).isEmpty();
      assertThat(blockRules.bodyMatchesHeader(block)).isEmpty();
      assertThat(blockRules.check(block)).isEmpty();
      parent = block.header();
      newestFirst.add(0, parent.timestamp());
    }
  }
}
