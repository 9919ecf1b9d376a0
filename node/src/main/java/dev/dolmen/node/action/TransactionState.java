package dev.dolmen.node.action;

import java.util.Locale;

/** Where a transaction stands. */
public enum TransactionState {
  /** Waits for a block. */
  PENDING,
  /** In a block of the best chain. */
  INCLUDED,
  /** Can no longer be included. */
  EXPIRED,
  /** Waited, and had to make room in a full pool; it may be sent again. */
  EVICTED;

  /** As the API says it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
