package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkState;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Counts what is written to one peer and has not left this process, and notices when the peer does
 * not read. Pure: it holds no messages; times are nanoseconds of one monotonic clock.
 *
 * <p>Announcements are dropped while the queue is at its limit, for the peer will hear of the tip
 * again. Questions and answers are not dropped silently: they may go beyond the limit by one
 * message of the largest size in all, so that a small question fits behind a large answer, and
 * beyond that the link is closed.
 */
public final class SendQueue {

  /** What becomes of a message. */
  public enum Verdict {
    QUEUE,
    DROP,
    CLOSE
  }

  private final long limit;
  private final long largestMessage;
  private final long stallNanos;
  private long queued;

  /** Bytes that must leave before the last answer has; 0 if none waits. */
  private long untilAnswered;

  private long lastProgress;

  /**
   * @param limit bytes queued above which announcements are dropped
   * @param largestMessage bytes of the largest message there is
   * @param stall how long the queue may stand still
   */
  public SendQueue(long limit, long largestMessage, Duration stall) {
    this.limit = limit;
    this.largestMessage = largestMessage;
    this.stallNanos = stall.toNanos();
  }

  /** Asks for room; if the verdict is {@link Verdict#QUEUE} the bytes count from now on. */
  public Verdict offer(int bytes, boolean announcement, long now) {
    if (queued >= limit && announcement) {
      return Verdict.DROP;
    }
    if (queued >= limit && queued + bytes > limit + largestMessage) {
      return Verdict.CLOSE;
    }
    if (queued == 0) {
      lastProgress = now;
    }
    queued += bytes;
    return Verdict.QUEUE;
  }

  /** What was queued last is an answer. */
  public void endsWithAnswer() {
    untilAnswered = queued;
  }

  /**
   * Counts bytes that left.
   *
   * @return whether the last answer has just left, whatever was queued behind it
   */
  public boolean flushed(int bytes, long now) {
    checkState(bytes <= queued, "%s bytes left, %s queued", bytes, queued);
    queued -= bytes;
    lastProgress = now;
    boolean answerWaited = untilAnswered > 0;
    untilAnswered = Math.max(0, untilAnswered - bytes);
    return answerWaited && untilAnswered == 0;
  }

  /**
   * Whether something has been queued for so long without any of it leaving that the peer must be
   * given up.
   */
  public boolean isStalled(long now) {
    return queued > 0 && now - lastProgress >= stallNanos;
  }

  /** When to look for a stall, if nothing happens before. */
  public OptionalLong nextWake() {
    return queued > 0 ? OptionalLong.of(lastProgress + stallNanos) : OptionalLong.empty();
  }

  /** Bytes written and not yet gone. */
  public long queued() {
    return queued;
  }
}
