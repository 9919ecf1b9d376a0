package dev.dolmen.node.follow;

import dev.dolmen.core.block.TransactionId;

/** An entry that somebody awaits can no longer get into the chain; submit it again. */
public final class EntryExpiredException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient TransactionId id;
  private final long expiryHeight;

  EntryExpiredException(TransactionId id, long expiryHeight, long tipHeight) {
    super(
        "entry "
            + id
            + " could be included up to height "
            + expiryHeight
            + ", and the tip is at "
            + tipHeight
            + "; submit it again, with a later expiry");
    this.id = id;
    this.expiryHeight = expiryHeight;
  }

  /** The entry. */
  public TransactionId id() {
    return id;
  }

  /** The last height it could be included at. */
  public long expiryHeight() {
    return expiryHeight;
  }
}
