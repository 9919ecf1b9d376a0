package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Devnet;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One devnet of three for all; each test leaves it as it found it. */
final class DevnetApiTest {

  private static Devnet devnet;
  private static ApiServer server;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws IOException {
    devnet = Devnet.builder().nodes(3).start();
    server = ApiServer.startDevnet(devnet, LocalApi.ANY_PORT);
  }

  @AfterAll
  static void close() {
    server.close();
    devnet.close();
  }

  @AfterEach
  void mend() throws IOException {
    devnet.healAll();
    for (String name : List.of("alice", "bob", "carol")) {
      devnet.start(name);
    }
    patiently().until(() -> devnet.links().stream().allMatch(link -> link.linked()));
  }

  private record Event(String name, String id, JsonObject data) {}

  /** Reads a stream event by event, each held against the description. */
  private static final class Stream implements AutoCloseable {
    private final BufferedReader lines;

    Stream(String path, String lastSeen) throws IOException {
      URLConnection connection = URI.create(url(path)).toURL().openConnection();
      connection.setReadTimeout(30_000);
      if (!lastSeen.isEmpty()) {
        connection.setRequestProperty("Last-Event-ID", lastSeen);
      }
      lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
      assertThat(lines.readLine()).startsWith(":");
    }

    Event next() throws IOException {
      String name = "";
      String id = "";
      for (; ; ) {
        String line = lines.readLine();
        if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("data: ")) {
          OpenApiContract.checkEvent(
              "Devnet" + Character.toUpperCase(name.charAt(0)) + name.substring(1),
              line.substring(6));
          return new Event(name, id, new JsonObject(line.substring(6)));
        }
      }
    }

    Event next(String wanted) throws IOException {
      Event event = next();
      while (!event.name().equals(wanted)) {
        event = next();
      }
      return event;
    }

    JsonObject message(String kind) throws IOException {
      JsonObject message = next("message").data();
      while (!message.getString("kind").equals(kind)) {
        message = next("message").data();
      }
      return message;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  @Test
  void showsEachNodeWithItsTip() throws Exception {
    JsonObject alice = get("/devnet/nodes").object().getJsonArray("nodes").getJsonObject(0);

    assertThat(alice.getString("name")).isEqualTo("alice");
    assertThat(alice.getBoolean("up")).isTrue();
    assertThat(alice.getInteger("peers")).isEqualTo(2);
    assertThat(alice.getString("hash")).isEqualTo(devnet.node("alice").tip().hash().toHex());
    assertThat(get("/devnet/nodes/alice").object().getString("peerId"))
        .isEqualTo(alice.getString("peerId"));
  }

  @Test
  void cutsSlowsAndHealsALinkFromEitherEnd() throws Exception {
    JsonObject cut = put("/devnet/links/bob/alice", "{\"up\": false}").object();
    assertThat(cut.getString("a")).isEqualTo("alice");
    assertThat(cut.getBoolean("up")).isFalse();
    patiently().until(() -> !get("/devnet/links/alice/bob").object().getBoolean("linked"));

    put("/devnet/links/alice/bob", "{\"delayMillis\": 40}");
    assertThat(get("/devnet/links/alice/bob").object().getBoolean("up")).isFalse();
    put("/devnet/links/alice/bob", "{\"up\": true, \"delayMillis\": 60}");
    put("/devnet/links/alice/bob", "{\"delayMillis\": 50}");
    patiently()
        .until(
            () -> {
              Integer trip = get("/devnet/links/alice/bob").object().getInteger("roundTripMicros");
              return trip != null && trip >= 100_000;
            });
  }

  @Test
  void stopsAndStartsANode() throws Exception {
    assertThat(put("/devnet/nodes/carol", "{\"up\": false}").object().getBoolean("up")).isFalse();
    assertThat(get("/devnet/nodes/carol/v1/status").status()).isEqualTo(503);
    assertThat(get("/devnet/nodes/carol").object().getInteger("peers")).isZero();
    assertThat(put("/devnet/nodes/carol", "{\"up\": true}").object().getBoolean("up")).isTrue();
    assertThat(get("/devnet/nodes/carol/v1/status").status()).isEqualTo(200);
  }

  @Test
  void aNodeWhosePortIsTakenStaysStopped() throws Exception {
    put("/devnet/nodes/carol", "{\"up\": false}");
    int port = devnet.node("carol").listenAddress().getPort();
    try (ServerSocket squatter = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      LocalApi.Answer answer = put("/devnet/nodes/carol", "{\"up\": true}");
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.problem()).startsWith("carol stays stopped: cannot listen on");
      assertThat(squatter.isBound()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "links/alice/zoe | {\"up\": false} | 404 | there is no node of that name",
        "links/alice/alice | {\"up\": false} | 404 | alice and alice have no link",
        "nodes/zoe | {\"up\": false} | 404 | there is no node of that name",
        "nodes/bob | {} | 400 | 'up' is missing",
        "nodes/bob | {\"up\": 1} | 400 | 'up' must be true or false",
        "nodes/bob | {\"up\": true, \"delayMillis\": 1} | 400 | a member nobody asked for",
        "nodes/bob | [] | 400 | no JSON object",
        "links/alice/bob | {} | 400 | say 'up', 'delayMillis' or both",
        "links/alice/bob | {\"delayMillis\": 1.5} | 400 | must be a whole number",
        "links/alice/bob | {\"delayMillis\": -1} | 400 | from 0 to 10000",
        "links/alice/bob | {\"delayMillis\": 10001} | 400 | from 0 to 10000",
        "links/alice/bob | {\"delayMillis\": 99999999999999999999} | 400 | no JSON this API takes",
        "links/alice/bob | {\"up\": true, \"up\": true} | 400 | no JSON this API takes",
        "links/alice/bob | {\"up\": true} {} | 400 | something follows",
        "links/alice/bob | {\"up\": tru | 400 | no JSON this API takes"
      })
  void saysWhatIsWrong(String path, String body, int status, String why) throws Exception {
    LocalApi.Answer answer = put("/devnet/" + path, body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.problem()).contains(why);
  }

  @Test
  void withoutADevnetThereIsNothingToChange() throws Exception {
    try (LocalApi alone = LocalApi.start()) {
      assertThat(alone.get("/devnet/links").object().getJsonArray("links")).isEmpty();
      LocalApi.Answer answer =
          alone.send(
              alone
                  .request("/devnet/nodes/alice")
                  .PUT(HttpRequest.BodyPublishers.ofString("{\"up\": false}"))
                  .build());
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.problem()).contains("no devnet");
      assertThat(alone.get("/devnet/messages").status()).isEqualTo(404);
    }
  }

