package dev.dolmen.network.netty;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import com.google.protobuf.CodedOutputStream;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;

/**
 * An envelope as it goes over the wire, encoded once and written to any number of peers: four bytes
 * of length, then the envelope.
 */
public final class Frame {

  private final byte[] bytes;
  private final boolean announcement;
  private final boolean answer;

  private Frame(byte[] bytes, boolean announcement, boolean answer) {
    this.bytes = bytes;
    this.announcement = announcement;
    this.answer = answer;
  }

  /**
   * Encodes an envelope.
   *
   * @throws IllegalArgumentException if it is larger than any peer would accept, which is the
   *     sender's bug
   */
  public static Frame of(Envelope envelope, int maxFrameBytes) {
    int size = envelope.getSerializedSize();
    checkArgument(
        size > 0 && size <= maxFrameBytes,
        "an envelope of %s bytes does not fit in a frame of 1 to %s",
        size,
        maxFrameBytes);
    byte[] bytes = new byte[Limits.FRAME_LENGTH_BYTES + size];
    System.arraycopy(Ints.toByteArray(size), 0, bytes, 0, Limits.FRAME_LENGTH_BYTES);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, Limits.FRAME_LENGTH_BYTES, size);
    try {
      envelope.writeTo(out);
    } catch (IOException e) {
      throw new IllegalStateException("an array of the announced size was too small", e);
    }
    return new Frame(
        bytes, isAnnouncement(envelope), envelope.getBodyCase() == Envelope.BodyCase.RESPONSE);
  }

  /** Bytes on the wire, the length included. */
  public int size() {
    return bytes.length;
  }

  /** Whether this may be dropped when its reader is slow, because the next one will do as well. */
  public boolean isAnnouncement() {
    return announcement;
  }

  /** Whether whoever sent this waits for it to leave before the next part is made. */
  public boolean isAnswer() {
    return answer;
  }

  /** A view of a part of the bytes, which nobody may change. */
  ByteBuf slice(int from, int length) {
    return Unpooled.wrappedBuffer(bytes, from, length).asReadOnly();
  }

  private static boolean isAnnouncement(Envelope envelope) {
    return switch (envelope.getBodyCase()) {
      case NEW_BLOCK, PING, PONG -> true;
      case HELLO,
          LATEST_BLOCK,
          ALL_BLOCKS,
          GET_HEADERS,
          GET_BLOCKS,
          GET_TRANSACTIONS,
          GET_PEERS,
          RESPONSE,
          NEW_TRANSACTIONS, // said once: nothing that follows names these ids again
          BODY_NOT_SET ->
          false;
    };
  }
}
