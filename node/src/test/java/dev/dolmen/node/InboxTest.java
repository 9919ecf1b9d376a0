package dev.dolmen.node;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InboxTest {

  private static final Duration LONG = Inbox.TURN;
  private static final Duration SHORT = Inbox.TURN.dividedBy(4);

  private long now;
  private final Inbox<String> inbox = new Inbox<>(() -> now);

  @Test
  void whoSaysOneThingWaitsForOneOfEachOtherPeerHoweverMuchTheySaid() {
    IntStream.range(0, 1_000).forEach(i -> inbox.add(ALICE, "a" + i));
    inbox.add(BOB, "b");

    assertEquals(List.of("a0", "b", "a1", "a2"), take(4, LONG));
  }

  @Test
  void whatIsQuicklyDealtWithSharesATurn() {
    IntStream.range(0, 10).forEach(i -> inbox.add(ALICE, "a" + i));
    IntStream.range(0, 5).forEach(i -> inbox.add(BOB, "b" + i));

    assertEquals(
        List.of("a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "a4", "a5", "a6", "a7", "b4", "a8"),
        take(14, SHORT));
  }

  @Test
  void whatOnePeerSaysStaysInItsOrder() {
    inbox.add(ALICE, "a1");
    inbox.add(BOB, "b1");
    inbox.add(ALICE, "a2");
    assertEquals(List.of("a1"), take(1, LONG));
    inbox.add(ALICE, "a3");
    inbox.add(BOB, "b2");

    assertEquals(List.of("b1", "a2", "b2", "a3"), take(4, LONG));
  }

  @Test
  void whoHasWaitedForNothingTakesItsPlaceBehindTheOthers() {
    inbox.add(ALICE, "a1");
    inbox.add(ALICE, "a2");
    assertEquals(List.of("a1"), take(1, LONG));
    inbox.add(BOB, "b1");
    assertEquals(List.of("b1", "a2"), take(2, LONG));
    inbox.add(BOB, "b2");
    inbox.add(ALICE, "a3");

    assertEquals(List.of("b2", "a3"), take(2, LONG));
  }

  @Test
  void betweenTwoOfItsOwnGoesOneOfAPeersAndTheOtherWayRound() {
    inbox.add("own1");
    inbox.add("own2");
    inbox.add("own3");
    IntStream.rangeClosed(1, 4).forEach(i -> inbox.add(ALICE, "a" + i));

    assertEquals(List.of("own1", "a1", "own2", "a2", "own3", "a3", "a4"), take(7, SHORT));
  }

  @Test
  void whatIsObsoleteIsNotTakenAndNotCounted() {
    inbox.add(ALICE, "said 1");
    inbox.add(ALICE, "said 2");
    inbox.add(ALICE, "gone");
    inbox.add(BOB, "said by bob");
    inbox.addInsteadOf(ALICE, input -> input.startsWith("said"), "back");
    inbox.add(ALICE, "said 3");

    assertEquals(List.of("gone", "said by bob", "back", "said 3"), take(4, LONG));
    assertEquals(0, inbox.size());
  }

  @Test
  void countsWhatWaits() {
    assertEquals(0, inbox.size());
    assertEquals(Optional.empty(), inbox.poll());
    inbox.add("own");
    inbox.add(ALICE, "a");
    assertEquals(2, inbox.size());
    take(2, SHORT);
    assertEquals(0, inbox.size());
    assertEquals(Optional.empty(), inbox.poll());
  }

  @Test
  void whoWaitsForNothingIsTold() throws InterruptedException {
    assertEquals(Optional.empty(), inbox.poll(1));
  }

  @Test
  void anInterruptIsNotOverlookedThoughSomethingWaits() {
    inbox.add("own");
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> inbox.poll(1));
  }

  @Test
  void whoeverAddsWakesTheOneWhoTakes() throws InterruptedException {
    int each = 10_000;
    List<Thread> writers =
        List.of(
            new Thread(() -> IntStream.range(0, each).forEach(i -> inbox.add(ALICE, "a" + i))),
            new Thread(() -> IntStream.range(0, each).forEach(i -> inbox.add(BOB, "b" + i))),
            new Thread(() -> IntStream.range(0, each).forEach(i -> inbox.add("o" + i))));
    writers.forEach(Thread::start);
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 3 * each; i++) {
      Optional<String> next = inbox.poll(60_000);
      assertTrue(next.isPresent());
      taken.add(next.get());
    }
    for (String who : List.of("a", "b", "o")) {
      assertEquals(
          IntStream.range(0, each).mapToObj(i -> who + i).toList(),
          taken.stream().filter(said -> said.startsWith(who)).toList());
    }
    for (Thread writer : writers) {
      writer.join();
    }
  }

  /** Takes so many, each of which takes so long to be dealt with. */
  private List<String> take(int count, Duration each) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(inbox.poll().orElseThrow());
      now += each.toNanos();
    }
    return taken;
  }
}
