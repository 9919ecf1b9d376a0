package dev.dolmen.node;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.store.TransactionPlace;

/** Every answer to a submitted transaction. */
public sealed interface SubmitResult {

  /** Pending, or already in a block that this node made of it; also if it was pending before. */
  record Accepted(Transaction transaction) implements SubmitResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.accepted(transaction);
    }
  }

  /** It was in the chain before. */
  record AlreadyIncluded(TransactionPlace place) implements SubmitResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.alreadyIncluded(place);
    }
  }

  /** No, and this sentence says why and what to do. */
  record Refused(String why) implements SubmitResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.refused(why);
    }
  }

  /** Nothing is wrong with it, but there is no room now. */
  record NoRoom(String why) implements SubmitResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.noRoom(why);
    }
  }

  /** Hands this answer to its reader, who must have one for every case. */
  <T> T deliverTo(Reader<T> reader);

  /** One method for each answer. */
  interface Reader<T> {
    /** See {@link Accepted}. */
    T accepted(Transaction transaction);

    /** See {@link AlreadyIncluded}. */
    T alreadyIncluded(TransactionPlace place);

    /** See {@link Refused}. */
    T refused(String why);

    /** See {@link NoRoom}. */
    T noRoom(String why);
  }
}
