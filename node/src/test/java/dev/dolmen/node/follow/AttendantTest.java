package dev.dolmen.node.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AttendantTest {

  private final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();

  @Test
  void worksUntilNothingIsLeftAndAgainWhenWoken() {
    AtomicInteger left = new AtomicInteger(3);
    AtomicInteger turns = new AtomicInteger();
    Attendant attendant =
        new Attendant(
            "attendant",
            () -> {
              turns.incrementAndGet();
              return left.get() > 0 && left.decrementAndGet() > 0;
            },
            end::complete);
    attendant.start();
    await().until(() -> turns.get() == 3);

    left.set(1);
    attendant.wake();
    await().until(() -> turns.get() == 4);
    attendant.stop();
    attendant.awaitEnd();
    assertThat(end).isCompletedWithValue(Optional.empty());
  }

  @Test
  void saysWhatEndedIt() {
    IllegalStateException bug = new IllegalStateException("of the listener");
    Attendant attendant =
        new Attendant(
            "attendant",
            () -> {
              throw bug;
            },
            end::complete);
    attendant.start();

    assertThat(end.join()).containsSame(bug);
    attendant.stop();
    attendant.awaitEnd();
  }

  @Test
  void endsWithoutAThreadIfItIsStoppedBeforeItIsStarted() {
    Attendant attendant = new Attendant("attendant", () -> true, end::complete);

    attendant.stop();
    attendant.start();
    attendant.awaitEnd();

    assertThat(end).isCompletedWithValue(Optional.empty());
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("attendant");
  }

  @Test
  void mayBeEndedByWhatItCalls() {
    CompletableFuture<Attendant> self = new CompletableFuture<>();
    Attendant attendant =
        new Attendant(
            "attendant",
            () -> {
              self.join().stop();
              self.join().awaitEnd();
              return true;
            },
            end::complete);
    self.complete(attendant);
    attendant.start();

    assertThat(end.join()).isEmpty();
    attendant.awaitEnd();
  }

  @Test
  void isNotHeldUpByAnInterruptThatTheUsersCodeLeftBehind() {
    AtomicInteger turns = new AtomicInteger();
    Attendant attendant =
        new Attendant(
            "attendant",
            () -> {
              turns.incrementAndGet();
              Thread.currentThread().interrupt();
              return false;
            },
            end::complete);
    attendant.start();
    await().until(() -> turns.get() == 1);

    attendant.wake();
    await().until(() -> turns.get() == 2);
    attendant.stop();
    attendant.awaitEnd();
    assertThat(end.join()).isEmpty();
  }

  @Test
  void interruptsWhatDoesNotReturn() {
    CountDownLatch begun = new CountDownLatch(1);
    Attendant attendant =
        new Attendant(
            "attendant",
            () -> {
              begun.countDown();
              new CountDownLatch(1).await();
              return true;
            },
            end::complete,
            Duration.ofMillis(50));
    attendant.start();
    await().until(() -> begun.getCount() == 0);

    attendant.stop();
    attendant.awaitEnd();

    assertThat(end.join()).containsInstanceOf(InterruptedException.class);
  }
}
