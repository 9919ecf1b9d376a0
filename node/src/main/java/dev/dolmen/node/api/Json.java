package dev.dolmen.node.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
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
    try (JsonParser parser = FACTORY.createParser(body.getBytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badRequest("the body is no JSON object; " + wanted).asException();
      }
      Map<String, Object> values = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (truths.contains(name)) {
          if (!value.isBoolean()) {
            throw Problem.badRequest("'" + name + "' must be true or false; " + wanted)
                .asException();
          }
          values.put(name, parser.getBooleanValue());
        } else if (numbers.contains(name)) {
          if (value != JsonToken.VALUE_NUMBER_INT) {
            throw Problem.badRequest("'" + name + "' must be a whole number; " + wanted)
                .asException();
          }
          values.put(name, parser.getLongValue());
        } else {
          throw Problem.badRequest("the body has a member nobody asked for; " + wanted)
              .asException();
        }
      }
      if (parser.nextToken() != null) {
        throw Problem.badRequest("something follows the JSON object; " + wanted).asException();
      }
      return new Fields(values);
    } catch (IOException e) {
      throw Problem.badRequest("the body is no JSON this API takes; " + wanted).asException();
    }
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
    if (body.length() > HttpLimits.MAX_JSON_BYTES) {
      throw Problem.badRequest(
              "a JSON body may have " + HttpLimits.MAX_JSON_BYTES + " bytes at most; " + wanted)
          .asException();
    }
    try (JsonParser parser = FACTORY.createParser(body.getBytes())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badRequest("the body is no JSON object; " + wanted).asException();
      }
      Map<String, String> values = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (!required.contains(name) && !optional.contains(name)) {
          throw Problem.badRequest("the body has a member nobody asked for; " + wanted)
              .asException();
        }
        JsonToken value = parser.nextToken();
        boolean number = optional.contains(name) && value == JsonToken.VALUE_NUMBER_INT;
        if (value != JsonToken.VALUE_STRING && !number) {
          throw Problem.badRequest("'" + name + "' must be a text; " + wanted).asException();
        }
        values.put(name, parser.getText());
      }
      if (parser.nextToken() != null) {
        throw Problem.badRequest("something follows the JSON object; " + wanted).asException();
      }
      for (String name : required) {
        if (!values.containsKey(name)) {
          throw Problem.badRequest("'" + name + "' is missing; " + wanted).asException();
        }
      }
      return ImmutableMap.copyOf(values);
    } catch (IOException e) {
      throw Problem.badRequest("the body is no JSON this API takes; " + wanted).asException();
    }
  }
}
