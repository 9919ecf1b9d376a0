package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.EventFeed;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentReorgsTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  private static final List<Block> OURS = Blocks.chain(HttpLimits.MAX_FORK_BLOCKS + 1);

  private final RecentReorgs reorgs =
      new RecentReorgs(new EventFeed(), Clock.fixed(NOW, ZoneOffset.UTC));

  private static ChainedHeader chained(Block block) {
    return new ChainedHeader(block.header(), Seal.NONE, new Work(BigInteger.TWO));
  }

  private static ChainUpdate replacing(List<BlockHash> left, Block before) {
    return new ChainUpdate(
        chained(before), chained(OURS.get(0)), left, List.of(OURS.get(0).hash()));
  }

  @Test
  void aBlockMoreIsNoReorganisation() {
    reorgs.tipMoved(replacing(List.of(), Blocks.genesis()), 0);

    assertThat(reorgs.newestFirst()).isEmpty();
  }

  @Test
  void remembersTheNewestOfMany() {
    for (int i = 0; i <= HttpLimits.MAX_REORGS; i++) {
      reorgs.tipMoved(replacing(List.of(OURS.get(i).hash()), OURS.get(i)), 0);
    }

    assertThat(reorgs.newestFirst()).hasSize(HttpLimits.MAX_REORGS);
    RecentReorgs.Reorg newest = reorgs.newestFirst().get(0);
    assertThat(newest.seen()).isEqualTo(NOW);
    assertThat(newest.before().hash()).isEqualTo(OURS.get(HttpLimits.MAX_REORGS).hash());
    assertThat(newest.forkHeight()).isEqualTo(HttpLimits.MAX_REORGS);
    assertThat(reorgs.newestFirst().get(HttpLimits.MAX_REORGS - 1).before().hash())
        .isEqualTo(OURS.get(1).hash());
  }

  @Test
  void aDeepOneIsCountedInFullAndNamedInPart() {
    List<BlockHash> left = Blocks.hashes(OURS);

    reorgs.tipMoved(replacing(left, OURS.get(OURS.size() - 1)), 0);

    RecentReorgs.Reorg reorg = reorgs.newestFirst().get(0);
    assertThat(reorg.left()).isEqualTo(left.size());
    assertThat(reorg.disconnected()).isEqualTo(left.subList(0, HttpLimits.MAX_FORK_BLOCKS));
    assertThat(reorg.forkHeight()).isZero();
  }
}
