package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

/**
 * Counts what was delivered from one peer and is not yet dealt with. Above the limit reading stops;
 * it goes on below half, so that it does not flap. Pure; the owner performs the pausing.
 */
public final class ReceiveWindow {

  private final long limit;
  private long unconsumed;
  private boolean closed;

  /**
   * @param limit bytes above which reading stops; at least 1
   */
  public ReceiveWindow(long limit) {
    checkArgument(limit >= 1, "a receive window of %s bytes can hold nothing", limit);
    this.limit = limit;
  }

  /** Counts bytes handed to the layer above. */
  public void delivered(int bytes) {
    unconsumed += bytes;
    if (unconsumed > limit) {
      closed = true;
    }
  }

  /** Counts bytes that the layer above has dealt with. */
  public void consumed(int bytes) {
    checkState(bytes <= unconsumed, "%s bytes given back, %s outstanding", bytes, unconsumed);
    unconsumed -= bytes;
    if (unconsumed < (limit + 1) / 2) {
      closed = false;
    }
  }

  /** Whether another frame may be delivered now. */
  public boolean isOpen() {
    return !closed;
  }

  /** Bytes delivered and not given back. */
  public long unconsumed() {
    return unconsumed;
  }
}
