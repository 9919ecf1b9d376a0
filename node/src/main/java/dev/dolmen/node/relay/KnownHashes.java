package dev.dolmen.node.relay;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Remembers the last so many things of a kind; older ones are forgotten, which costs one message.
 */
final class KnownHashes<T> {

  private final int most;
  private final Set<T> known = new LinkedHashSet<>();

  KnownHashes(int most) {
    this.most = most;
  }

  /** Notes a thing; says whether it was new. */
  boolean add(T hash) {
    if (!known.add(hash)) {
      return false;
    }
    if (known.size() > most) {
      known.remove(known.iterator().next());
    }
    return true;
  }

  boolean contains(T hash) {
    return known.contains(hash);
  }
}
