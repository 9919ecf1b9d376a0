package dev.dolmen.node.api;

import com.google.common.collect.ImmutableMap;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;

/**
 * What goes back to a client.
 *
 * @param first the body, or its first piece
 * @param more the further pieces; empty if {@code first} is all
 * @param headers besides the content type and those that every answer has
 */
record Reply(
    int status,
    String contentType,
    Buffer first,
    Optional<Pieces> more,
    ImmutableMap<String, String> headers) {

  static final String JSON = "application/json";

  /** A body too large to be held at once. */
  interface Pieces {
    /** The next piece, on a worker; empty when there are no more. */
    Optional<Buffer> next();
  }

  static Reply of(int status, String contentType, Buffer body, Map<String, String> headers) {
    return new Reply(status, contentType, body, Optional.empty(), ImmutableMap.copyOf(headers));
  }

  static Reply of(int status, String contentType, Buffer body) {
    return of(status, contentType, body, ImmutableMap.of());
  }

  static Reply json(int status, Json.Content content) {
    return of(status, JSON, Json.encode(content));
  }

  /** A body of which only the first piece is there yet. */
  static Reply inPieces(String contentType, Buffer first, Pieces more) {
    return new Reply(200, contentType, first, Optional.of(more), ImmutableMap.of());
  }

  static Reply noContent() {
    return of(204, "", Buffer.buffer());
  }
}
