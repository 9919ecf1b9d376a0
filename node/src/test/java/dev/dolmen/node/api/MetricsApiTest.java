package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Devnet;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsApiTest {

  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+)(?:\\{(.*)})? (NaN|[-+0-9.E]+|\\+Inf)");
  private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"[^\"]*\"");

  private static String file(String path) throws Exception {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/metrics.md"))) {
      root = Objects.requireNonNull(root.getParent(), "no directory above has docs/metrics.md");
    }
    return Files.readString(root.resolve(path));
  }

  private static String scrape(ApiServer server) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://" + server.address() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  /** Name, type and labels of all that is served, as rows of the document's table begin. */
  private static Set<String> rows(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, Set<String>> labels = new TreeMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        List<String> words = List.of(line.split(" ", -1));
        types.put(words.get(2), words.get(3));
      } else if (!line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        String name = sample.group(1);
        String base =
            types.containsKey(name) ? name : name.replaceFirst("_(bucket|sum|count)$", "");
        Matcher label = LABEL.matcher(Objects.requireNonNullElse(sample.group(2), ""));
        while (label.find()) {
          if (!Set.of("le", "node").contains(label.group(1))) {
            labels.computeIfAbsent(base, absent -> new TreeSet<>()).add(label.group(1));
          } else {
            labels.computeIfAbsent(base, absent -> new TreeSet<>());
          }
        }
      }
    }
    Set<String> rows = new TreeSet<>();
    types.forEach(
        (name, type) ->
            rows.add(name + " " + type + " " + labels.getOrDefault(name, new TreeSet<>())));
    return rows;
  }

  private static Set<String> documentedRows() throws Exception {
    Matcher row =
        Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (gauge|counter|histogram) \\| ([^|]*)\\|")
            .matcher(file("docs/metrics.md"));
    Set<String> rows = new TreeSet<>();
    while (row.find()) {
      Set<String> labels = new TreeSet<>();
      Matcher label = Pattern.compile("`([a-z]+)`").matcher(row.group(3));
      while (label.find()) {
        labels.add(label.group(1));
      }
      rows.add(row.group(1) + " " + row.group(2) + " " + labels);
    }
    return rows;
  }

  @Test
  void servesExactlyWhatTheDocumentLists(@TempDir Path directory) throws Exception {
    try (Dolmen alice = Dolmen.builder().name("alice").dataDirectory(directory).start();
        Dolmen bob = Dolmen.builder().connect(alice.listenAddress().toString()).start();
        ApiServer server = ApiServer.start(alice, LocalApi.ANY_PORT)) {
      Awaitility.await().until(() -> bob.peers().traffic().bytesOut() > 0);
      scrape(server); // Answers are counted from the first one on.
      Set<String> served = rows(scrape(server));
      // Comes with the first ping, half a minute later.
      served.add("dolmen_peers_longest_round_trip_seconds gauge []");

      assertThat(served)
          .as("who adds a metric writes a row into docs/metrics.md")
          .isEqualTo(documentedRows());
    }
  }

  @Test
  void saysOfADevnetsFiguresWhoseTheyAreAlsoOfOneThatIsStopped() throws Exception {
    try (Devnet devnet = Devnet.builder().nodes(2).start();
        ApiServer server = ApiServer.startDevnet(devnet, LocalApi.ANY_PORT)) {
      assertThat(scrape(server))
          .contains("\ndolmen_up{node=\"alice\"} 1.0\n", "\ndolmen_up{node=\"bob\"} 1.0\n")
          .contains("\ndolmen_peers{direction=\"inbound\",node=\"alice\"}");

      devnet.stop("bob");

      assertThat(scrape(server))
          .contains("\ndolmen_up{node=\"alice\"} 1.0\n", "\ndolmen_up{node=\"bob\"} 0.0\n");

      devnet.start("bob");

      assertThat(scrape(server)).contains("\ndolmen_up{node=\"bob\"} 1.0\n");
    }
  }

  @Test
  void theDashboardAsksOnlyForWhatThereIs() throws Exception {
    Set<String> known = new TreeSet<>();
    documentedRows().forEach(row -> known.add(row.substring(0, row.indexOf(' '))));
    Matcher name =
        Pattern.compile("\\b(?:dolmen|process|jvm)_[a-z_]+\\b")
            .matcher(file("docs/grafana-dashboard.json"));
    int found = 0;
    for (; name.find(); found++) {
      assertThat(known).contains(name.group().replaceFirst("_bucket$", ""));
    }
    assertThat(found).isGreaterThan(15);
  }

  @Test
  void countsWhatHappens() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      api.mine(3);
      api.post("/v1/transactions", "hello");
      api.get("/v1/blocks/7");
      api.get("/v1/blocks/8");
      api.get("/nowhere/at/all");
      api.method("BREW", "/v1/status");

      String text = api.get("/metrics").text();

      assertThat(text)
          .contains(
              "\ndolmen_chain_height 4.0\n",
              "\ndolmen_chain_blocks_connected_total 4.0\n",
              "\ndolmen_transactions_total{state=\"included\"} 1.0\n",
              "dolmen_http_requests_total{method=\"GET\",path=\"/v1/blocks/{block}\",status=\"404\"}"
                  + " 2.0\n",
              "dolmen_http_requests_total{method=\"other\",path=\"other\",status=\"404\"} 1.0\n",
              "dolmen_http_requests_total{method=\"other\",path=\"other\",status=\"405\"} 1.0\n",
              "dolmen_http_request_duration_seconds_count{path=\"/v1/transactions\"} 1\n",
              "\ndolmen_up 1.0\n")
          .doesNotContain("node=", "dolmen_store_files_bytes", "/nowhere", "BREW");
    }
  }

  @Test
  void saysSoWhenTheNodeHasStopped() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      api.node().close();

      assertThat(api.get("/metrics").text()).contains("\ndolmen_up 0.0\n");
    }
  }
}
