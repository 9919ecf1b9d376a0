package dev.dolmen.node.action;

import java.util.Locale;

/** Where a transaction stands. */
public enum TransactionState {
  /** Waits for a block. */
  PENDING,
  /** In a block of the best chain. */
  INCLUDED,
  /** Can no longer be included. */
  EXPIRED;

  /** As the API says it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
