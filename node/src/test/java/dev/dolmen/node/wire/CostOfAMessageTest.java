package dev.dolmen.node.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.protocol.Envelope;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What messages cost in bytes on the wire and in garbage: numbers that no machine changes. */
class CostOfAMessageTest {

  private static final int COUNT = 200;
  private static final int ROUNDS = 20;

  private final List<Block> blocks = Blocks.chain(COUNT);
  private final List<BlockHeader> headers = blocks.stream().map(Block::header).toList();

  /** Less than the 100 bytes that are hashed: 92 and 90 when this was written. */
  @Test
  void anEmptyBlockIsNoMoreThanItsHeaderOnTheWire() {
    assertThat(Wire.blocks(1, blocks, false).getSerializedSize() / COUNT).isLessThan(100);
    assertThat(Wire.headers(1, headers).getSerializedSize() / COUNT).isLessThan(100);
  }

  /** 829 bytes for each when this was written. */
  @Test
  void aBlockInAnAnswerLeavesLittleGarbage() throws Exception {
    byte[] bytes = Wire.blocks(1, blocks, false).toByteArray();

    long each =
        allocated(
                () -> {
                  Envelope answer = Envelope.parseFrom(bytes);
                  assertThat(Wire.blocks(answer.getResponse().getBlocks())).hasSize(COUNT);
                })
            / COUNT;

    assertThat(each).isLessThan(1_200);
  }

  /** To make the answer: 402 bytes for each when this was written. */
  @Test
  void aHeaderInAnAnswerLeavesLittleGarbage() throws Exception {
    long each =
        allocated(() -> assertThat(Wire.headers(1, headers).toByteArray()).isNotEmpty()) / COUNT;

    assertThat(each).isLessThan(600);
  }

  private interface Work {
    void run() throws Exception;
  }

  /** The least of some rounds: the first ones load classes. */
  private static long allocated(Work work) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
