package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.store.MemoryBlockStore;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeaderCursorTest {

  private static final NetworkParameters NETWORK = Blocks.retargeting();
  private static final Instant NOW =
      Instant.ofEpochMilli(NETWORK.genesisTime()).plusSeconds(1_000_000);

  private final Blocks blocks = Blocks.on(NETWORK);
  private final Chain chain = new Chain(NETWORK, new MemoryBlockStore(NETWORK));

  @Test
  void knowsOfEveryHeaderWhatTheChainKnowsOfItsBlock() {
    List<Block> branch = blocks.chainAfter(blocks.first(), 30);
    HeaderCursor cursor = chain.cursorAt(blocks.first().hash()).orElseThrow();
    for (Block block : branch) {
      assertThat(cursor.check(block.header(), Seal.NONE)).isEmpty();
      cursor = cursor.next(block.header(), Seal.NONE);
      chain.add(block, NOW);
      assertThat(cursor.last()).isEqualTo(chain.tip());
    }
    assertThat(chain.cursorAt(branch.get(29).hash()).orElseThrow().totalWork())
        .isEqualTo(cursor.totalWork());
  }

  @Test
  void judgesATimestampByTheMedianOfHeadersThatAreNotStored() {
    List<Block> branch = blocks.chainAfter(blocks.first(), 12);
    HeaderCursor cursor = chain.cursorAt(blocks.first().hash()).orElseThrow();
    for (Block block : branch) {
      cursor = cursor.next(block.header(), Seal.NONE);
    }
    long median = branch.get(6).header().timestamp();
    Block last = branch.get(11);

    assertThat(cursor.check(at(last, median), Seal.NONE))
        .contains(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN);
    assertThat(cursor.check(at(last, median + 1), Seal.NONE)).isEmpty();
  }

  @Test
  void refusesAHeaderThatFollowsAnother() {
    List<Block> branch = blocks.chainAfter(blocks.first(), 2);
    HeaderCursor genesis = chain.cursorAt(blocks.first().hash()).orElseThrow();

    assertThat(genesis.check(branch.get(1).header(), Seal.NONE)).contains(Violation.WRONG_HEIGHT);
  }

  @Test
  void thereIsNoneAtABlockThatIsNotStored() {
    assertThat(chain.cursorAt(blocks.chainAfter(blocks.first(), 1).get(0).hash())).isEmpty();
  }

  private BlockHeader at(Block parent, long timestamp) {
    return blocks.after(parent).withTime(timestamp).build().header();
  }
}
