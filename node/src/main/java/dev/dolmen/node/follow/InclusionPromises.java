package dev.dolmen.node.follow;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.TransactionPlace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which promises of an inclusion are due at which move of the tip. An entry that is in no block is
 * looked for at each move; one that is, only when its block is deep enough or a reorganisation may
 * have undone it. So most moves cost nothing for most promises.
 *
 * @param <P> what a promise is kept towards
 */
final class InclusionPromises<P> {

  private final Map<P, Awaited> awaited = new LinkedHashMap<>();

  /** To be looked for at the next opportunity. */
  private final Set<P> next = new LinkedHashSet<>();

  /** In no block when they were last looked for. */
  private final Set<P> outside = new LinkedHashSet<>();

  /** In a block that is not deep enough, by the tip's height at which it will be. */
  private final NavigableMap<Long, Set<P>> deepAt = new TreeMap<>();

  /** How the tip has moved since promises were last settled. */
  enum Move {
    NONE,
    FORWARD,
    REORGANISED
  }

  /**
   * A promise that can be kept, or never.
   *
   * @param promise to whom
   * @param id the entry
   * @param inclusion where it is; empty if it has expired
   */
  record Due<P>(P promise, TransactionId id, Optional<Inclusion> inclusion) {}

  private static final class Awaited {
    private final TransactionId id;
    private final Confirmations depth;
    private OptionalLong deepAt = OptionalLong.empty();

    private Awaited(TransactionId id, Confirmations depth) {
      this.id = id;
      this.depth = depth;
    }
  }

  void add(P promise, TransactionId id, Confirmations depth) {
    awaited.put(promise, new Awaited(id, depth));
    next.add(promise);
  }

  /** Nobody waits for it any more. */
  void remove(P promise) {
    Awaited gone = awaited.remove(promise);
    if (gone != null) {
      next.remove(promise);
      outside.remove(promise);
      gone.deepAt.ifPresent(
          height ->
              deepAt.computeIfPresent(
                  height,
                  (at, promises) -> {
                    promises.remove(promise);
                    return promises.isEmpty() ? null : promises;
                  }));
    }
  }

  boolean isEmpty() {
    return awaited.isEmpty();
  }

  /** Everyone who waits. */
  List<P> all() {
    return List.copyOf(awaited.keySet());
  }

  /** The entries to look for, now that the tip is at this height. */
  Set<TransactionId> toLookFor(long tipHeight, Move move) {
    if (move != Move.NONE) {
      next.addAll(outside);
      outside.clear();
      NavigableMap<Long, Set<P>> due =
          move == Move.REORGANISED ? deepAt : deepAt.headMap(tipHeight, true);
      due.values().forEach(next::addAll);
      due.clear();
    }
    Set<TransactionId> ids = new LinkedHashSet<>();
    for (P promise : next) {
      Awaited one = of(promise);
      one.deepAt = OptionalLong.empty();
      ids.add(one.id);
    }
    return ids;
  }

  /**
   * They have been looked for.
   *
   * @param places of those that are on the best chain up to this tip
   * @param expiries of those that are not, as far as known: the last height each may be included at
   * @return what is due; those promises are forgotten here
   */
  List<Due<P>> found(
      long tipHeight,
      Map<TransactionId, TransactionPlace> places,
      Map<TransactionId, Long> expiries) {
    List<Due<P>> due = new ArrayList<>();
    for (P promise : next) {
      Awaited one = of(promise);
      TransactionPlace place = places.get(one.id);
      Long expiry = expiries.get(one.id);
      if (place == null && (expiry == null || expiry > tipHeight)) {
        outside.add(promise);
      } else if (place == null) {
        due.add(new Due<>(promise, one.id, Optional.empty()));
      } else if (tipHeight - place.height() + 1 >= one.depth.blocks()) {
        due.add(new Due<>(promise, one.id, Optional.of(Inclusion.of(place, tipHeight))));
      } else {
        long at = heightAtDepth(place.height(), one.depth);
        one.deepAt = OptionalLong.of(at);
        deepAt.computeIfAbsent(at, height -> new LinkedHashSet<>()).add(promise);
      }
    }
    next.clear();
    due.forEach(one -> awaited.remove(one.promise()));
    return due;
  }

  /** A depth that no chain reaches is never reached, whatever the sum would be. */
  private static long heightAtDepth(long height, Confirmations depth) {
    long at = height + depth.blocks() - 1;
    return at < 0 ? Long.MAX_VALUE : at;
  }

  private Awaited of(P promise) {
    Awaited one = awaited.get(promise);
    if (one == null) {
      throw new IllegalStateException("a promise that nobody was given");
    }
    return one;
  }
}
