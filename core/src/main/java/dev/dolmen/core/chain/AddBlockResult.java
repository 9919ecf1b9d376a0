package dev.dolmen.core.chain;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.Violation;
import java.time.Instant;

/**
 * Every answer {@link Chain#add} can give, with what the caller needs to act on it.
 *
 * <p>Three verdicts are kept apart, since different parties are at fault: a body that is not the
 * header's (the sender), a block that breaks a rule (its maker, for ever), and a block whose time
 * has not come (perhaps nobody). Rule: {@code docs/protocol.md#verdicts}.
 */
public sealed interface AddBlockResult {

  /** Stored; the update says what became of the best chain, which is nothing for a side branch. */
  record Added(ChainUpdate update) implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.added(update);
    }
  }

  /** We have it. */
  record AlreadyKnown() implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.alreadyKnown();
    }
  }

  /** Ask for this block, or for everything after a locator, first. */
  record UnknownParent(BlockHash parent) implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.unknownParent(parent);
    }
  }

  /**
   * From the future: it may be valid once our clock has reached this time. Nothing is remembered.
   */
  record NotYet(Instant validFrom) implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.notYet(validFrom);
    }
  }

  /**
   * Not stored, since its branch has too little work: far less than our best chain, or less than
   * the side branches that fill all the room there is. Nothing is wrong with it. It finds room once
   * the headers above it prove its branch heavier.
   */
  record TooFarBehind() implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.tooFarBehind();
    }
  }

  /**
   * The transactions are not those the header commits to. The header is still good: ask another
   * peer.
   */
  record BodyMismatch(Violation violation) implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.bodyMismatch(violation);
    }
  }

  /** Breaks a rule; so does whatever is built on it. */
  record Rejected(Violation violation) implements AddBlockResult {
    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.rejected(violation);
    }
  }

  /** Hands this answer to its reader, who must have one for every case. */
  <T> T deliverTo(Reader<T> reader);

  /** One method for each answer. */
  interface Reader<T> {
    /** See {@link Added}. */
    T added(ChainUpdate update);

    /** See {@link AlreadyKnown}. */
    T alreadyKnown();

    /** See {@link UnknownParent}. */
    T unknownParent(BlockHash parent);

    /** See {@link NotYet}. */
    T notYet(Instant validFrom);

    /** See {@link TooFarBehind}. */
    T tooFarBehind();

    /** See {@link BodyMismatch}. */
    T bodyMismatch(Violation violation);

    /** See {@link Rejected}. */
    T rejected(Violation violation);
  }
}
