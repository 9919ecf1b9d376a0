package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.Optional;

/**
 * A JSON array, made piece by piece as the client reads it: a thousand full blocks are more than
 * should be in memory for one client.
 */
final class ListPieces implements Reply.Pieces {

  private final String before;
  private final Iterator<Json.Content> elements;
  private final String after;
  private boolean begun;
  private boolean ended;

  /**
   * An array inside a document.
   *
   * @param before everything up to the array's first element
   * @param after everything from behind its last
   */
  ListPieces(String before, Iterator<Json.Content> elements, String after) {
    this.before = before;
    this.elements = elements;
    this.after = after;
  }

  static ListPieces array(Iterator<Json.Content> elements) {
    return new ListPieces("[", elements, "]");
  }

  @Override
  public Optional<Buffer> next() {
    if (ended) {
      return Optional.empty();
    }
    Buffer piece = Buffer.buffer();
    if (!begun) {
      piece.appendBytes(before.getBytes(UTF_8));
    }
    while (elements.hasNext() && piece.length() < HttpLimits.PIECE_BYTES) {
      if (begun) {
        piece.appendString(",");
      }
      begun = true;
      piece.appendBytes(Json.bytes(elements.next()));
    }
    begun = true;
    if (!elements.hasNext()) {
      ended = true;
      piece.appendBytes(after.getBytes(UTF_8));
    }
    return Optional.of(piece);
  }

  /** Whether all of it has been given. */
  boolean isComplete() {
    return ended;
  }

  /** The answer: in one part if it is short. */
  Reply toReply() {
    Buffer first = next().orElseGet(Buffer::buffer);
    return isComplete()
        ? Reply.of(200, Reply.JSON, first)
        : Reply.inPieces(Reply.JSON, first, this);
  }
}
