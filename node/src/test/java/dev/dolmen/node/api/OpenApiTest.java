package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.explorer.ExplorerPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The description and what is served are one. Answers are held against it in every API test. */
class OpenApiTest {

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "patch", "options", "head", "trace");

  private final JsonNode document = OpenApiContract.document();

  private Set<String> described() {
    Set<String> described = new TreeSet<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method -> {
                          if (METHODS.contains(method)) {
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    return described;
  }

  /** Of a server that has all there is: one of a devnet. */
  private static Set<String> served() throws Exception {
    Set<String> served = new TreeSet<>();
    try (Devnet devnet = Devnet.builder().nodes(2).start();
        ApiServer server = ApiServer.startDevnet(devnet, LocalApi.ANY_PORT)) {
      for (Map.Entry<String, ImmutableSet<String>> path : server.paths().entrySet()) {
        if (!ExplorerPage.files().containsKey(path.getKey())) {
          path.getValue().forEach(method -> served.add(method + " " + path.getKey()));
        }
      }
    }
    return served;
  }

  @Test
  void describesExactlyWhatIsServed() throws Exception {
    assertThat(described())
        .as(
            "who adds a path to ApiRouter adds it to openapi.json too (with the schema of each"
                + " answer) and to docs/api.md; who takes one away, takes it away there")
        .isEqualTo(served());
  }

  @Test
  void everyPathStandsInTheTableOfTheDocument() throws Exception {
    String table = apiDocument().replaceAll("(?s).*\n## Paths\n(.*?)\n### .*", "$1");
    List<String> missing = new ArrayList<>();
    for (String line : described()) {
      String path = line.replaceFirst("\\w+ ", "");
      if (!Pattern.compile("[` ]" + Pattern.quote(path) + "[`?]").matcher(table).find()) {
        missing.add(path);
      }
    }

    assertThat(missing).as("paths that the first table of docs/api.md lacks").isEmpty();
  }

  private static String apiDocument() throws Exception {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/api.md"))) {
      root = Objects.requireNonNull(root.getParent(), "no directory above has docs/api.md");
    }
    return Files.readString(root.resolve("docs/api.md"));
  }

  @Test
  void refersToNothingThatIsNotThereAndDefinesNothingThatNobodyNeeds() throws Exception {
    String text = OpenApi.read().first().toString();
    Set<String> referred = new HashSet<>();
    Matcher reference = Pattern.compile("\"#(/components/[^\"]*)\"").matcher(text);
    while (reference.find()) {
      referred.add(reference.group(1));
    }
    Set<String> defined = new HashSet<>();
    for (String kind : List.of("schemas", "responses")) {
      document
          .at("/components/" + kind)
          .fieldNames()
          .forEachRemaining(name -> defined.add("/components/" + kind + "/" + name));
    }
    defined.removeIf(name -> name.endsWith("Event")); // Named by the stream itself.

    assertThat(referred).isEqualTo(defined);
  }

  @Test
  void everyOperationHasAnIdOfItsOwnAndSaysWhatItIsFor() {
    Set<String> ids = new HashSet<>();
    for (JsonNode path : document.path("paths")) {
      for (Map.Entry<String, JsonNode> operation : path.properties()) {
        if (METHODS.contains(operation.getKey())) {
          assertThat(ids.add(operation.getValue().path("operationId").asText())).isTrue();
          assertThat(operation.getValue().path("summary").asText()).isNotBlank();
          assertThat(operation.getValue().at("/responses/default").isMissingNode()).isFalse();
        }
      }
    }
    assertThat(ids).doesNotContain("");
  }

  @Test
  void isServedAsItIsWithTheProgramsVersion() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      LocalApi.Answer answer = api.get("/openapi.json");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.object().getString("openapi")).isEqualTo("3.1.0");
      assertThat(answer.object().getJsonObject("info").getString("version"))
          .isEqualTo(api.get("/v1/status").object().getString("version"));
    }
  }
}
