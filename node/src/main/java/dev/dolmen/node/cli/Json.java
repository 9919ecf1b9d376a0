package dev.dolmen.node.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that a node answered. Asking it for a field that is not there, or is of another
 * kind, throws {@link UnexpectedJsonException}: then it was no node that answered, or one of
 * another version.
 */
record Json(@Nullable Object value) {

  private static final JsonFactory FACTORY = new JsonFactory();

  /** An answer that is not what the API's description says. */
  static final class UnexpectedJsonException extends IOException {
    private static final long serialVersionUID = 1;

    UnexpectedJsonException(String what) {
      super(what);
    }
  }

  /** Reads exactly one value. */
  static Json parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      Json json = new Json(read(parser));
      if (parser.nextToken() != null) {
        throw new UnexpectedJsonException("more than one JSON value");
      }
      return json;
    }
  }

  /** A text as it stands in a JSON document, in quotes. */
  static String quote(String text) {
    StringWriter quoted = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(quoted)) {
      json.writeString(text);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written to", e);
    }
    return quoted.toString();
  }

  private static @Nullable Object read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new UnexpectedJsonException("no JSON");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, read(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(read(parser));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getBigIntegerValue();
      case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new UnexpectedJsonException("JSON that ends too early");
    };
  }

  /** Writes texts, numbers, truth values, and lists and maps of them. */
  static String write(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory cannot fail", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator generator, Object value) throws IOException {
    if (value instanceof Map<?, ?> object) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> field : object.entrySet()) {
        generator.writeFieldName(String.valueOf(field.getKey()));
        write(generator, field.getValue());
      }
      generator.writeEndObject();
    } else if (value instanceof List<?> array) {
      generator.writeStartArray();
      for (Object element : array) {
        write(generator, element);
      }
      generator.writeEndArray();
    } else if (value instanceof Long number) {
      generator.writeNumber(number);
    } else if (value instanceof Integer number) {
      generator.writeNumber(number);
    } else if (value instanceof Boolean truth) {
      generator.writeBoolean(truth);
    } else {
      generator.writeString(String.valueOf(value));
    }
  }

  /** A field of an object; empty if it is absent or null. */
  Optional<Json> find(String name) {
    return value instanceof Map<?, ?> object
        ? Optional.ofNullable(object.get(name)).map(Json::new)
        : Optional.empty();
  }

  Json field(String name) throws UnexpectedJsonException {
    return find(name).orElseThrow(() -> new UnexpectedJsonException("no field '" + name + "'"));
  }

  /** A text. */
  String text(String name) throws UnexpectedJsonException {
    if (field(name).value instanceof String text) {
      return text;
    }
    throw new UnexpectedJsonException("'" + name + "' is not a text");
  }

  /** An integer below 2^63. */
  long number(String name) throws UnexpectedJsonException {
    if (field(name).value instanceof BigInteger number && number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    throw new UnexpectedJsonException("'" + name + "' is not an integer");
  }

  boolean isTrue(String name) {
    return find(name).map(json -> Boolean.TRUE.equals(json.value)).orElse(false);
  }

  /** The elements of an array. */
  List<Json> elements() throws UnexpectedJsonException {
    if (value instanceof List<?> array) {
      List<Json> elements = new ArrayList<>(array.size());
      array.forEach(element -> elements.add(new Json(element)));
      return elements;
    }
    throw new UnexpectedJsonException("no array");
  }
}
