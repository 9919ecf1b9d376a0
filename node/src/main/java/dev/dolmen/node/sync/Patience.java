package dev.dolmen.node.sync;

import java.time.Duration;

/** How long a peer may take before another one is asked as well: more for one that is slow. */
final class Patience {

  /** At first: many times a round trip around the world. */
  static final Duration FIRST = Duration.ofSeconds(2);

  /** At most: a slow line that is all we have must be able to bring one request's worth. */
  static final Duration LONGEST = Duration.ofSeconds(64);

  private Patience() {}

  /** After it took longer. */
  static Duration longer(Duration patience) {
    Duration doubled = patience.multipliedBy(2);
    return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }

  /** After a good answer in time. */
  static Duration shorter(Duration patience) {
    Duration halved = patience.dividedBy(2);
    return halved.compareTo(FIRST) > 0 ? halved : FIRST;
  }
}
