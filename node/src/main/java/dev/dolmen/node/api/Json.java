package dev.dolmen.node.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** JSON to bytes and back, field by field, without a tree in between. */
final class Json {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(HttpLimits.MAX_JSON_DEPTH)
                  .maxNumberLength(HttpLimits.MAX_NUMBER_DIGITS)
                  .maxStringLength(HttpLimits.MAX_JSON_STRING_CHARS)
                  .maxNameLength(HttpLimits.MAX_JSON_STRING_CHARS)
                  .maxDocumentLength(HttpLimits.MAX_JSON_BYTES)
                  .build())
          .build();

  /** Writes a value, or the fields of an object that is open already. */
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private Json() {}

  static byte[] bytes(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written to", e);
    }
    return bytes.toByteArray();
  }

  static Buffer encode(Content content) {
    return Buffer.buffer(bytes(content));
  }

  /**
   * Reads an object whose only member is a text of this name.
   *
   * @throws ProblemException if it is anything else; the detail shows what is wanted
   */
  static String onlyText(Buffer body, String name, String example) throws ProblemException {
    String wanted = "send {\"" + name + "\": \"" + example + "\"} as the body";
    if (body.length() > HttpLimits.MAX_JSON_BYTES) {
      throw Problem.badRequest(
              "a JSON body may have " + HttpLimits.MAX_JSON_BYTES + " bytes at most; " + wanted)
          .asException();
    }
    try (JsonParser parser = FACTORY.createParser(body.getBytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badRequest("the body is no JSON object; " + wanted).asException();
      }
      Optional<String> value = Optional.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        if (!parser.currentName().equals(name)) {
          throw Problem.badRequest("the body has a member nobody asked for; " + wanted)
              .asException();
        }
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw Problem.badRequest("'" + name + "' must be a text; " + wanted).asException();
        }
        value = Optional.of(parser.getText());
      }
      if (parser.nextToken() != null) {
        throw Problem.badRequest("something follows the JSON object; " + wanted).asException();
      }
      return value.orElseThrow(
          () -> Problem.badRequest("'" + name + "' is missing; " + wanted).asException());
    } catch (IOException e) {
      throw Problem.badRequest("the body is no JSON this API takes; " + wanted).asException();
    }
  }
}
