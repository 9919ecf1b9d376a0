package dev.dolmen.node.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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
   * Members of an object, by name.
   *
   * @param values truth values and whole numbers
   */
  record Fields(Map<String, Object> values) {

    Optional<Boolean> truth(String name) {
      return values.get(name) instanceof Boolean truth ? Optional.of(truth) : Optional.empty();
    }

    OptionalLong number(String name) {
      return values.get(name) instanceof Long number
          ? OptionalLong.of(number)
          : OptionalLong.empty();
    }
  }

  /**
   * Reads an object with any of these members and no others.
   *
   * @param truths those that are true or false
   * @param numbers those that are whole numbers
   * @throws ProblemException if it is anything else; the detail shows what is wanted
   */
  static Fields fields(Buffer body, Set<String> truths, Set<String> numbers, String example)
      throws ProblemException {
    String wanted = "send " + example + " as the body";
    Map<String, Object> values = new HashMap<>();
    readObject(
        body,
        Sets.union(truths, numbers),
        wanted,
        (name, value, parser) -> {
          if (truths.contains(name)) {
            require(value.isBoolean(), name, "true or false", wanted);
            values.put(name, parser.getBooleanValue());
          } else {
            require(value == JsonToken.VALUE_NUMBER_INT, name, "a whole number", wanted);
            values.put(name, parser.getLongValue());
          }
        });
    return new Fields(values);
  }

  /**
   * Reads an object whose only member is a text of this name.
   *
   * @throws ProblemException if it is anything else; the detail shows what is wanted
   */
  static String onlyText(Buffer body, String name, String example) throws ProblemException {
    String wanted = "send {\"" + name + "\": \"" + example + "\"} as the body";
    return texts(body, ImmutableSet.of(name), ImmutableSet.of(), wanted).getOrDefault(name, "");
  }

  /**
   * Reads an object whose members are texts or whole numbers.
   *
   * @param required the names of members that must be there, as texts
   * @param optional those that may be there
   * @param wanted what to send, for whoever sent something else
   * @return the members that were there, numbers in decimal
   * @throws ProblemException if it is anything else
   */
  static ImmutableMap<String, String> texts(
      Buffer body, ImmutableSet<String> required, ImmutableSet<String> optional, String wanted)
      throws ProblemException {
    Map<String, String> values = new LinkedHashMap<>();
    readObject(
        body,
        Sets.union(required, optional),
        wanted,
        (name, value, parser) -> {
          boolean number = optional.contains(name) && value == JsonToken.VALUE_NUMBER_INT;
          require(number || value == JsonToken.VALUE_STRING, name, "a text", wanted);
          values.put(name, parser.getText());
        });
    for (String name : required) {
      if (!values.containsKey(name)) {
        throw Problem.badRequest("'" + name + "' is missing; " + wanted).asException();
      }
    }
    return ImmutableMap.copyOf(values);
  }

  /** Takes one member of an object; the parser stands on its value. */
  private interface MemberReader {
    void read(String name, JsonToken value, JsonParser parser) throws IOException, ProblemException;
  }

  private static void readObject(Buffer body, Set<String> known, String wanted, MemberReader member)
      throws ProblemException {
    if (body.length() > HttpLimits.MAX_JSON_BYTES) {
      throw Problem.badRequest(
              "a JSON body may have " + HttpLimits.MAX_JSON_BYTES + " bytes at most; " + wanted)
          .asException();
    }
    try (JsonParser parser = FACTORY.createParser(body.getBytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badRequest("the body is no JSON object; " + wanted).asException();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (!known.contains(name)) {
          throw Problem.badRequest("the body has a member nobody asked for; " + wanted)
              .asException();
        }
        member.read(name, parser.nextToken(), parser);
      }
      if (parser.nextToken() != null) {
        throw Problem.badRequest("something follows the JSON object; " + wanted).asException();
      }
    } catch (IOException e) {
      throw Problem.badRequest("the body is no JSON this API takes; " + wanted).asException();
    }
  }

  private static void require(boolean fits, String name, String kind, String wanted)
      throws ProblemException {
    if (!fits) {
      throw Problem.badRequest("'" + name + "' must be " + kind + "; " + wanted).asException();
    }
  }
}
