package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TransactionRelayTest {

  private static final Instant T0 = Instant.parse("2026-06-01T00:00:00Z");

  private final Set<TransactionId> known = new HashSet<>();
  private final TransactionRelay relay = new TransactionRelay(new RequestIds(), known::contains);
  private final Transaction entry = Blocks.transaction("alice", "entry", 100);
  private final Transaction other = Blocks.transaction("alice", "other", 100);

  @Test
  void beginsALinkWithWhatIsPending() {
    assertEquals(
        List.of(new Send(ALICE, Wire.newTransactions(List.of(entry.id())))),
        relay.onPeerReady(ALICE, List.of(entry.id())));
  }

  @Test
  void announcesAtMostSoManyOnANewLinkTheNewestInMessagesOfAThousand() {
    List<TransactionId> ids = ids(TransactionRelay.MAX_ANNOUNCED + 1);

    List<NodeAction> actions = relay.onPeerReady(ALICE, ids);

    assertEquals(5, actions.size());
    assertEquals(new Send(ALICE, Wire.newTransactions(ids.subList(1, 1_001))), actions.get(0));
    assertEquals(new Send(ALICE, Wire.newTransactions(ids.subList(4_001, 5_001))), actions.get(4));
  }

  @Test
  void announcesEachTransactionOnceToEachPeer() {
    relay.onPeerReady(ALICE, List.of());
    relay.onPeerReady(BOB, List.of());

    assertEquals(
        List.of(
            new Send(ALICE, Wire.newTransactions(List.of(entry.id()))),
            new Send(BOB, Wire.newTransactions(List.of(entry.id())))),
        relay.announce(List.of(entry.id())));
    assertEquals(List.of(), relay.announce(List.of(entry.id())));
  }

  @Test
  void doesNotAnnounceBackWhatAPeerAnnounced() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id()), T0);

    assertEquals(List.of(), relay.announce(List.of(entry.id())));
  }

  @Test
  void fetchesWhatIsNotKnownFromTheFirstAnnouncerOnly() {
    relay.onPeerReady(ALICE, List.of());
    relay.onPeerReady(BOB, List.of());
    known.add(other.id());

    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(1, List.of(entry.id())))),
        relay.onAnnouncement(ALICE, List.of(entry.id(), other.id()), T0));
    assertEquals(List.of(), relay.onAnnouncement(BOB, List.of(entry.id()), T0));
    assertTrue(relay.awaits(ALICE, 1));
    assertFalse(relay.awaits(BOB, 1));
  }

  @Test
  void asksTheNextAnnouncerIfTheFirstTakesTooLong() {
    announcedByBoth();
    Instant deadline = T0.plus(TransactionRelay.FETCH_TIMEOUT);

    assertEquals(Optional.of(deadline), relay.nextWake());
    assertEquals(List.of(), relay.onTick(deadline.minusMillis(1)));
    assertEquals(
        List.of(new Send(BOB, Wire.getTransactions(1, List.of(entry.id())))),
        relay.onTick(deadline));
    assertFalse(relay.awaits(ALICE, 1), "one try for each announcement");
  }

  @Test
  void asksTheNextAnnouncerIfTheFirstGoes() {
    announcedByBoth();

    assertEquals(
        List.of(new Send(BOB, Wire.getTransactions(1, List.of(entry.id())))),
        relay.onPeerGone(ALICE, T0));
  }

  @Test
  void asksTheNextAnnouncerIfTheFirstDoesNotHaveIt() {
    announcedByBoth();

    assertEquals(List.of(), relay.onAnswer(ALICE, 1, List.of()));
    assertEquals(
        List.of(new Send(BOB, Wire.getTransactions(1, List.of(entry.id())))),
        relay.fetchWhatIsFree(T0));
  }

  @Test
  void takesOnlyWhatItAskedFor() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id()), T0);

    assertEquals(List.of(entry), relay.onAnswer(ALICE, 1, List.of(other, entry, entry)));
  }

  @Test
  void asksAgainForWhatDidNotFitTheAnswer() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id(), other.id()), T0);
    relay.onAnswer(ALICE, 1, List.of(entry));
    known.add(entry.id());

    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(other.id())))),
        relay.fetchWhatIsFree(T0));
  }

  @Test
  void hasAtMostSoManyUnderWayWithOnePeer() {
    relay.onPeerReady(ALICE, List.of());
    List<TransactionId> ids = ids(TransactionRelay.MAX_IN_FLIGHT + 1);

    assertEquals(
        List.of(
            new Send(
                ALICE, Wire.getTransactions(1, ids.subList(0, TransactionRelay.MAX_IN_FLIGHT)))),
        relay.onAnnouncement(ALICE, ids, T0));
    assertEquals(List.of(), relay.fetchWhatIsFree(T0));
  }

  @Test
  void asksTogetherForWhatABurstAnnouncesOneByOne() {
    relay.onPeerReady(ALICE, List.of());
    List<TransactionId> ids = ids(TransactionRelay.MAX_OPEN_FETCHES + 20);

    int requests = 0;
    for (TransactionId id : ids) {
      requests += relay.onAnnouncement(ALICE, List.of(id), T0).size();
    }

    assertEquals(TransactionRelay.MAX_OPEN_FETCHES, requests);
    relay.onAnswer(ALICE, 1, List.of());
    assertEquals(
        List.of(
            new Send(
                ALICE,
                Wire.getTransactions(
                    TransactionRelay.MAX_OPEN_FETCHES + 1,
                    ids.subList(TransactionRelay.MAX_OPEN_FETCHES, ids.size())))),
        relay.fetchWhatIsFree(T0));
  }

  @Test
  void looksNothingUpForAPeerThatMayBeAskedNothingMore() {
    AtomicInteger looks = new AtomicInteger();
    TransactionRelay counted =
        new TransactionRelay(
            new RequestIds(),
            id -> {
              looks.incrementAndGet();
              return false;
            });
    counted.onPeerReady(ALICE, List.of());
    counted.onAnnouncement(ALICE, ids(TransactionRelay.MAX_ANNOUNCED), T0);
    looks.set(0);

    counted.onAnnouncement(ALICE, List.of(), T0);

    assertEquals(0, looks.get());
  }

  @Test
  void keepsAtMostSoManyAnnouncementsOfAPeer() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, ids(2 * TransactionRelay.MAX_ANNOUNCED), T0);

    int fetched = 0;
    for (long request = 1; relay.awaits(ALICE, request); request++) {
      relay.onAnswer(ALICE, request, List.of());
      fetched += TransactionRelay.MAX_IN_FLIGHT;
      relay.fetchWhatIsFree(T0);
    }
    assertEquals(TransactionRelay.MAX_ANNOUNCED, fetched);
  }

  private void announcedByBoth() {
    relay.onPeerReady(ALICE, List.of());
    relay.onPeerReady(BOB, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id()), T0);
    relay.onAnnouncement(BOB, List.of(entry.id()), T0);
  }

  private static List<TransactionId> ids(int count) {
    return LongStream.range(0, count)
        .mapToObj(i -> new TransactionId(new Hash256(1, 2, 3, i)))
        .toList();
  }
}
