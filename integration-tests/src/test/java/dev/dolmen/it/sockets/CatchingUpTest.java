package dev.dolmen.it.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.Dolmen;
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
      ScriptedAnswers peers = new ScriptedAnswers(honest.runner().reader());
      BlockHash tip = Network.tip(honest);
      network.connect(1, 0);
      Network.awaitTip(network.node(1), tip);

      Dolmen fresh = network.add(NetworkParameters.dev());
      List<Stranger> strangers = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          strangers.add(Stranger.meet(fresh, BigInteger.ZERO, peers::stall));
        }
        strangers.add(Stranger.meet(fresh, BigInteger.ONE.shiftLeft(200), q -> List.of()));
        Stranger wrong = Stranger.meet(fresh, BigInteger.ZERO, peers::sendWrongBodies);
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
}
