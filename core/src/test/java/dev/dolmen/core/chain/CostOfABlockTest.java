package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.encoding.CountedDigests;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.mempool.Origin;
import dev.dolmen.core.signature.CountedVerifications;
import dev.dolmen.core.store.MemoryBlockStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a block costs in hashes, signatures and garbage from its bytes to the chain: numbers that no
 * machine changes. Who makes one of them greater does so on purpose, and says why.
 */
final class CostOfABlockTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(1));
  private static final int BLOCKS = 500;
  private static final int ENTRIES = 20;

  private final VerifiedSignatures verified = new VerifiedSignatures();
  private final CountingBlockStore store = new CountingBlockStore(new MemoryBlockStore(DEV));
  private final Chain chain = new Chain(DEV, store, verified);

  /** The hash of a header is two digests, made once, whoever asks for it. */
  @Test
  void anEmptyBlockIsHashedOnce() throws Exception {
    List<byte[]> blocks = bytes(Blocks.chain(BLOCKS));

    assertEquals(2L * BLOCKS, CountedDigests.during(() -> addAll(blocks)));
  }

  /** An entry is two digests, its id and its leaf, and n leaves make a tree of n - 1 nodes. */
  @Test
  void anEntryIsHashedOnceForItsIdAndOnceForItsLeaf() throws Exception {
    List<byte[]> blocks = bytes(List.of(blockWithEntries()));

    assertEquals(2 + 2 * ENTRIES + (ENTRIES - 1), CountedDigests.during(() -> addAll(blocks)));
  }

  @Test
  void aSignatureIsVerifiedOnceForAllWaysOnWhichAnEntryComes() throws Exception {
    Block block = blockWithEntries();
    byte[] bytes = block.toBytes();
    Mempool mempool = new Mempool(DEV, 0, verified);

    assertEquals(
        ENTRIES,
        CountedVerifications.during(
            () -> {
              for (Transaction entry : block.transactions()) {
                mempool.add(entry, Origin.LOCAL);
              }
              return null;
            }));
    assertEquals(0, CountedVerifications.during(() -> addAll(List.of(bytes))));
  }

  @Test
  void aBlockIsOneChangeOfTheStore() throws Exception {
    addAll(bytes(Blocks.chain(BLOCKS)));

    assertEquals(BLOCKS, store.changes());
  }

  /** 3.8 kB when this was written, what stays in memory among it. */
  @Test
  void anEmptyBlockLeavesLittleGarbage() throws Exception {
    List<byte[]> blocks = bytes(Blocks.chain(2 * BLOCKS));
    addAll(blocks.subList(0, BLOCKS)); // Classes are loaded, tables have grown.

    assertThat(allocated(() -> addAll(blocks.subList(BLOCKS, 2 * BLOCKS))) / BLOCKS)
        .isLessThan(5_000);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static long allocated(Work work) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private Block blockWithEntries() {
    return Blocks.childOf(Blocks.genesis())
        .withTransactions(
            IntStream.range(0, ENTRIES)
                .mapToObj(i -> Blocks.transaction(Blocks.ALICE, "entry " + i, 100))
                .toList())
        .build();
  }

  private static List<byte[]> bytes(List<Block> blocks) {
    List<byte[]> bytes = new ArrayList<>();
    blocks.forEach(block -> bytes.add(block.toBytes()));
    return bytes;
  }

  private Chain addAll(List<byte[]> blocks) throws Exception {
    for (byte[] bytes : blocks) {
      assertThat(chain.add(Block.fromBytes(bytes), NOW, Standing.PROVED_HEAVIER))
          .isInstanceOf(Added.class);
    }
    return chain;
  }
}
