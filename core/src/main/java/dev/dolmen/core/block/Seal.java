package dev.dolmen.core.block;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.encoding.Bytes;

/**
 * A proof that travels beside a header and is not hashed with it, such as the signatures of a
 * quorum. Networks that seal by proof of work have none; it exists so that storage and messages
 * pass it through when others do.
 */
public record Seal(Bytes bytes) {
  /** Room for a thousand signatures, and little enough to keep one beside every header. */
  public static final int MAX_BYTES = 64 * 1024;

  public static final Seal NONE = new Seal(Bytes.EMPTY);

  /**
   * A seal of these bytes; no bytes mean no seal.
   *
   * @throws IllegalArgumentException if there are more than {@value #MAX_BYTES} bytes
   */
  public Seal {
    checkArgument(
        bytes.size() <= MAX_BYTES,
        "a seal of %s bytes exceeds MAX_BYTES (%s)",
        bytes.size(),
        MAX_BYTES);
  }

  public boolean isNone() {
    return bytes.size() == 0;
  }
}
