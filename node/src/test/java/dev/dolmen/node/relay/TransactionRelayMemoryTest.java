package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Heap;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.protocol.Limits;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What announcements can take of our memory, on the heap and not by counting. */
class TransactionRelayMemoryTest {

  private static final int PEERS = 100;

  /** Of each peer, so that it is three times what is kept for all of them together. */
  private static final int IDS = 3_000;

  private static final long MOST = 32L * 1024 * 1024;
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void idsThatAHundredPeersMakeUpTakeLessThan32Mebibytes() {
    long before = Heap.used();
    TransactionRelay relay = new TransactionRelay(new RequestIds(), id -> false, 1024 * 1024);
    try {
      for (int i = 0; i < PEERS; i++) {
        relay.onPeerReady(peer(i), List.of());
      }
      for (int told = 0; told < IDS; told += Limits.MAX_INVENTORY) {
        for (int i = 0; i < PEERS; i++) {
          relay.onAnnouncement(peer(i), madeUp(), NOW);
        }
      }

      assertThat(Heap.used() - before).isBetween(MOST / 8, MOST);
    } finally {
      Reference.reachabilityFence(relay);
    }
  }

  private List<TransactionId> madeUp() {
    List<TransactionId> ids = new ArrayList<>(Limits.MAX_INVENTORY);
    byte[] id = new byte[Limits.HASH_BYTES];
    for (int i = 0; i < Limits.MAX_INVENTORY; i++) {
      random.nextBytes(id);
      ids.add(new TransactionId(Hash256.fromBytes(id)));
    }
    return ids;
  }
}
