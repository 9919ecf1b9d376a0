package dev.dolmen.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many records of the database a block writes, by the numbers that RocksDB gives them: what a
 * sync notes of them is read back.
 */
class WritesOfABlockTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(1));
  private static final int BLOCKS = 50;
  private static final int ENTRIES = 10;

  @TempDir private Path directory;

  /** The block, its header with work, and its place in the order. */
  @Test
  void anEmptyBlockIsThreeRecords() throws IOException {
    assertEquals(3 * BLOCKS, recordsOf(Blocks.chain(1 + BLOCKS)));
  }

  /** Besides, each entry's place by its id and by its author. */
  @Test
  void anEntryIsTwoRecordsMore() throws IOException {
    Block first = Blocks.chain(1).get(0);
    Block second =
        Blocks.childOf(first)
            .withTransactions(
                IntStream.range(0, ENTRIES)
                    .mapToObj(i -> Blocks.transaction(Blocks.ALICE, "entry " + i, 100))
                    .toList())
            .build();

    assertEquals(3 + 2 * ENTRIES, recordsOf(List.of(first, second)));
  }

  /** On a chain that has one block besides, since the first sync notes where the count begins. */
  private long recordsOf(List<Block> blocks) throws IOException {
    try (RocksBlockStore store = RocksBlockStore.open(directory, DEV)) {
      Chain chain = new Chain(DEV, store);
      add(chain, blocks.get(0));
      store.sync();
      long before = synced();
      blocks.subList(1, blocks.size()).forEach(block -> add(chain, block));
      store.sync();
      return synced() - before;
    }
  }

  private static void add(Chain chain, Block block) {
    assertInstanceOf(Added.class, chain.add(block, NOW, Standing.PROVED_HEAVIER));
  }

  private long synced() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(directory.resolve(DataDirectory.SYNCED_FILE)))
        .getLong();
  }
}
