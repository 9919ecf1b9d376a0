package dev.dolmen.node.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Brings what workers and the node thread find back to the event loop. */
final class NodeWorkers {

  private final Context loop;

  NodeWorkers(Context loop) {
    this.loop = loop;
  }

  /** Runs on a worker, beside others; the result arrives on the loop. */
  <T> Future<T> work(Callable<T> task) {
    return loop.executeBlocking(task, false);
  }

  /** What the node answers, on the loop. */
  <T> Future<T> answered(CompletableFuture<T> answer) {
    return Future.fromCompletionStage(answer, loop);
  }
}
