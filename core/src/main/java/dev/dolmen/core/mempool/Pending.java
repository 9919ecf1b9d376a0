package dev.dolmen.core.mempool;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.signature.PublicKey;

/** One transaction that waits. */
final class Pending {
  private final Transaction transaction;
  private final long place;
  private Origin origin;

  /**
   * A transaction in its place.
   *
   * @param place in the order of arrival: the smaller, the older; no two have the same
   * @param origin in whose share it counts
   */
  Pending(Transaction transaction, long place, Origin origin) {
    this.transaction = transaction;
    this.place = place;
    this.origin = origin;
  }

  Transaction transaction() {
    return transaction;
  }

  TransactionId id() {
    return transaction.id();
  }

  PublicKey author() {
    return transaction.author();
  }

  int size() {
    return transaction.size();
  }

  long place() {
    return place;
  }

  Origin origin() {
    return origin;
  }

  /** Only while no share counts it. */
  void countFor(Origin newOrigin) {
    origin = newOrigin;
  }
}
