package dev.dolmen.it.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.CountedVerifications;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.Dolmen;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What nodes do for one another over sockets, in numbers that no machine changes. */
class CostsTest {

  private static final int NODES = 3;
  private static final int ENTRIES = 50;
  private static final int BLOCKS = 500;

  @Test
  void everyNodeVerifiesEveryEntryOnceFromItsAnnouncementToItsBlock() throws Exception {
    List<Transaction> entries =
        IntStream.range(0, ENTRIES)
            .mapToObj(i -> Blocks.transaction("stranger", "entry " + i, 100))
            .toList();
    try (Network network = Network.line(NODES);
        Stranger author = Stranger.meet(network.node(0))) {
      Network.awaitPeers(network.node(0), 2);
      Network.awaitPeers(network.node(NODES - 1), 1);

      long verified =
          CountedVerifications.during(
              () -> {
                author.give(entries);
                network.awaitIncludedEverywhere(entries.stream().map(Transaction::id).toList());
                return null;
              });

      assertEquals((long) NODES * ENTRIES, verified);
    }
  }

  /**
   * A header and a block without entries are less than 100 bytes each on the wire, and were 185
   * together when this was written; hashes to ask for them go the other way.
   */
  @Test
  void aFreshNodeIsSentEveryHeaderAndEveryBlockOnce() {
    try (Network network = Network.of(1)) {
      Dolmen source = network.node(0);
      for (int i = 0; i < BLOCKS; i++) {
        Network.makeBlock(source);
      }
      BlockHash tip = Network.tip(source);
      Dolmen fresh = network.add(NetworkParameters.dev());
      Network.connect(fresh, source);
      Network.awaitTip(fresh, tip);

      PeerInfo link = fresh.peers().peers().get(0);
      assertThat(link.bytesIn() / BLOCKS).isLessThan(220);
      assertThat(link.bytesOut() / BLOCKS).isLessThan(45);
    }
  }
}
