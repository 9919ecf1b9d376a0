package dev.dolmen.core.mempool;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.Violation;
import java.util.List;

/** Every answer {@link Mempool#add} can give. */
public sealed interface AddTransactionResult {

  /**
   * Waits for a block now.
   *
   * @param evicted those that had to make room, and wait no longer
   */
  record Added(List<Transaction> evicted) implements AddTransactionResult {
    public Added {
      evicted = List.copyOf(evicted);
    }
  }

  /** Waits already. */
  record AlreadyPending() implements AddTransactionResult {}

  /** May no longer be included in any block after the tip. */
  record Expired() implements AddTransactionResult {}

  /** Expires too far from now to be kept; it may be sent again once the chain has this height. */
  record TooEarly(long fromTipHeight) implements AddTransactionResult {}

  /**
   * No room: the pool, or the share of whoever sent it, holds its bound in bytes, and of all that
   * waits this would be the first to give way.
   */
  record Full() implements AddTransactionResult {}

  /** Breaks a rule, at any height. */
  record Rejected(Violation violation) implements AddTransactionResult {}
}
