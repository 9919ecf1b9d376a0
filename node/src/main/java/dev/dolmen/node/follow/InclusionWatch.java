package dev.dolmen.node.follow;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the promises that {@code awaitInclusion} gave, on a thread that starts with the first one.
 * Promises belong to that thread; others hand over what is new and what is no longer wanted.
 */
final class InclusionWatch {

  /** Promises of one node that are not kept yet; each holds some hundred bytes. */
  static final int MAX_AWAITED = 10_000;

  private static final Logger log = LoggerFactory.getLogger(InclusionWatch.class);

  private final SyncedChain chain;
  private final Function<Set<TransactionId>, Map<TransactionId, Long>> expiries;
  private final Attendant attendant;
  private final Semaphore room = new Semaphore(MAX_AWAITED);
  private final Queue<Runnable> handedOver = new ConcurrentLinkedQueue<>();
  private final InclusionPromises<CompletableFuture<Inclusion>> promises =
      new InclusionPromises<>();
  private @Nullable ChainedHeader settledAt;
  private volatile @Nullable Throwable over;
  private volatile @Nullable Throwable reason;

  /**
   * A watch for one node.
   *
   * @param expiries the expiry heights of those entries that wait for a block or have expired, as
   *     far as the node knows; it may wait for the node's answer
   */
  InclusionWatch(
      String threadName,
      SyncedChain chain,
      Function<Set<TransactionId>, Map<TransactionId, Long>> expiries) {
    this.chain = chain;
    this.expiries = expiries;
    this.attendant = new Attendant(threadName, this::settle, this::onEnd);
  }

  CompletableFuture<Inclusion> await(TransactionId id, Confirmations depth) {
    CompletableFuture<Inclusion> promise = new CompletableFuture<>();
    if (!room.tryAcquire()) {
      promise.completeExceptionally(
          new IllegalStateException(
              MAX_AWAITED + " inclusions are awaited already; wait for one, or cancel one"));
      return promise;
    }
    handedOver.add(() -> promises.add(promise, id, depth));
    promise.whenComplete(
        (inclusion, failure) -> {
          handedOver.add(
              () -> {
                promises.remove(promise);
                room.release(); // Only now, so that what is handed over is bounded too.
              });
          attendant.wake();
        });
    attendant.start();
    attendant.wake();
    Throwable ended = over;
    if (ended != null) {
      promise.completeExceptionally(ended);
    }
    return promise;
  }

  void wake() {
    attendant.wake();
  }

  /** What one look shows of the entries that were looked for. */
  private record Found(
      ChainedHeader tip,
      Set<TransactionId> lookedFor,
      Map<TransactionId, TransactionPlace> places) {

    Set<TransactionId> missing() {
      Set<TransactionId> missing = new LinkedHashSet<>(lookedFor);
      missing.removeAll(places.keySet());
      return missing;
    }
  }

  private boolean settle() {
    for (Runnable one = handedOver.poll(); one != null; one = handedOver.poll()) {
      one.run();
    }
    if (promises.isEmpty()) {
      return false;
    }
    Optional<Found> seen = chain.read(this::look);
    if (seen.isEmpty()) {
      return false; // The tip is moving, and tells when it has moved.
    }
    Found found = seen.get();
    Set<TransactionId> missing = found.missing();
    Map<TransactionId, Long> known = missing.isEmpty() ? Map.of() : expiries.apply(missing);
    List<InclusionPromises.Due<CompletableFuture<Inclusion>>> due =
        promises.found(found.tip().height(), found.places(), known);
    settledAt = found.tip();
    for (InclusionPromises.Due<CompletableFuture<Inclusion>> one : due) {
      if (one.inclusion().isPresent()) {
        one.promise().complete(one.inclusion().get());
      } else {
        one.promise()
            .completeExceptionally(
                new EntryExpiredException(
                    one.id(), verifyNotNull(known.get(one.id())), found.tip().height()));
      }
    }
    return false;
  }

  private Found look(ChainLook look) {
    Map<TransactionId, TransactionPlace> places = new LinkedHashMap<>();
    Set<TransactionId> ids = promises.toLookFor(look.tipHeight(), moveTo(look));
    for (TransactionId id : ids) {
      look.locate(id).ifPresent(place -> places.put(id, place));
    }
    return new Found(look.tip(), ids, places);
  }

  private InclusionPromises.Move moveTo(ChainLook look) {
    ChainedHeader before = settledAt;
    if (before == null) {
      return InclusionPromises.Move.FORWARD;
    }
    if (before.equals(look.tip())) {
      return InclusionPromises.Move.NONE;
    }
    return look.isOnBestChain(before.height(), before.hash())
        ? InclusionPromises.Move.FORWARD
        : InclusionPromises.Move.REORGANISED;
  }

  private void onEnd(Optional<Throwable> failure) {
    Throwable why = reason;
    if (why == null) {
      why = failure.orElseGet(() -> new IllegalStateException("the node is stopping"));
      log.error("the inclusions awaited cannot be watched any more; the node goes on", why);
    }
    over = why;
    for (Runnable one = handedOver.poll(); one != null; one = handedOver.poll()) {
      one.run();
    }
    for (CompletableFuture<Inclusion> promise : promises.all()) {
      promise.completeExceptionally(why);
    }
  }

  /** Breaks the promises that are left, for this reason. */
  void stop(Throwable why) {
    if (reason == null) {
      reason = why;
    }
    attendant.stop();
  }

  void awaitEnd() {
    attendant.awaitEnd();
  }
}
