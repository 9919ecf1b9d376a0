package dev.dolmen.it.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One node as a process, spoken to over HTTP. Started again, it has the same ports and directory.
 */
final class NodeProcess {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Jar jar;
  private final Path dataDirectory;
  private final int peerPort = Jar.freePort();
  private final int apiPort = Jar.freePort();
  private Jar.Running running;

  private NodeProcess(Jar jar, Path dataDirectory, NodeProcess... dialled) throws IOException {
    this.jar = jar;
    this.dataDirectory = dataDirectory;
    this.running = launch(dialled);
  }

  /** Starts a node and waits until its API answers. */
  static NodeProcess start(Jar jar, Path dataDirectory, NodeProcess... dialled) throws IOException {
    NodeProcess node = new NodeProcess(jar, dataDirectory, dialled);
    node.awaitApi();
    return node;
  }

  /** Starts it again after it ended. */
  void startAgain(NodeProcess... dialled) throws IOException {
    running = launch(dialled);
    awaitApi();
  }

  private Jar.Running launch(NodeProcess... dialled) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "run",
                "--data-dir",
                dataDirectory.toString(),
                "--listen",
                "127.0.0.1:" + peerPort,
                "--api",
                "127.0.0.1:" + apiPort,
                "--no-discovery"));
    for (NodeProcess other : dialled) {
      arguments.addAll(List.of("--connect", "127.0.0.1:" + other.peerPort));
    }
    return jar.start(arguments.toArray(String[]::new));
  }

  private void awaitApi() {
    await("API of " + dataDirectory)
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .until(() -> find("/v1/status").isPresent());
  }

  Jar.Running running() {
    return running;
  }

  Path dataDirectory() {
    return dataDirectory;
  }

  int peerPort() {
    return peerPort;
  }

  String api() {
    return "127.0.0.1:" + apiPort;
  }

  JsonObject status() throws IOException, InterruptedException {
    return find("/v1/status").orElseThrow().getAsJsonObject();
  }

  String tip() throws IOException, InterruptedException {
    return status().get("hash").getAsString();
  }

  long height() throws IOException, InterruptedException {
    return status().get("height").getAsLong();
  }

  /** Hands in an entry; returns its id. */
  String submit(String text) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(
            request("/v1/transactions").POST(HttpRequest.BodyPublishers.ofString(text)).build(),
            BodyHandlers.ofString());
    assertEquals(202, answer.statusCode(), answer.body());
    return JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
  }

  void awaitIncluded(String id) {
    await("entry " + id)
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .until(
            () ->
                find("/v1/transactions/" + id)
                    .map(entry -> entry.getAsJsonObject().get("state").getAsString())
                    .filter("included"::equals)
                    .isPresent());
  }

  void awaitSameTipAs(NodeProcess other) {
    await("one tip").atMost(PATIENCE).pollInterval(LOOK).until(() -> tip().equals(other.tip()));
  }

  void awaitPeers(int count) {
    await(count + " peers")
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .until(() -> status().get("peers").getAsInt() == count);
  }

  private Optional<JsonElement> find(String path) throws IOException, InterruptedException {
    try {
      HttpResponse<String> answer = HTTP.send(request(path).GET().build(), BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.of(JsonParser.parseString(answer.body()))
          : Optional.empty();
    } catch (ConnectException notYet) {
      return Optional.empty();
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + api() + path)).timeout(PATIENCE);
  }
}
