package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.CharMatcher;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, whose figures are read from outside. */
final class NodeProcess {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(2);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final double KIB_PER_MIB = 1_024;
  private static final int LINES_OF_BLAME = 20;

  private final Process process;
  private final long startedNanos;
  private final int peerPort;
  private final int apiPort;
  private final Path log;

  private NodeProcess(Process process, long startedNanos, int peerPort, int apiPort, Path log) {
    this.process = process;
    this.startedNanos = startedNanos;
    this.peerPort = peerPort;
    this.apiPort = apiPort;
    this.log = log;
  }

  static NodeProcess launch(List<String> program, Path logs, Path dataDirectory, List<String> flags)
      throws IOException {
    int peerPort = Workbench.freePort();
    int apiPort = Workbench.freePort();
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            "run",
            "--network",
            "dev",
            "--data-dir",
            dataDirectory.toString(),
            "--listen",
            "127.0.0.1:" + peerPort,
            "--api",
            "127.0.0.1:" + apiPort,
            "--no-discovery"));
    command.addAll(flags);
    Path log = Files.createTempFile(logs, "node", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("DOLMEN_"));
    // The launcher keeps its archives there: a run leaves none behind, and starts with none.
    builder.environment().put("XDG_CACHE_HOME", logs.resolve("cache").toString());
    long started = System.nanoTime();
    return new NodeProcess(builder.start(), started, peerPort, apiPort, log);
  }

  int peerPort() {
    return peerPort;
  }

  int apiPort() {
    return apiPort;
  }

  long startedNanos() {
    return startedNanos;
  }

  /** Waits for the first answered question; returns when that was. */
  long awaitServing() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - deadline < 0) {
      checkState(process.isAlive(), "a node has ended: %s", blame());
      try {
        if (get("/v1/status").statusCode() == 200) {
          return System.nanoTime();
        }
      } catch (ConnectException notYet) {
        TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
      }
    }
    throw new IllegalStateException("a node does not answer: " + blame());
  }

  private String blame() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - LINES_OF_BLAME), lines.size()));
  }

  JsonObject status() throws IOException, InterruptedException {
    return JsonParser.parseString(get("/v1/status").body()).getAsJsonObject();
  }

  long height() throws IOException, InterruptedException {
    return status().get("height").getAsLong();
  }

  String tip() throws IOException, InterruptedException {
    return status().get("hash").getAsString();
  }

  /** How many entries each block of its best chain has, from a height on; a thousand at most. */
  List<Integer> entriesFrom(long height) throws IOException, InterruptedException {
    List<Integer> counts = new ArrayList<>();
    String path = "/v1/blocks?transactions=false&limit=1000&from=" + height;
    for (JsonElement block : JsonParser.parseString(get(path).body()).getAsJsonArray()) {
      counts.add(block.getAsJsonObject().get("transactionCount").getAsInt());
    }
    return counts;
  }

  int peers() throws IOException, InterruptedException {
    return status().get("peers").getAsInt();
  }

  String peerId() throws IOException, InterruptedException {
    return status().get("peerId").getAsString();
  }

  /** Has it keep a link to another from now on; returns once it has taken the order. */
  void connect(NodeProcess other) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(
            request("/v1/peers")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"address\":\"127.0.0.1:" + other.peerPort + "\"}"))
                .build(),
            BodyHandlers.ofString());
    checkState(answer.statusCode() == 202, "connecting answered %s", answer.body());
  }

  /** Ends its link with another. */
  void disconnect(NodeProcess other) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(request("/v1/peers/" + other.peerId()).DELETE().build(), BodyHandlers.ofString());
    checkState(answer.statusCode() == 204, "disconnecting answered %s", answer.body());
    awaitPeers(0);
    other.awaitPeers(0);
  }

  void awaitPeers(int count) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (peers() != count) {
      checkState(
          System.nanoTime() - deadline < 0, "%s peers in place of %s: %s", peers(), count, blame());
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
  }

  /** Makes a block now; returns when the answer was there. */
  long makeBlock() throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(
            request("/v1/blocks").POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    long answered = System.nanoTime();
    checkState(answer.statusCode() == 201, "making a block answered %s", answer.body());
    return answered;
  }

  void makeBlocks(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      makeBlock();
    }
  }

  /** Memory of the process that is in RAM, in MiB. */
  double residentMib() throws IOException {
    return memory("VmRSS:");
  }

  /** The most there ever was of it, in MiB. */
  double peakResidentMib() throws IOException {
    return memory("VmHWM:");
  }

  private double memory(String what) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(what)) {
        return Long.parseLong(CharMatcher.inRange('0', '9').retainFrom(line)) / KIB_PER_MIB;
      }
    }
    throw new IOException("the system does not tell " + what);
  }

  /** Has it collect its garbage. */
  void collectGarbage() throws IOException, InterruptedException {
    int exitCode =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()),
                "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    checkState(exitCode == 0, "jcmd ended with %s", exitCode);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HTTP.send(request(path).GET().build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + apiPort + path))
        .timeout(PATIENCE);
  }

  /** Ends it as an operator would. */
  void end() throws InterruptedException {
    process.destroy();
    checkState(
        process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "a node does not want to end");
  }

  void kill() {
    process.destroyForcibly();
  }
}
