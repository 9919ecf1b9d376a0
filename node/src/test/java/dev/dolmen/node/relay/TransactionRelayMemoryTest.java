package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Heap;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.protocol.Limits;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What announcements can take of our memory, on the heap and not by counting. With {@code
 * -Dflood.ids=1000000} each peer makes up that many.
 */
class TransactionRelayMemoryTest {

  private static final int PEERS = 100;

  /** Of each peer; it is several times what is kept of one, and what is kept of all. */
  private static final int IDS = Integer.getInteger("flood.ids", 20_000);

  private static final long MOST = 32L * 1024 * 1024;

  /** Tables that have grown stay, and classes that were loaded meanwhile. */
  private static final long NOTHING = 1024 * 1024;

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<PeerId, Integer> inFlight = new LinkedHashMap<>();

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS) // as many ids as are asked for
  void idsThatAHundredPeersMakeUpTakeLessThan32MebibytesAndAreForgottenWithThem() {
    long before = Heap.used();
    RequestIds requestIds = new RequestIds();
    TransactionRelay relay = new TransactionRelay(requestIds, id -> false, 1024 * 1024);
    try {
      for (int i = 0; i < PEERS; i++) {
        relay.onPeerReady(peer(i), List.of());
      }
      for (int told = 0; told < IDS; told += Limits.MAX_INVENTORY) {
        for (int i = 0; i < PEERS; i++) {
          count(relay.onAnnouncement(peer(i), madeUp(), NOW));
        }
      }
      assertThat(Heap.used() - before).isBetween(MOST / 8, MOST);
      assertThat(relay.announcedInAll()).isEqualTo(TransactionRelay.MAX_ANNOUNCED_IN_ALL);
      assertThat(inFlight.values())
          .hasSize(PEERS)
          .allMatch(ids -> ids == TransactionRelay.MAX_IN_FLIGHT);

      for (int i = 0; i < PEERS; i++) {
        relay.onPeerGone(peer(i), NOW);
        requestIds.forget(peer(i));
      }
      assertThat(relay.announcedInAll()).isZero();
      assertThat(relay.nextWake()).isEmpty();
      assertThat(Heap.used() - before).isLessThan(NOTHING);
    } finally {
      Reference.reachabilityFence(relay);
      Reference.reachabilityFence(requestIds);
    }
  }

  private void count(List<NodeAction> actions) {
    for (NodeAction action : actions) {
      if (action instanceof Send send) {
        int ids = send.envelope().getGetTransactions().getIdsCount();
        inFlight.merge(send.peer(), ids, Integer::sum);
      }
    }
  }

  private List<TransactionId> madeUp() {
    List<TransactionId> ids = new ArrayList<>(Limits.MAX_INVENTORY);
    for (int i = 0; i < Limits.MAX_INVENTORY; i++) {
      ids.add(
          new TransactionId(
              new Hash256(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong())));
    }
    return ids;
  }
}
