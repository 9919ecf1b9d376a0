package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.ManyPeers;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.action.NodeAction.SendAll;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TransactionRelayTest {

  private static final Instant T0 = Instant.parse("2026-06-01T00:00:00Z");
  private static final int LARGEST_ANSWER = 1024 * 1024;

  private final Set<TransactionId> known = new HashSet<>();
  private final TransactionRelay relay =
      new TransactionRelay(new RequestIds(), known::contains, LARGEST_ANSWER);
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
        List.of(new SendAll(List.of(ALICE, BOB), Wire.newTransactions(List.of(entry.id())))),
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
    assertEquals(
        List.of(), relay.onAnnouncement(ALICE, List.of(entry.id()), deadline), "one try each");
  }

  @Test
  void looksAtSomeAnnouncedIdsAtATimeAndGoesOnByItself() {
    AtomicInteger looks = new AtomicInteger();
    TransactionRelay counted =
        new TransactionRelay(
            new RequestIds(),
            id -> {
              looks.incrementAndGet();
              return known.contains(id);
            },
            LARGEST_ANSWER);
    List<TransactionId> ids =
        ids(TransactionRelay.MAX_IN_FLIGHT + TransactionRelay.MAX_LOOKED_AT + 2);
    counted.onPeerReady(ALICE, List.of());
    counted.onAnnouncement(ALICE, ids, T0);
    known.addAll(ids.subList(0, ids.size() - 1)); // Others gave them meanwhile.
    counted.onAnswer(ALICE, 1, List.of());

    looks.set(0);
    assertEquals(List.of(), counted.fetchWhatIsFree(T0));
    assertEquals(TransactionRelay.MAX_LOOKED_AT, looks.get());
    assertEquals(Optional.of(T0), counted.nextWake());
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(ids.get(ids.size() - 1))))),
        counted.onTick(T0));
    assertEquals(TransactionRelay.MAX_LOOKED_AT + 2, looks.get());
    assertEquals(Optional.of(T0.plus(TransactionRelay.FETCH_TIMEOUT)), counted.nextWake());
  }

  @Test
  void whatIsAskedOfOthersHidesNothingBehindIt() {
    List<TransactionId> ids = ids(TransactionRelay.MAX_LOOKED_AT + 1);
    int each = TransactionRelay.MAX_IN_FLIGHT;
    for (int i = 0; i < 5; i++) { // Five peers are asked for all but the last.
      relay.onPeerReady(peer(i + 10), List.of());
      relay.onAnnouncement(peer(i + 10), ids.subList(each * i, each * (i + 1)), T0);
    }
    relay.onPeerReady(ALICE, List.of());

    assertEquals(List.of(), relay.onAnnouncement(ALICE, ids, T0), "it looked at five hundred");
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(1, List.of(ids.get(ids.size() - 1))))),
        relay.fetchWhatIsFree(T0));
  }

  @Test
  void takesALateAnswer() {
    announcedByBoth();
    relay.onTick(T0.plus(TransactionRelay.FETCH_TIMEOUT));

    assertTrue(relay.awaits(ALICE, 1));
    assertEquals(List.of(entry), relay.onAnswer(ALICE, 1, List.of(entry)));
    assertFalse(relay.awaits(ALICE, 1));
  }

  @Test
  void asksNothingMoreOfAPeerThatOwesTooManyAnswersUntilItGivesOne() {
    relay.onPeerReady(ALICE, List.of());
    Instant now = T0;
    int requests = 0;
    for (int i = 0; i <= TransactionRelay.MAX_UNANSWERED; i++) {
      requests += relay.onAnnouncement(ALICE, idsOf(i, 1), now).size();
      now = now.plus(TransactionRelay.FETCH_TIMEOUT);
      relay.onTick(now);
    }
    assertEquals(TransactionRelay.MAX_UNANSWERED, requests);
    assertEquals(List.of(), relay.fetchWhatIsFree(now));

    relay.onAnswer(ALICE, 1, List.of());
    assertEquals(1, relay.fetchWhatIsFree(now).size());
  }

  @Test
  void asksThreeTimesAsManyAtOnceEachTimeThatNobodySendsIt() {
    for (int i = 1; i <= 16; i++) {
      relay.onPeerReady(peer(i), List.of());
      relay.onAnnouncement(peer(i), List.of(entry.id()), T0);
    }
    Instant first = T0.plus(TransactionRelay.FETCH_TIMEOUT);
    Instant second = first.plus(TransactionRelay.FETCH_TIMEOUT);

    assertEquals(List.of(peer(2), peer(3), peer(4)), addressees(relay.onTick(first)));
    assertEquals(
        IntStream.rangeClosed(5, 13).mapToObj(ManyPeers::peer).toList(),
        addressees(relay.onTick(second)));
  }

  @Test
  void fetchesEverythingWithinThirtySecondsThoughSevenOfEightWithhold() {
    PeerId honest = peer(8);
    List<TransactionId> ids = ids(1_000);
    List<NodeAction> asked = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      relay.onPeerReady(peer(i), List.of());
      asked.addAll(relay.onAnnouncement(peer(i), ids, T0));
    }
    Instant now = T0;
    while (known.size() < ids.size()) {
      while (!asked.isEmpty()) {
        if (asked.remove(0) instanceof Send send && send.peer().equals(honest)) {
          long request = send.envelope().getRequestId();
          send.envelope()
              .getGetTransactions()
              .getIdsList()
              .forEach(id -> known.add(new TransactionId(Hash256.fromBytes(id.toByteArray()))));
          // What is asked for comes; only that it is known then matters here.
          relay.onAnswer(honest, request, List.of());
          asked.addAll(relay.fetchWhatIsFree(now));
        }
      }
      now = relay.nextWake().orElse(now);
      asked.addAll(relay.onTick(now));
    }
    assertThat(Duration.between(T0, now)).isLessThanOrEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void asksWhoWithheldLastForAWhile() {
    announcedByBoth();
    Instant later = T0.plus(TransactionRelay.FETCH_TIMEOUT);
    relay.onTick(later);
    relay.onAnswer(BOB, 1, List.of(entry));
    known.add(entry.id());
    fillUp(BOB, later);

    relay.onAnnouncement(BOB, List.of(other.id()), later);
    assertEquals(List.of(), relay.onAnnouncement(ALICE, List.of(other.id()), later));
    TransactionId onlyAlices = new TransactionId(new Hash256(9, 9, 9, 9));
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(onlyAlices)))),
        relay.onAnnouncement(ALICE, List.of(onlyAlices), later));

    Instant forgiven = later.plus(TransactionRelay.ASKED_LAST);
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(3, List.of(other.id())))),
        relay.onAnnouncement(ALICE, List.of(), forgiven));
  }

  @Test
  void whoIsAskedLastIsAskedForWhatIsAnnouncedBesidesOnlyByOneThatMayBeAskedNothingMore() {
    relay.onPeerReady(ALICE, List.of());
    relay.onPeerReady(BOB, List.of());
    Instant now = T0;
    for (int i = 1; i <= TransactionRelay.MAX_UNANSWERED; i++) {
      now = letTakeTooLong(BOB, i, now);
    }
    now = letTakeTooLong(ALICE, 100, now.plus(TransactionRelay.ASKED_LAST));

    assertEquals(List.of(), relay.onAnnouncement(BOB, List.of(entry.id()), now));
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(entry.id())))),
        relay.onAnnouncement(ALICE, List.of(entry.id()), now));
  }

  private Instant letTakeTooLong(PeerId peer, int number, Instant now) {
    relay.onAnnouncement(peer, idsOf(number, 1), now);
    Instant deadline = now.plus(TransactionRelay.FETCH_TIMEOUT);
    relay.onTick(deadline);
    return deadline;
  }

  /** So much is under way that it is asked nothing more. */
  private void fillUp(PeerId peer, Instant now) {
    relay.onAnnouncement(peer, ids(TransactionRelay.MAX_IN_FLIGHT), now);
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
    Transaction large =
        Blocks.transaction(Blocks.ALICE, Bytes.wrap(new byte[Transaction.MAX_PAYLOAD_BYTES]), 100);
    TransactionRelay small =
        new TransactionRelay(new RequestIds(), known::contains, 2 * large.size());
    small.onPeerReady(ALICE, List.of());
    small.onAnnouncement(ALICE, List.of(large.id(), other.id()), T0);
    small.onAnswer(ALICE, 1, List.of(large));
    known.add(large.id());

    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(other.id())))),
        small.fetchWhatIsFree(T0));
  }

  @Test
  void whatAnAnswerWithRoomLeftOutIsNotThere() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id(), other.id()), T0);
    relay.onAnswer(ALICE, 1, List.of(entry));
    known.add(entry.id());

    assertEquals(List.of(), relay.fetchWhatIsFree(T0));
  }

  @Test
  void fetchesAgainWhatWasTooEarlyOnceTheTipIsHighEnough() {
    relay.onPeerReady(ALICE, List.of());
    relay.onAnnouncement(ALICE, List.of(entry.id()), T0);
    relay.onAnswer(ALICE, 1, List.of(entry));
    relay.tooEarly(ALICE, entry.id(), 10);

    assertEquals(List.of(), relay.onTip(9, T0));
    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, List.of(entry.id())))),
        relay.onTip(10, T0));
    assertEquals(List.of(), relay.onTip(11, T0));
  }

  @Test
  void fetchesWhatHadToMakeRoomAgainFromWhoeverAnnouncesIt() {
    announcedByBoth();
    relay.onAnswer(ALICE, 1, List.of(entry));
    known.add(entry.id());
    relay.fetchWhatIsFree(T0);
    known.remove(entry.id());
    relay.onPeerReady(CAROL, List.of());

    assertEquals(
        List.of(new Send(CAROL, Wire.getTransactions(1, List.of(entry.id())))),
        relay.onAnnouncement(CAROL, List.of(entry.id()), T0));
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
            },
            LARGEST_ANSWER);
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

  @Test
  void ofAllAnnouncementsThoseOfThePeerWithTheMostAreForgottenFirst() {
    for (int i = 1; i <= 20; i++) {
      relay.onPeerReady(peer(i), List.of());
      relay.onAnnouncement(peer(i), idsOf(i, TransactionRelay.MAX_ANNOUNCED), T0.plusSeconds(i));
    }
    for (int i = 1; i <= 20; i++) {
      relay.onAnnouncement(peer(i), idsOf(100 + i, TransactionRelay.MAX_IN_FLIGHT), T0);
    }
    assertEquals(TransactionRelay.MAX_ANNOUNCED_IN_ALL, relay.announcedInAll());

    relay.onPeerReady(peer(21), List.of());
    relay.onAnnouncement(peer(21), idsOf(21, 3_000 + TransactionRelay.MAX_IN_FLIGHT), T0);

    int askedForAtOnce = TransactionRelay.MAX_IN_FLIGHT;
    assertEquals(TransactionRelay.MAX_ANNOUNCED_IN_ALL - askedForAtOnce, relay.announcedInAll());
    relay.onPeerGone(peer(21), T0);
    assertEquals(
        TransactionRelay.MAX_ANNOUNCED_IN_ALL - askedForAtOnce - 3_000,
        relay.announcedInAll(),
        "the newcomer, who had the fewest, lost nothing");
  }

  private static List<TransactionId> idsOf(int peer, int count) {
    return LongStream.range(0, count)
        .mapToObj(i -> new TransactionId(new Hash256(1, 2, peer, peer * 1_000_003L + i * 7)))
        .toList();
  }

  private static List<PeerId> addressees(List<NodeAction> actions) {
    return actions.stream().map(action -> ((Send) action).peer()).toList();
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
