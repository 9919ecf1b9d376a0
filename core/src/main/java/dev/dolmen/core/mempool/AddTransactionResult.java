package dev.dolmen.core.mempool;

import dev.dolmen.core.consensus.Violation;

/** Every answer {@link Mempool#add} can give. */
public sealed interface AddTransactionResult {

  /** Waits for a block now. */
  record Added() implements AddTransactionResult {}

  /** Waits already. */
  record AlreadyPending() implements AddTransactionResult {}

  /** May no longer be included in any block after the tip. */
  record Expired() implements AddTransactionResult {}

  /** Expires too far from now to be kept; it may be sent again once the chain has this height. */
  record TooEarly(long fromTipHeight) implements AddTransactionResult {}

  /** No room; the pool holds its bound in bytes. */
  record Full() implements AddTransactionResult {}

  /** Breaks a rule, at any height. */
  record Rejected(Violation violation) implements AddTransactionResult {}
}
