package dev.dolmen.it.sockets;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever sends nonsense loses its link, is told why, and disturbs nobody else. */
class BadInputTest {

  private static final Network NETWORK = Network.line(2);
  private static final Dolmen NODE = NETWORK.node(0);
  private static final Dolmen HONEST = NETWORK.node(1);

  @BeforeAll
  static void meet() {
    Network.awaitPeers(NODE, 1);
  }

  @AfterAll
  static void close() {
    NETWORK.close();
  }

  static Stream<Arguments> blocksThatBreakOneRule() {
    Block genesis = Blocks.genesis();
    Transaction entry = Blocks.transaction("alice", "entry", 100);
    Transaction forged =
        Transaction.of(
            Blocks.BOB.publicKey(),
            100,
            Bytes.wrap("forged".getBytes(UTF_8)),
            Blocks.transaction("bob", "other", 100).signature());
    List<Transaction> tooMuch = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      byte[] payload = new byte[95_400];
      Arrays.fill(payload, (byte) i);
      tooMuch.add(Blocks.transaction(Blocks.ALICE, Bytes.wrap(payload), 100));
    }
    return Stream.of(
        broken(Violation.UNKNOWN_VERSION, Blocks.childOf(genesis).withVersion(2).build()),
        broken(Violation.WRONG_HEIGHT, Blocks.childOf(genesis).withHeight(2).build()),
        broken(
            Violation.TIMESTAMP_NOT_ABOVE_MEDIAN,
            Blocks.childOf(genesis).withTime(genesis.header().timestamp()).build()),
        broken(Violation.WRONG_BITS, Blocks.childOf(genesis).withBits(0x207ffffe).build()),
        broken(Violation.NOT_ENOUGH_WORK, Blocks.childOf(genesis).buildWithoutWork()),
        broken(
            Violation.TRANSACTION_COUNT_MISMATCH,
            Blocks.childOf(genesis).withTransactions(entry).withTransactionCount(2).build()),
        broken(
            Violation.MERKLE_ROOT_MISMATCH,
            Blocks.childOf(genesis)
                .withTransactions(entry)
                .withMerkleRoot(new Hash256(1, 2, 3, 4))
                .build()),
        broken(
            Violation.BLOCK_TOO_LARGE, Blocks.childOf(genesis).withTransactions(tooMuch).build()),
        broken(Violation.BAD_SIGNATURE, Blocks.childOf(genesis).withTransactions(forged).build()),
        broken(
            Violation.EXPIRED,
            Blocks.childOf(genesis)
                .withTransactions(Blocks.transaction("alice", "late", 0))
                .build()),
        broken(
            Violation.EXPIRES_TOO_LATE,
            Blocks.childOf(genesis)
                .withTransactions(Blocks.transaction("alice", "early", 258))
                .build()),
        broken(
            Violation.DUPLICATE_TRANSACTION,
            Blocks.childOf(genesis).withTransactions(entry, entry).build()));
  }

  private static Arguments broken(Violation violation, Block block) {
    return Arguments.of(violation, block);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocksThatBreakOneRule")
  void aBlockThatBreaksOneRuleCostsItsSenderTheLink(Violation violation, Block block) {
    try (Stranger stranger = Stranger.meet(NODE)) {
      stranger.send(announced(block));
      if (violation == Violation.MERKLE_ROOT_MISMATCH) {
        stranger.send(
            Wire.blocks(stranger.awaitRequest(Envelope::hasGetBlocks), List.of(block), false));
      }

      DisconnectReason reason = stranger.awaitTheEnd();
      assertEquals(DisconnectReason.Code.VIOLATION, reason.code());
      assertThat(reason.sentence()).contains(violation.sentence());
    }
    assertNobodyNoticed();
  }

  @Test
  void aTransactionThatIsInTheChainAlreadyMakesABlockInvalid() {
    Transaction entry = Blocks.transaction("alice", "twice", NODE.view().tip().height() + 100);
    Block tip = NODE.runner().reader().block(Network.tip(NODE)).orElseThrow();
    Block first = Blocks.childOf(tip).withTransactions(entry).build();
    Block second = Blocks.childOf(first).withTransactions(entry).build();
    try (Stranger stranger = Stranger.meet(NODE)) {
      stranger.send(announced(first));
      stranger.send(announced(second));

      assertThat(stranger.awaitTheEnd().sentence()).contains(Violation.ALREADY_INCLUDED.sentence());
    }
    assertEquals(first.hash(), Network.tip(NODE));
    assertNobodyNoticed();
  }

  @Test
  void anAuthorWhoMayNotWriteIsRefused() {
    NetworkParameters closed =
        NetworkParameters.dev().toBuilder().authors(List.of(Blocks.BOB.publicKey())).build();
    Blocks blocks = Blocks.on(closed);
    Block block =
        blocks
            .after(closed.genesis())
            .withTransactions(blocks.signed(Blocks.ALICE, "not mine to write", 100))
            .build();
    try (Network network = new Network()) {
      Dolmen node = network.add(closed);
      try (Stranger stranger = Stranger.meet(node)) {
        stranger.send(announced(block));

        assertThat(stranger.awaitTheEnd().sentence())
            .contains(Violation.AUTHOR_NOT_ALLOWED.sentence());
      }
      assertEquals(0, node.view().tip().height());
    }
  }

  @Test
  void aBlockFromTheFutureIsNobodysFault() {
    Block tip = NODE.runner().reader().block(Network.tip(NODE)).orElseThrow();
    Block early = Blocks.childOf(tip).withTime(System.currentTimeMillis() + 3_600_000).build();
    try (Stranger stranger = Stranger.meet(NODE)) {
      stranger.send(announced(early));
      assertNobodyNoticed();

      assertTrue(stranger.isLinked());
    }
    assertThat(NODE.runner().reader().block(early.hash())).isEmpty();
  }

  @Test
  void anUnsignedTransactionCostsItsSenderTheLink() {
    Transaction unsigned =
        Transaction.of(
            Blocks.BOB.publicKey(),
            NODE.view().tip().height() + 100,
            Bytes.wrap("unsigned".getBytes(UTF_8)),
            Signature.fromBytes(new byte[64], 0));
    try (Stranger stranger = Stranger.meet(NODE)) {
      stranger.send(Wire.newTransactions(List.of(unsigned.id())));
      long asked = stranger.awaitRequest(Envelope::hasGetTransactions);
      stranger.send(Wire.transactions(asked, List.of(unsigned), false));

      assertThat(stranger.awaitTheEnd().sentence()).contains(Violation.BAD_SIGNATURE.sentence());
    }
    assertNobodyNoticed();
  }

  @Test
  void aFloodOfLateResponsesIsIgnoredAndAnUnaskedOneEndsTheLink() {
    try (Stranger stranger = Stranger.meet(NODE)) {
      await()
          .atMost(Network.PATIENCE)
          .until(() -> stranger.received().stream().anyMatch(Envelope::hasGetHeaders));
      for (int i = 0; i < 1_000; i++) {
        stranger.send(Wire.headers(1, List.of()));
      }
      assertNobodyNoticed();
      assertTrue(stranger.isLinked());

      stranger.send(Wire.blocks(1_000_000, List.of(Blocks.genesis()), false));
      assertThat(stranger.awaitTheEnd().sentence())
          .contains("a Response to a request that was never made");
    }
    assertNobodyNoticed();
  }

  @Test
  void aMessageOfALaterVersionIsIgnored() throws Exception {
    Envelope later = Envelope.parseFrom(ByteString.copyFrom(new byte[] {(byte) 0xF2, 0x06, 1, 7}));
    try (Stranger stranger = Stranger.meet(NODE)) {
      stranger.send(later);
      assertNobodyNoticed();

      assertTrue(stranger.isLinked());
    }
  }

  @Test
  void whatIsNoTlsAtAllIsClosed() throws Exception {
    byte[] garbage = new byte[4_096];
    new SplittableRandom(1).nextBytes(garbage);
    assertThat(answerTo(garbage)).doesNotContain("HTTP");
    assertThat(answerTo("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII)))
        .startsWith("HTTP/1.1 400")
        .contains("peer port");
    assertNobodyNoticed();
  }

  private static String answerTo(byte[] bytes) throws IOException {
    try (Socket socket =
        new Socket(NODE.listenAddress().getHost(), NODE.listenAddress().getPort())) {
      socket.setSoTimeout((int) Network.PATIENCE.toMillis());
      socket.getOutputStream().write(bytes);
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (SocketException reset) {
      return "closed without a word";
    }
  }

  /** With all its transactions. */
  private static Envelope announced(Block block) {
    return Wire.newBlock(block, IntStream.range(0, block.transactions().size()).boxed().toList());
  }

  /** The honest link stands, and a new block crosses it. */
  private static void assertNobodyNoticed() {
    assertThat(NODE.peers().peers()).anyMatch(peer -> peer.id().equals(HONEST.id()));
    Network.awaitTip(HONEST, Network.makeBlock(NODE).hash());
  }
}
