package dev.dolmen.it.process;

import static com.google.common.base.Verify.verifyNotNull;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableSetMultimap;
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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  private Jar.@Nullable Running running;

  private NodeProcess(Jar jar, Path dataDirectory) throws IOException {
    this.jar = jar;
    this.dataDirectory = dataDirectory;
  }

  /** Starts a node and waits until its API answers. */
  static NodeProcess start(Jar jar, Path dataDirectory, NodeProcess... dialled) throws IOException {
    NodeProcess node = new NodeProcess(jar, dataDirectory);
    node.begin(dialled);
    node.awaitServing();
    return node;
  }

  /** For a node that {@link #begin} starts, and that may be killed before its API answers. */
  static NodeProcess notStarted(Jar jar, Path dataDirectory) throws IOException {
    return new NodeProcess(jar, dataDirectory);
  }

  /** Starts it, without waiting for anything. */
  void begin(NodeProcess... dialled) throws IOException {
    beginDialling(Stream.of(dialled).map(NodeProcess::peerPort).toList());
  }

  /** Starts it, without waiting for anything; it dials these ports of this machine. */
  void beginDialling(List<Integer> ports) throws IOException {
    running = launch(ports);
  }

  /** Waits until its API answers; fails at once if it has ended before. */
  void awaitServing() {
    await("API of " + dataDirectory)
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .failFast("the node has ended", () -> !running().process().isAlive())
        .until(() -> find("/v1/status").isPresent());
  }

  /** Starts it again after it ended. */
  void startAgain(NodeProcess... dialled) throws IOException {
    begin(dialled);
    awaitServing();
  }

  private Jar.Running launch(List<Integer> dialled) throws IOException {
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
    for (int port : dialled) {
      arguments.addAll(List.of("--connect", "127.0.0.1:" + port));
    }
    return jar.start(arguments.toArray(String[]::new));
  }

  Jar.Running running() {
    return verifyNotNull(running, "never started");
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
    return JsonParser.parseString(text("/v1/status")).getAsJsonObject();
  }

  String tip() throws IOException, InterruptedException {
    return status().get("hash").getAsString();
  }

  long height() throws IOException, InterruptedException {
    return status().get("height").getAsLong();
  }

  /** Hands in an entry; returns its id. */
  String submit(String text) throws IOException, InterruptedException {
    return take(text).id();
  }

  /** An entry that was taken with 202, and the tip's height from which on it need not be there. */
  record Taken(String id, long expiryHeight) {}

  /** Hands in an entry. */
  Taken take(String text) throws IOException, InterruptedException {
    return taken(offer(text));
  }

  /** Hands in an entry; empty if the node says to try again later, as one far behind does. */
  Optional<Taken> takeIfItCan(String text) throws IOException, InterruptedException {
    HttpResponse<String> answer = offer(text);
    return answer.statusCode() == 503 ? Optional.empty() : Optional.of(taken(answer));
  }

  private static Taken taken(HttpResponse<String> answer) {
    assertEquals(202, answer.statusCode(), answer.body());
    JsonObject taken = JsonParser.parseString(answer.body()).getAsJsonObject();
    return new Taken(taken.get("id").getAsString(), taken.get("expiryHeight").getAsLong());
  }

  /** Hands in an entry, which the node may refuse. */
  HttpResponse<String> offer(String text) throws IOException, InterruptedException {
    return HTTP.send(
        request("/v1/transactions").POST(HttpRequest.BodyPublishers.ofString(text)).build(),
        BodyHandlers.ofString());
  }

  /** The status code of an answer. */
  int statusOf(String path) throws IOException, InterruptedException {
    return HTTP.send(request(path).GET().build(), BodyHandlers.discarding()).statusCode();
  }

  /** Makes blocks, each at once. */
  void makeBlocks(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      HttpResponse<String> answer =
          HTTP.send(
              request("/v1/blocks").POST(HttpRequest.BodyPublishers.noBody()).build(),
              BodyHandlers.ofString());
      assertEquals(201, answer.statusCode(), answer.body());
    }
  }

  /** Keeps a link to another from now on. */
  void connect(NodeProcess other) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(
            request("/v1/peers")
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"address\":\"127.0.0.1:" + other.peerPort + "\"}"))
                .build(),
            BodyHandlers.ofString());
    assertEquals(202, answer.statusCode(), answer.body());
  }

  /** Where an entry stands; empty if the node does not know it. */
  Optional<String> stateOf(String id) throws IOException, InterruptedException {
    return find("/v1/transactions/" + id)
        .map(entry -> entry.getAsJsonObject().get("state").getAsString());
  }

  /** Whether the node has a block, on whatever branch. */
  boolean hasBlock(String hash) throws IOException, InterruptedException {
    return find("/v1/blocks/" + hash).isPresent();
  }

  /** Which block of the best chain has a height; empty if none, or if the node does not answer. */
  Optional<String> hashAt(long height) throws IOException, InterruptedException {
    return find("/v1/blocks/" + height + "?transactions=false")
        .map(block -> block.getAsJsonObject().get("hash").getAsString());
  }

  /** Why those are gone who went last: reasons by the codes of the API. */
  ImmutableSetMultimap<String, String> goneReasons() throws IOException, InterruptedException {
    return goneReasons(peer -> true);
  }

  /**
   * The same of some peers.
   *
   * @param whose of which id
   */
  ImmutableSetMultimap<String, String> goneReasons(Predicate<String> whose)
      throws IOException, InterruptedException {
    ImmutableSetMultimap.Builder<String, String> reasons = ImmutableSetMultimap.builder();
    for (JsonElement element : JsonParser.parseString(text("/v1/peers/gone")).getAsJsonArray()) {
      JsonObject gone = element.getAsJsonObject();
      if (whose.test(gone.get("id").getAsString())) {
        reasons.put(gone.get("code").getAsString(), gone.get("reason").getAsString());
      }
    }
    return reasons.build();
  }

  /** What the API answers; an {@link IOException} if nobody does. */
  String text(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = HTTP.send(request(path).GET().build(), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body();
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
