package dev.dolmen.node.api;

import io.vertx.core.Future;

/** Answers one method of one path. Runs on the event loop, so it must not wait for anything. */
interface Endpoint {

  /**
   * The answer, now or later.
   *
   * @throws ProblemException if the request is not one that can be answered
   */
  Future<Reply> answer(Request request) throws ProblemException;

  /** Whether it keeps the node or a worker busy, so that only so many may be under way. */
  default boolean isWork() {
    return true;
  }

  /** An endpoint that answers at once, without the node, a worker or the disk. */
  interface AtOnce extends Endpoint {
    /** The answer. */
    Reply answerNow(Request request) throws ProblemException;

    @Override
    default Future<Reply> answer(Request request) throws ProblemException {
      return Future.succeededFuture(answerNow(request));
    }

    @Override
    default boolean isWork() {
      return false;
    }
  }
}
