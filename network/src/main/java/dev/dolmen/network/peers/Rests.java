package dev.dolmen.network.peers;

import dev.dolmen.network.identity.PeerId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who was of no use and so has to wait a while before it is spoken to again: slow or empty, which
 * proves no malice. Pure: times are nanoseconds of one monotonic clock.
 */
public final class Rests {

  /** Peers remembered; with more, the one that has rested longest is let off. */
  static final int MAX_RESTING = 1_024;

  private final long nanos;
  private final Map<PeerId, Long> until = new LinkedHashMap<>();

  /**
   * @param rest how long
   */
  public Rests(Duration rest) {
    this.nanos = rest.toNanos();
  }

  /** From now on this peer rests. */
  public void begin(PeerId peer, long now) {
    until.remove(peer);
    if (until.size() >= MAX_RESTING) {
      until.remove(until.keySet().iterator().next());
    }
    until.put(peer, now + nanos);
  }

  /** Whether it has not rested for long enough. */
  public boolean isResting(PeerId peer, long now) {
    Long end = until.get(peer);
    if (end != null && now - end >= 0) {
      until.remove(peer);
      return false;
    }
    return end != null;
  }
}
