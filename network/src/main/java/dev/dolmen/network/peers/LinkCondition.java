package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * What a link to a peer is made to suffer, on purpose: for networks that people take apart to see
 * what happens. Everything below it stays as it is, TCP and TLS included.
 *
 * <p>It holds for one end. A link that is to be cut or slowed in both directions is given the same
 * condition at both ends.
 *
 * @param up whether there may be a link at all; while there may not, one that stands is closed, the
 *     peer's addresses are not dialled, and the peer is refused when it dials
 * @param delay for how long each message to the peer is held back after the handshake; none
 *     overtakes another. At most {@link #MAX_DELAY}
 */
public record LinkCondition(boolean up, Duration delay) {

  /**
   * Half of the time after which a link counts as stalled whose queue does not move, so that a slow
   * link stays a link.
   */
  public static final Duration MAX_DELAY = Duration.ofSeconds(10);

  /** Nothing is done to the link. */
  public static final LinkCondition NORMAL = new LinkCondition(true, Duration.ZERO);

  public LinkCondition {
    checkArgument(
        !delay.isNegative() && delay.compareTo(MAX_DELAY) <= 0,
        "a delay of %s ms is not between 0 and %s ms",
        delay.toMillis(),
        MAX_DELAY.toMillis());
  }

  /** The same, up or cut. */
  public LinkCondition withUp(boolean value) {
    return new LinkCondition(value, delay);
  }

  /** The same with another delay. */
  public LinkCondition withDelay(Duration value) {
    return new LinkCondition(up, value);
  }
}
