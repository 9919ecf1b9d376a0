package dev.dolmen.node.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.collect.ImmutableMap;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Optional;

/**
 * Why a request was not answered as asked, and what to do: an RFC 9457 problem document.
 *
 * @param status the HTTP status, 400 to 599
 * @param detail one sentence for people, which says what to do
 * @param headers to send besides
 * @param members further members of the document
 */
record Problem(
    int status,
    String detail,
    ImmutableMap<String, String> headers,
    Optional<Json.Content> members) {

  static final String CONTENT_TYPE = "application/problem+json";

  static Problem of(int status, String detail) {
    return new Problem(status, detail, ImmutableMap.of(), Optional.empty());
  }

  /** The document says more than the usual four things. */
  Problem with(Json.Content furtherMembers) {
    return new Problem(status, detail, headers, Optional.of(furtherMembers));
  }

  Problem withHeader(String name, String value) {
    return new Problem(
        status,
        detail,
        ImmutableMap.<String, String>builder().putAll(headers).put(name, value).build(),
        members);
  }

  static Problem badRequest(String detail) {
    return of(400, detail);
  }

  static Problem notFound(String detail) {
    return of(404, detail);
  }

  static Problem tooLarge(String detail) {
    return of(413, detail);
  }

  /** Nothing is wrong with the request; the same may work in a second. */
  static Problem unavailable(String detail) {
    return of(503, detail).withHeader("Retry-After", "1");
  }

  Reply toReply() {
    return Reply.of(
        status,
        CONTENT_TYPE,
        Json.encode(
            json -> {
              json.writeStartObject();
              json.writeStringField("type", "about:blank");
              json.writeStringField("title", HttpResponseStatus.valueOf(status).reasonPhrase());
              json.writeNumberField("status", status);
              json.writeStringField("detail", detail);
              writeMembers(json);
              json.writeEndObject();
            }),
        headers);
  }

  private void writeMembers(JsonGenerator json) throws IOException {
    if (members.isPresent()) {
      members.get().writeTo(json);
    }
  }

  ProblemException asException() {
    return new ProblemException(this);
  }
}
