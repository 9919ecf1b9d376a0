package dev.dolmen.it.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is known to both sides does not cross the wire again with its block. */
class CompactBlocksTest {

  private static final int ENTRIES = 100;
  private static final int PAYLOAD_BYTES = 1_000;
  private static final long BYTES_PER_LEAF = 8;

  /** One on which no node makes blocks by itself, and work vouches for a block. */
  private static final Blocks CHAIN = Blocks.on(Blocks.retargeting());

  private final List<Transaction> entries =
      IntStream.range(0, ENTRIES).mapToObj(CompactBlocksTest::entry).toList();
  private final Block block =
      CHAIN.after(Blocks.retargeting().genesis()).withTransactions(entries).build();
  private final Network network = new Network();
  private final Dolmen first = network.add(Blocks.retargeting());
  private final Dolmen second = network.add(Blocks.retargeting());
  private final Stranger author;

  CompactBlocksTest() {
    Network.connect(second, first);
    author = Stranger.meet(first);
    Network.awaitPeers(second, 1);
    Network.awaitPeers(first, 2);
  }

  @AfterEach
  void close() {
    author.close();
    network.close();
  }

  private static Transaction entry(int number) {
    byte[] payload = new byte[PAYLOAD_BYTES];
    new SplittableRandom(number).nextBytes(payload);
    return CHAIN.signed(Blocks.ALICE, Bytes.wrap(payload), 100);
  }

  @Test
  void aBlockWhoseEntriesAreKnownToBothCrossesWithoutThem() {
    author.give(entries);
    await().atMost(Network.PATIENCE).until(() -> second.view().mempoolTransactions() == ENTRIES);
    long before = sent(first, second);

    author.send(Wire.newBlock(block, List.of()));

    Network.awaitTip(second, block.hash());
    await().atMost(Network.PATIENCE).until(() -> sent(first, second) > before);
    assertThat(sent(first, second) - before)
        .isBetween(ENTRIES * BYTES_PER_LEAF, ENTRIES * BYTES_PER_LEAF + 1_000);
  }

  @Test
  void whatIsMissingIsAskedForByItsPlace() {
    author.send(Wire.newBlock(block, IntStream.range(1, ENTRIES).boxed().toList()));
    long request = author.awaitRequest(Envelope::hasGetTransactions);
    author.send(Wire.transactions(request, entries.subList(0, 1), false));

    network.awaitTip(block.hash());
    Envelope asked =
        author.received().stream().filter(Envelope::hasGetTransactions).findFirst().orElseThrow();
    assertEquals(Wire.getTransactions(request, block.hash(), List.of(0)), asked);
  }

  private static long sent(Dolmen from, Dolmen to) {
    return from.peers().peers().stream()
        .filter(peer -> peer.id().equals(to.id()))
        .findFirst()
        .orElseThrow()
        .bytesOut();
  }
}
