package dev.dolmen.it.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A fresh node among peers that help, stall and lie. */
class CatchingUpTest {

  private static final int BLOCKS = 3_000;

  @Test
  void aFreshNodeCatchesUpAmongEightPeersOfWhomSixStallOrLie() {
    try (Network network = Network.of(2)) {
      Dolmen honest = network.node(0);
      for (int i = 0; i < BLOCKS; i++) {
        Network.makeBlock(honest);
      }
      BlockReader chain = honest.runner().reader();
      BlockHash tip = Network.tip(honest);
      network.connect(1, 0);
      Network.awaitTip(network.node(1), tip);

      Dolmen fresh = network.add(NetworkParameters.dev());
      List<Stranger> strangers = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          strangers.add(Stranger.meet(fresh, BigInteger.ZERO, q -> headersOf(chain, q)));
        }
        strangers.add(Stranger.meet(fresh, BigInteger.ONE.shiftLeft(200), q -> List.of()));
        Stranger wrong =
            Stranger.meet(fresh, BigInteger.ZERO, q -> headersAndWrongBodiesOf(chain, q));
        strangers.add(wrong);
        Network.connect(fresh, honest);
        Network.connect(fresh, network.node(1));

        Network.awaitTip(fresh, tip);
        DisconnectReason reason = wrong.awaitTheEnd();
        assertEquals(DisconnectReason.Code.VIOLATION, reason.code());
        assertThat(reason.sentence()).contains("another number of transactions");
        assertThat(strangers.subList(0, 5)).allMatch(Stranger::isLinked);
        await().atMost(Network.PATIENCE).until(() -> !fresh.view().syncing());
        assertEquals(BLOCKS, fresh.view().headerHeight());
        assertTrue(fresh.runner().reader().header(tip).isPresent());
      } finally {
        strangers.forEach(Stranger::close);
      }
    }
  }

  /** Tells the headers of an honest chain, and nothing else. */
  private static List<Envelope> headersOf(BlockReader chain, Envelope question) {
    if (!question.hasGetHeaders()) {
      return List.of();
    }
    List<BlockHeader> headers =
        chain.hashesFrom(1, 2_000).stream()
            .map(hash -> chain.header(hash).orElseThrow().header())
            .toList();
    return List.of(Wire.headers(question.getRequestId(), headers));
  }

  private static List<Envelope> headersAndWrongBodiesOf(BlockReader chain, Envelope question) {
    if (!question.hasGetBlocks()) {
      return headersOf(chain, question);
    }
    Transaction extra = Blocks.transaction("alice", "not in the header", 100);
    BlockHash first = BlockHash.fromBytes(question.getGetBlocks().getHashes(0).toByteArray());
    Block wrong = Block.of(chain.header(first).orElseThrow().header(), List.of(extra));
    return List.of(Wire.blocks(question.getRequestId(), List.of(wrong), true));
  }
}
