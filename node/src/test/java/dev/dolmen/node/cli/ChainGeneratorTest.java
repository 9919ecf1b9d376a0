package dev.dolmen.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChainGeneratorTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private static MemoryBlockStore generate(int blocks, int transactions, int payload, long seed) {
    MemoryBlockStore store = new MemoryBlockStore(DEV);
    new ChainGenerator(DEV, transactions, payload, seed).fill(store, blocks, height -> {});
    return store;
  }

  @ParameterizedTest
  @CsvSource({"30, 3, 10", "30, 1, 0", "1, 256, 1", "1500, 0, 0"})
  void everyBlockFollowsTheRules(int blocks, int transactions, int payload) {
    MemoryBlockStore generated = generate(blocks, transactions, payload, 7);
    Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));
    Instant now = Instant.ofEpochMilli(DEV.genesisTime() + DEV.intervalMillis() * blocks);

    for (BlockHash hash : generated.hashesFrom(1, blocks)) {
      Block block = generated.block(hash).orElseThrow();
      assertThat(chain.add(block, now)).isInstanceOf(AddBlockResult.Added.class);
      assertThat(block.transactions()).hasSize(transactions);
      assertThat(block.header().timestamp())
          .isEqualTo(DEV.genesisTime() + block.height() * DEV.intervalMillis());
    }
    assertThat(chain.tip()).isEqualTo(generated.tip());
    assertThat(chain.tip().height()).isEqualTo(blocks);
  }

  @Test
  void theSameSeedGivesTheSameChainAndAnotherAnother() {
    assertThat(generate(20, 2, 50, 1).tip()).isEqualTo(generate(20, 2, 50, 1).tip());
    assertThat(generate(20, 2, 50, 1).tip()).isNotEqualTo(generate(20, 2, 50, 2).tip());
  }

  @Test
  void progressEndsAtTheTip() {
    List<Long> heights = new ArrayList<>();
    new ChainGenerator(DEV, 0, 0, 1).fill(new MemoryBlockStore(DEV), 2_500, heights::add);

    assertThat(heights).containsExactly(1_000L, 2_000L, 2_500L);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 10, a block cannot have -1 transactions",
    "1, -1, 'a payload has 0 to 100000 bytes, not -1'",
    "1, 100001, 'a payload has 0 to 100000 bytes, not 100001'",
    "2, 0, payloads of 0 bytes cannot all differ in a block of 2 transactions",
    "257, 1, payloads of 1 bytes cannot all differ in a block of 257 transactions",
    "11, 100000, 'blocks of 1101299 bytes exceed the network''s largest, 1048576'",
  })
  void aShapeThatNoChainCanHaveIsRefused(int transactions, int payload, String why) {
    assertThatThrownBy(() -> new ChainGenerator(DEV, transactions, payload, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }
}
