package dev.dolmen.node;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.TransactionPlace;

/** The id of what was submitted, or an exception that says why it was not taken. */
final class SubmittedId implements SubmitResult.Reader<TransactionId> {
  @Override
  public TransactionId accepted(Transaction transaction) {
    return transaction.id();
  }

  @Override
  public TransactionId alreadyIncluded(TransactionPlace place) {
    return place.id();
  }

  @Override
  public TransactionId refused(String why) {
    throw new IllegalArgumentException(why);
  }

  @Override
  public TransactionId noRoom(String why) {
    throw new IllegalStateException(why);
  }
}
