package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.network.peers.SendQueue.Verdict;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class QueuesTest {

  private static final long STALL = Duration.ofSeconds(20).toNanos();

  private final SendQueue queue = new SendQueue(1_000, 500, Duration.ofSeconds(20));
  private final ReceiveWindow window = new ReceiveWindow(1_000, 4);

  @Test
  void announcementsAreDroppedFromTheLimitOn() {
    assertThat(queue.offer(999, true, 0)).isEqualTo(Verdict.QUEUE);
    assertThat(queue.offer(500, true, 0)).isEqualTo(Verdict.QUEUE);
    assertThat(queue.offer(1, true, 0)).isEqualTo(Verdict.DROP);
    assertThat(queue.queued()).isEqualTo(1_499);
  }

  @Test
  void answersFitUpToOneLargestMessageBeyondTheLimit() {
    queue.offer(1_000, false, 0);
    assertThat(queue.offer(500, false, 0)).isEqualTo(Verdict.QUEUE);
    assertThat(queue.offer(1, false, 0)).isEqualTo(Verdict.CLOSE);
  }

  @Test
  void aQueueThatMovesIsNotStalled() {
    queue.offer(10, true, 0);
    assertThat(queue.nextWake()).isEqualTo(OptionalLong.of(STALL));
    assertThat(queue.isStalled(STALL - 1)).isFalse();
    assertThat(queue.isStalled(STALL)).isTrue();
    queue.flushed(9, STALL - 1);
    assertThat(queue.isStalled(STALL)).isFalse();
    queue.flushed(1, STALL);
    assertThat(queue.isStalled(Long.MAX_VALUE)).isFalse();
    assertThat(queue.nextWake()).isEmpty();
  }

  @Test
  void tellsOnceWhenAnAnswerHasLeftWhateverIsQueuedAroundIt() {
    queue.offer(10, true, 0);
    queue.offer(100, false, 0);
    queue.endsWithAnswer();
    queue.offer(10, true, 0);

    assertThat(queue.flushed(109, 0)).isFalse();
    assertThat(queue.flushed(1, 0)).isTrue();
    assertThat(queue.flushed(10, 0)).isFalse();
  }

  @Test
  void theTimeAQueueWasEmptyDoesNotCount() {
    queue.offer(10, true, 0);
    queue.flushed(10, 1);
    queue.offer(10, true, 2 * STALL);
    assertThat(queue.isStalled(3 * STALL - 1)).isFalse();
  }

  @Test
  void readingStopsAboveSoManyBytesAndGoesOnBelowHalf() {
    window.delivered(498);
    window.delivered(502);
    assertThat(window.isOpen()).isTrue();
    window.delivered(2);
    assertThat(window.isOpen()).isFalse();
    window.consumed(502);
    assertThat(window.isOpen()).isFalse();
    window.consumed(2);
    assertThat(window.isOpen()).isTrue();
    assertThat(window.unconsumed()).isEqualTo(498);
  }

  @Test
  void readingStopsAtSoManyMessagesAndGoesOnBelowHalf() {
    for (int i = 0; i < 3; i++) {
      window.delivered(1);
      assertThat(window.isOpen()).isTrue();
    }
    window.delivered(1);
    assertThat(window.isOpen()).isFalse();
    window.consumed(1);
    window.consumed(1);
    assertThat(window.isOpen()).isFalse();
    window.consumed(1);
    assertThat(window.isOpen()).isTrue();
  }

  @Test
  void nothingIsGivenBackTwice() {
    window.delivered(5);
    window.consumed(5);
    assertThatThrownBy(() -> window.consumed(1)).isInstanceOf(IllegalStateException.class);
  }
}
