package dev.dolmen.node.devnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ChronicleTest {

  private static final long SECOND = 1_000_000_000;

  private final AtomicLong clock = new AtomicLong();
  private final Chronicle chronicle =
      new Chronicle("run", clock::get, InstantSource.fixed(Instant.ofEpochMilli(7)));

  @Test
  void numbersWhatHappensFromOne() {
    chronicle.note(up("alice"));
    chronicle.note(up("bob"));

    assertThat(chronicle.last()).isEqualTo(2);
    assertThat(chronicle.after(0))
        .containsExactly(
            new Chronicle.Numbered(1, 7, up("alice")), new Chronicle.Numbered(2, 7, up("bob")));
    assertThat(chronicle.after(1)).extracting(Chronicle.Numbered::number).containsExactly(2L);
    assertThat(chronicle.after(2)).isEmpty();
    assertThat(chronicle.after(99)).isEmpty();
  }

  @Test
  void keepsTheLastAndForgetsTheOldest() {
    for (int i = 0; i <= Chronicle.CAPACITY; i++) {
      chronicle.note(up("alice"));
    }
    assertThat(chronicle.after(0)).hasSize(Chronicle.CAPACITY);
    assertThat(chronicle.after(0).get(0).number()).isEqualTo(2);
  }

  @Test
  void takesSoMuchOfAFloodASecondAndSaysHowMuchItLeftOut() {
    AtomicInteger worded = new AtomicInteger();
    for (int i = 0; i < Chronicle.PER_SECOND + 10; i++) {
      chronicle.noteIfRoom(
          () -> {
            worded.incrementAndGet();
            return up("alice");
          });
    }
    assertThat(worded).hasValue(Chronicle.PER_SECOND);

    clock.addAndGet(SECOND / Chronicle.PER_SECOND);
    chronicle.noteIfRoom(() -> up("bob"));
    List<Chronicle.Numbered> all = chronicle.after(Chronicle.PER_SECOND);
    assertThat(all)
        .extracting(Chronicle.Numbered::happening)
        .containsExactly(new Happening.LeftOut(10), up("bob"));
  }

  @Test
  void whatMustNotBeMissedIsKeptInAFloodToo() {
    for (int i = 0; i < 2 * Chronicle.PER_SECOND; i++) {
      chronicle.noteIfRoom(() -> up("alice"));
    }
    chronicle.note(up("bob"));
    assertThat(chronicle.after(0).get(Chronicle.PER_SECOND + 1).happening()).isEqualTo(up("bob"));
  }

  @Test
  void callsBackUntilNobodyWantsToKnow() {
    AtomicInteger calls = new AtomicInteger();
    Chronicle.Subscription subscription = chronicle.watch(calls::incrementAndGet);
    chronicle.note(up("alice"));
    chronicle.noteIfRoom(() -> up("alice"));
    subscription.close();
    chronicle.note(up("alice"));
    assertThat(calls).hasValue(2);
  }

  private static Happening up(String node) {
    return new Happening.Node(node, true);
  }
}
