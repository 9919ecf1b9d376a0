package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.mempool.Origin;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Refusal;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockServerTest {

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  /** Room for three empty blocks and what protobuf adds. */
  private static final int LARGEST_ANSWER = 400;

  private final Chain chain =
      new Chain(NetworkParameters.dev(), new MemoryBlockStore(NetworkParameters.dev()));
  private final Mempool mempool = new Mempool(NetworkParameters.dev(), 0);
  private final BlockServer server = new BlockServer(chain, mempool, LARGEST_ANSWER);
  private final List<Block> blocks = Blocks.chain(8);

  @BeforeEach
  void fill() {
    blocks.forEach(block -> chain.add(block, NOW));
    mempool.tipIs(8);
  }

  @Test
  void answersLatestBlockWithTheTip() {
    assertEquals(
        sent(Wire.blocks(7, blocks.subList(7, 8), false)),
        server.onRequest(ALICE, Wire.latestBlock(7)));
  }

  @Test
  void streamsAllBlocksAfterTheForkInPartsThatFitEachWhenTheLastHasLeft() {
    Envelope request = allBlocksAfter(9, blocks.get(1).hash());

    assertEquals(
        sent(Wire.blocks(9, blocks.subList(2, 5), true)), server.onRequest(ALICE, request));
    assertEquals(sent(Wire.blocks(9, blocks.subList(5, 8), false)), server.onDrained(ALICE));
    assertEquals(List.of(), server.onDrained(ALICE));
  }

  @Test
  void answersAllBlocksWithNothingIfThereIsNothingToTell() {
    assertEquals(
        sent(Wire.blocks(9, List.of(), false)),
        server.onRequest(ALICE, allBlocksAfter(9, blocks.get(7).hash())));
  }

  @Test
  void startsAfterGenesisIfNothingInTheLocatorIsKnown() {
    assertEquals(
        sent(Wire.blocks(9, blocks.subList(0, 3), true)),
        server.onRequest(ALICE, allBlocksAfter(9, new BlockHash(Hash256.ZERO))));
  }

  @Test
  void sendsABlockThatIsLargerThanAnAnswerAlone() {
    Block large =
        Blocks.childOf(blocks.get(7))
            .withTransactions(Blocks.transaction("alice", "x".repeat(LARGEST_ANSWER), 20))
            .build();
    Block last = Blocks.childOf(large).build();
    chain.add(large, NOW);
    chain.add(last, NOW);

    assertEquals(
        sent(Wire.blocks(9, List.of(large), true)),
        server.onRequest(ALICE, allBlocksAfter(9, blocks.get(7).hash())));
    assertEquals(sent(Wire.blocks(9, List.of(last), false)), server.onDrained(ALICE));
  }

  @Test
  void endsAStreamWhenItsBranchIsNoLongerTheBest() {
    server.onRequest(ALICE, allBlocksAfter(9, blocks.get(0).hash()));
    Block parent = blocks.get(0);
    for (int i = 0; i < 8; i++) {
      parent = Blocks.childOf(parent).withTime(parent.header().timestamp() + 17).build();
      chain.add(parent, NOW);
    }

    assertEquals(
        sent(Wire.blocks(9, blocks.subList(4, 5), false)),
        server.onDrained(ALICE),
        "the block that was looked at already, and no more");
  }

  @Test
  void answersOneRequestAfterTheOtherAndEachPeerByItself() {
    server.onRequest(ALICE, allBlocksAfter(1, blocks.get(1).hash()));

    assertEquals(List.of(), server.onRequest(ALICE, allBlocksAfter(2, blocks.get(6).hash())));
    assertEquals(1, server.onRequest(BOB, Wire.latestBlock(1)).size());
    assertEquals(sent(Wire.blocks(1, blocks.subList(5, 8), false)), server.onDrained(ALICE));
    assertEquals(sent(Wire.blocks(2, blocks.subList(7, 8), false)), server.onDrained(ALICE));
  }

  @Test
  void answersOneShortRequestBetweenTwoPartsOfALongAnswer() {
    server.onRequest(ALICE, allBlocksAfter(1, blocks.get(1).hash()));
    server.onRequest(ALICE, allBlocksAfter(2, blocks.get(6).hash()));
    server.onRequest(ALICE, Wire.latestBlock(3));
    server.onRequest(ALICE, Wire.latestBlock(4));

    assertEquals(sent(Wire.blocks(3, blocks.subList(7, 8), false)), server.onDrained(ALICE));
    assertEquals(sent(Wire.blocks(1, blocks.subList(5, 8), false)), server.onDrained(ALICE));
    assertEquals(sent(Wire.blocks(2, blocks.subList(7, 8), false)), server.onDrained(ALICE));
    assertEquals(sent(Wire.blocks(4, blocks.subList(7, 8), false)), server.onDrained(ALICE));
    assertEquals(List.of(), server.onDrained(ALICE));
  }

  @Test
  void answersWithNoMoreHeadersThanALargestBlockHasRoomFor() {
    GetHeaders ask =
        GetHeaders.newBuilder().addLocator(Wire.bytes(blocks.get(0).hash().value())).build();

    assertEquals(
        sent(Wire.headers(3, blocks.subList(1, 4).stream().map(Block::header).toList())),
        server.onRequest(ALICE, request(3).setGetHeaders(ask).build()));
  }

  @Test
  void disconnectsWhoAsksTooMuchAtOnce() {
    for (int i = 0; i <= BlockServer.MAX_WAITING_REQUESTS; i++) {
      List<NodeAction> actions = server.onRequest(ALICE, Wire.latestBlock(i + 1));
      assertEquals(i == 0 ? 1 : 0, actions.size());
    }

    assertEquals(
        violation("more than 32 requests waiting"), server.onRequest(ALICE, Wire.latestBlock(99)));
  }

  @Test
  void disconnectsWhoAsksLongQuestionsFasterThanItReadsTheAnswers() {
    server.onRequest(ALICE, Wire.latestBlock(1));
    int fitting = BlockServer.MAX_WAITING_BYTES / longQuestion(1).getSerializedSize();
    for (int i = 0; i < fitting; i++) {
      assertEquals(List.of(), server.onRequest(ALICE, longQuestion(2 + i)));
    }

    assertEquals(
        violation("requests of more than 294912 bytes waiting"),
        server.onRequest(ALICE, longQuestion(99)));
  }

  @Test
  void hasRoomAgainForLongQuestionsOnceTheOldOnesAreAnswered() {
    int fitting = BlockServer.MAX_WAITING_BYTES / longQuestion(1).getSerializedSize();
    for (int i = 0; i < 3 * fitting; i++) {
      assertEquals(1, server.onRequest(ALICE, longQuestion(1 + i)).size());
      server.onDrained(ALICE);
    }
  }

  private static Envelope longQuestion(long id) {
    return Wire.getTransactions(
        id, Collections.nCopies(Limits.MAX_INVENTORY, new TransactionId(Hash256.ZERO)));
  }

  @Test
  void answersGetBlocksInTheOrderAskedAndLeavesOutWhatItLacks() {
    Envelope request =
        request(3)
            .setGetBlocks(
                GetBlocks.newBuilder()
                    .addHashes(Wire.bytes(blocks.get(4).hash().value()))
                    .addHashes(Wire.bytes(Hash256.ZERO))
                    .addHashes(Wire.bytes(blocks.get(2).hash().value())))
            .build();

    assertEquals(
        sent(Wire.blocks(3, List.of(blocks.get(4), blocks.get(2)), false)),
        server.onRequest(ALICE, request));
  }

  @Test
  void refusesMoreHashesThanOneRequestMayName() {
    GetBlocks.Builder most = GetBlocks.newBuilder();
    for (int i = 0; i < Limits.MAX_BLOCKS_PER_REQUEST; i++) {
      most.addHashes(Wire.bytes(Hash256.ZERO));
    }
    assertEquals(
        List.of(new Send(BOB, Wire.blocks(1, List.of(), false))),
        server.onRequest(BOB, request(1).setGetBlocks(most).build()));

    most.addHashes(Wire.bytes(Hash256.ZERO));
    assertEquals(
        violation("257 hashes, at most 256"),
        server.onRequest(ALICE, request(1).setGetBlocks(most).build()));
  }

  @Test
  void answersHeadersAfterTheFork() {
    GetHeaders ask =
        GetHeaders.newBuilder()
            .addLocator(Wire.bytes(blocks.get(5).hash().value()))
            .setLimit(1)
            .build();

    assertEquals(
        sent(Wire.headers(3, List.of(blocks.get(6).header()))),
        server.onRequest(ALICE, request(3).setGetHeaders(ask).build()));
    assertEquals(List.of(), server.onDrained(ALICE));
    assertEquals(
        sent(Wire.headers(4, List.of(blocks.get(6).header(), blocks.get(7).header()))),
        server.onRequest(ALICE, request(4).setGetHeaders(ask.toBuilder().setLimit(0)).build()));
  }

  @Test
  void refusesALocatorThatIsEmptyOrTooLongOrNoHash() {
    assertEquals(
        violation("a locator without hashes"),
        server.onRequest(ALICE, request(1).setGetHeaders(GetHeaders.getDefaultInstance()).build()));

    GetHeaders.Builder longest = GetHeaders.newBuilder();
    for (int i = 0; i < 75; i++) {
      longest.addLocator(Wire.bytes(Hash256.ZERO));
    }
    assertEquals(
        violation("75 hashes, at most 74"),
        server.onRequest(ALICE, request(1).setGetHeaders(longest).build()));
    assertEquals(
        violation("block hash of 1 bytes, not 32"),
        server.onRequest(
            ALICE,
            request(1)
                .setGetHeaders(GetHeaders.newBuilder().addLocator(ByteString.copyFromUtf8("x")))
                .build()));
  }

  @Test
  void answersPendingTransactionsById() {
    Transaction pending = Blocks.transaction("alice", "pending", 100);
    mempool.add(pending, Origin.LOCAL);
    TransactionId unknown = new TransactionId(Hash256.ZERO);

    assertEquals(
        sent(Wire.transactions(5, List.of(pending), false)),
        server.onRequest(ALICE, Wire.getTransactions(5, List.of(unknown, pending.id()))));
  }

  @Test
  void answersTransactionsOfABlockByTheirPlace() {
    Transaction first = Blocks.transaction("alice", "first", 20);
    Transaction second = Blocks.transaction("bob", "second", 20);
    Block block = Blocks.childOf(blocks.get(7)).withTransactions(first, second).build();
    chain.add(block, NOW);

    assertEquals(
        sent(Wire.transactions(5, List.of(second), false)),
        server.onRequest(ALICE, ofBlock(5, block.hash(), 1)));
    server.onDrained(ALICE);
    assertEquals(
        sent(Wire.refusal(6, Refusal.Reason.CANNOT_SERVE, "no such transaction in the block")),
        server.onRequest(ALICE, ofBlock(6, block.hash(), 2)));
    server.onDrained(ALICE);
    assertEquals(
        sent(Wire.refusal(7, Refusal.Reason.CANNOT_SERVE, "no such block here")),
        server.onRequest(ALICE, ofBlock(7, new BlockHash(Hash256.ZERO), 0)));
  }

  @Test
  void sendsOnlyAsManyTransactionsAsFitAnAnswer() {
    Transaction small = Blocks.transaction("alice", "small", 100);
    Transaction large = Blocks.transaction("alice", "x".repeat(LARGEST_ANSWER), 100);
    mempool.add(small, Origin.LOCAL);
    mempool.add(large, Origin.LOCAL);

    assertEquals(
        sent(Wire.transactions(5, List.of(small), false)),
        server.onRequest(ALICE, Wire.getTransactions(5, List.of(small.id(), large.id()))));
  }

  private static Envelope.Builder request(long id) {
    return Envelope.newBuilder().setRequestId(id);
  }

  private static Envelope ofBlock(long id, BlockHash hash, int index) {
    return request(id)
        .setGetTransactions(
            GetTransactions.newBuilder().setBlockHash(Wire.bytes(hash.value())).addIndexes(index))
        .build();
  }

  private static Envelope allBlocksAfter(long id, BlockHash hash) {
    return Wire.allBlocks(id, new Locator(List.of(hash)));
  }

  private static List<NodeAction> sent(Envelope envelope) {
    return List.of(new Send(ALICE, envelope));
  }

  private static List<NodeAction> violation(String sentence) {
    return List.of(
        new Disconnect(ALICE, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence)));
  }
}
