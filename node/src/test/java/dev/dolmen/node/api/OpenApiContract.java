package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Holds answers against {@code openapi.json}. Every answer that a test gets by {@link LocalApi}
 * comes through here, so a status, a member or a type that the document does not know fails the
 * test that met it.
 */
final class OpenApiContract {

  private static final String WHERE =
      " Write it into node/src/main/resources-filtered/dev/dolmen/node/api/openapi.json, and into"
          + " docs/api.md.";

  /** What any request may meet, wherever it goes. */
  private static final Set<Integer> ANYWHERE = Set.of(401, 403, 405, 408, 413, 414, 415, 421, 431);

  /** What only goes wrong with the node, wherever it does. */
  private static final Set<Integer> OF_THE_NODE = Set.of(500, 503);

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private static final JsonNode DOCUMENT = read();
  private static final Map<String, Pattern> PATHS = patterns();
  private static final Map<String, JsonSchema> COMPILED = new ConcurrentHashMap<>();

  private OpenApiContract() {}

  private static JsonNode read() {
    try {
      JsonNode document = MAPPER.readTree(OpenApi.read().first().getBytes());
      closeObjects(document.at("/components/schemas"));
      return document;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Clients ignore what they do not know; here, what the document does not know is a mistake. */
  private static void closeObjects(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(OpenApiContract::closeObjects);
  }

  private static Map<String, Pattern> patterns() {
    Map<String, Pattern> patterns = new HashMap<>();
    DOCUMENT
        .path("paths")
        .fieldNames()
        .forEachRemaining(path -> patterns.put(path, Pattern.compile(pattern(path))));
    return patterns;
  }

  private static String pattern(String path) {
    return Pattern.quote(path).replaceAll("\\{\\w+}", "\\\\E[^/]*\\\\Q");
  }

  static JsonNode document() {
    return DOCUMENT;
  }

  /** The path of the document that a request's path means; one without parts that vary wins. */
  private static Optional<String> described(String path) {
    String own = path.replaceFirst("^/devnet/nodes/[^/]+(?=/v1/)", "");
    return DOCUMENT.path("paths").has(own)
        ? Optional.of(own)
        : PATHS.entrySet().stream()
            .filter(entry -> entry.getValue().matcher(own).matches())
            .map(Map.Entry::getKey)
            .findFirst();
  }

  /** Fails if the document does not allow this answer. */
  static void check(String method, String path, LocalApi.Answer answer) {
    Optional<String> described = described(path);
    boolean ofNoNode = path.startsWith("/devnet/nodes/") && answer.status() == 404;
    if (described.isEmpty() || ofNoNode) {
      if (answer.status() >= 400) {
        matches("/components/schemas/Problem", answer.text(), method + " " + path);
      }
      return; // That all that is served is described, OpenApiTest says.
    }
    String what = method + " " + described.get() + " answers " + answer.status();
    boolean head = method.equals("HEAD");
    JsonNode operation =
        DOCUMENT
            .path("paths")
            .path(described.get())
            .path(head ? "get" : method.toLowerCase(Locale.ROOT));
    if (operation.isMissingNode()) {
      assertThat(answer.status()).as(what + ", which is not described." + WHERE).isGreaterThan(399);
      return;
    }
    JsonNode response = operation.path("responses").path(Integer.toString(answer.status()));
    if (response.isMissingNode()) {
      assertThat(ANYWHERE.contains(answer.status()) || OF_THE_NODE.contains(answer.status()))
          .as(what + ", which is not described." + WHERE)
          .isTrue();
      response = DOCUMENT.at("/components/responses/Refused");
    }
    List<String> types = new ArrayList<>();
    response.path("content").fieldNames().forEachRemaining(types::add);
    if (types.isEmpty()) {
      assertThat(answer.body()).as(what + " with a body that is not described").isEmpty();
      return;
    }
    String type = answer.header("Content-Type");
    assertThat(types).as(what + " as '" + type + "'." + WHERE).contains(type);
    if (!head && type.endsWith("json")) {
      matches(response.path("content").path(type).path("schema"), answer.text(), what);
    }
  }

  /** Fails if the document does not know this event, or another form of its data. */
  static void checkEvent(String name, String data) {
    String schema = Character.toUpperCase(name.charAt(0)) + name.substring(1) + "Event";
    assertThat(DOCUMENT.at("/components/schemas").has(schema))
        .as("the event '" + name + "' has no schema " + schema + "." + WHERE)
        .isTrue();
    matches("/components/schemas/" + schema, data, "event '" + name + "'");
  }

  private static void matches(String pointer, String json, String what) {
    matches(MAPPER.createObjectNode().put("$ref", "#" + pointer), json, what);
  }

  private static void matches(JsonNode schema, String json, String what) {
    JsonSchema compiled =
        COMPILED.computeIfAbsent(
            schema.toString(),
            text -> {
              ObjectNode whole = schema.deepCopy();
              whole.set("components", DOCUMENT.path("components"));
              return FACTORY.getSchema(whole);
            });
    try {
      Set<ValidationMessage> wrong = compiled.validate(MAPPER.readTree(json.getBytes(UTF_8)));
      assertThat(wrong).as(what + " otherwise than described: " + json + "." + WHERE).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(what + " with what is no JSON: " + json, e);
    }
  }
}
