package dev.dolmen.node.mining;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When to make a block on a network whose target is fixed and easy: at once for an entry that this
 * node's own API took, which is not decided here; for any other, after a random while if it is
 * still pending. So two nodes do not answer every entry with a fork, and a tie dissolves. Rule:
 * {@code docs/protocol.md#making-blocks}
 */
public final class BlockMaker {

  /** Shortest wait. */
  static final Duration SHORTEST_WAIT = Duration.ofMillis(200);

  /** Longest wait. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final RandomGenerator random;
  private @Nullable Instant due;

  /** A maker whose waits come from {@code random}. */
  public BlockMaker(RandomGenerator random) {
    this.random = random;
  }

  /**
   * The pool or the tip changed.
   *
   * @param somethingPending whether the next block could include anything
   */
  public void onChange(boolean somethingPending, Instant now) {
    if (!somethingPending) {
      due = null;
    } else if (due == null) {
      long millis = random.nextLong(SHORTEST_WAIT.toMillis(), LONGEST_WAIT.toMillis() + 1);
      due = now.plusMillis(millis);
    }
  }

  /** Whether a block is to be made now; asking takes the appointment. */
  public boolean isDue(Instant now) {
    if (due == null || now.isBefore(due)) {
      return false;
    }
    due = null;
    return true;
  }

  /** When to ask again. */
  public Optional<Instant> nextWake() {
    return Optional.ofNullable(due);
  }
}
