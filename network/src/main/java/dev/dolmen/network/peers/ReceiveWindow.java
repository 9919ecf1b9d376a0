package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

/**
 * Counts what was delivered from one peer and is not yet dealt with, in bytes and in messages.
 * Reading stops above so many bytes, and at so many messages; it goes on below half of both, so
 * that it does not flap. Pure; the owner performs the pausing.
 */
public final class ReceiveWindow {

  private final long maxBytes;
  private final int maxMessages;
  private long bytes;
  private int messages;
  private boolean closed;

  /**
   * @param maxBytes above which reading stops; at least 1
   * @param maxMessages at which reading stops; at least 1
   */
  public ReceiveWindow(long maxBytes, int maxMessages) {
    checkArgument(
        maxBytes >= 1 && maxMessages >= 1,
        "a receive window of %s bytes and %s messages can hold nothing",
        maxBytes,
        maxMessages);
    this.maxBytes = maxBytes;
    this.maxMessages = maxMessages;
  }

  /** Counts a message handed to the layer above. */
  public void delivered(int size) {
    bytes += size;
    messages++;
    if (bytes > maxBytes || messages >= maxMessages) {
      closed = true;
    }
  }

  /** Counts a message that the layer above has dealt with. */
  public void consumed(int size) {
    checkState(
        size <= bytes && messages > 0,
        "a message of %s bytes given back, %s of %s bytes outstanding",
        size,
        messages,
        bytes);
    bytes -= size;
    messages--;
    if (bytes < (maxBytes + 1) / 2 && messages < (maxMessages + 1) / 2) {
      closed = false;
    }
  }

  /** Whether another frame may be delivered now. */
  public boolean isOpen() {
    return !closed;
  }

  /** Bytes delivered and not given back. */
  public long unconsumed() {
    return bytes;
  }
}
