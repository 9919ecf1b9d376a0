package dev.dolmen.node.api;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Lets only so many requests keep the node and the workers busy; others wait a little, in order,
 * then are told to come again. Belongs to the event loop.
 */
final class Gate {

  private final Vertx vertx;
  private final int places;
  private final Duration patience;
  private final ArrayDeque<Promise<Void>> waiting = new ArrayDeque<>();
  private int busy;

  Gate(Vertx vertx, int places, Duration patience) {
    this.vertx = vertx;
    this.places = places;
    this.patience = patience;
  }

  /**
   * Done when there is a place, which must be given back; fails with a 503 if that takes too long.
   */
  Future<Void> enter() {
    if (busy < places) {
      busy++;
      return Future.succeededFuture();
    }
    Promise<Void> place = Promise.promise();
    waiting.add(place);
    long timer =
        vertx.setTimer(
            patience.toMillis(),
            late -> {
              if (waiting.remove(place)) {
                place.fail(
                    Problem.unavailable(
                            places + " requests are being worked on; ask again in a second")
                        .asException());
              }
            });
    return place.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** How many have a place. */
  int atWork() {
    return busy;
  }

  /** How many wait for one. */
  int waiting() {
    return waiting.size();
  }

  /** Gives a place back, to whoever waits longest. */
  void leave() {
    Promise<Void> next = waiting.poll();
    if (next == null) {
      busy--;
    } else {
      next.complete();
    }
  }
}