  @Test
  void tellsMessagesInPlainWords() throws Exception {
    try (Stream messages = new Stream("/devnet/messages", "")) {
      put("/devnet/links/alice/bob", "{\"up\": false}");
      assertThat(messages.message("response").getString("line"))
          .contains("goodbye: this link is cut until it is healed");
      running("carol").submit("told".getBytes(UTF_8));
      JsonObject block = messages.message("new_block");
      assertThat(block.getString("line"))
          .startsWith("carol → everyone: a new block ")
          .endsWith("with one entry");
    }
  }

  @Test
  void tellsHowAReorganisationGivesEntriesBackAndWhereTheyGo() throws Exception {
    try (Stream events = new Stream("/devnet/events", "")) {
      devnet.partition(List.of(List.of("alice"), List.of("bob", "carol")));
      patiently().until(() -> running("alice").peers().peers().isEmpty());
      long height = running("alice").view().tip().height();
      TransactionId lonely = running("alice").submit("lonely".getBytes(UTF_8));
      LocalApi.mine(running("bob"), 2);
      patiently().until(() -> running("carol").view().tip().height() == height + 2);

      devnet.healAll();
      Event reorg = events.next("reorg");
      assertThat(reorg.data().getString("text"))
          .isEqualTo(
              "alice gives up block "
                  + (height + 1)
                  + " for blocks "
                  + (height + 1)
                  + " to "
                  + (height + 2)
                  + ", which have more work; one entry goes back to the pool: “lonely”");
      assertThat(reorg.data().getJsonArray("givenBack")).containsExactly(lonely.toHex());
      Event back = events.next("return");
      assertThat(back.data().getString("text"))
          .isEqualTo(
              "the entry “lonely”, which alice had to give back, is in block " + (height + 3));
    }
  }

  @Test
  void resumesBehindTheLastEventSeen() throws Exception {
    String first;
    try (Stream events = new Stream("/devnet/events", "")) {
      put("/devnet/links/alice/bob", "{\"delayMillis\": 1}");
      first = events.next("link").id();
    }
    put("/devnet/links/alice/bob", "{\"delayMillis\": 2}");
    put("/devnet/links/alice/bob", "{\"delayMillis\": 3}");
    try (Stream resumed = new Stream("/devnet/events", first)) {
      assertThat(resumed.next("link").data().getInteger("delayMillis")).isEqualTo(2);
      assertThat(resumed.next("link").data().getInteger("delayMillis")).isEqualTo(3);
    }
    try (Stream ofAnotherRun = new Stream("/devnet/events", "other:1")) {
      assertThat(ofAnotherRun.next("node").data().getString("node")).isEqualTo("alice");
    }
    try (Stream recent = new Stream("/devnet/messages?recent=1", "")) {
      assertThat(recent.next().name()).isEqualTo("message");
    }
    assertThat(get("/devnet/events?recent=2001").status()).isEqualTo(400);
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  private static Dolmen running(String name) {
    return devnet.node(name).running().orElseThrow();
  }

  private static String url(String path) {
    return "http://127.0.0.1:" + server.address().getPort() + path;
  }

  private static LocalApi.Answer get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url(path))).build());
  }

  private static LocalApi.Answer put(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(url(path)))
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static LocalApi.Answer send(HttpRequest request) throws Exception {
    return LocalApi.answer(request, CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray()));
  }
}
