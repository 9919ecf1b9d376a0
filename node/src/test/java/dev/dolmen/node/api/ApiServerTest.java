package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.devnet.DevnetNode;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ApiServerTest {

  @Test
  void saysWhatToDoWhenThePortIsTaken() throws Exception {
    try (Dolmen node = Dolmen.builder().start();
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostAndPort taken = HostAndPort.fromParts("127.0.0.1", other.getLocalPort());

      assertThatThrownBy(() -> ApiServer.start(node, taken))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot listen on "
                  + taken
                  + ": port in use. Stop the other program, or choose another with --api");
    }
  }

  @Test
  void listensOnThisMachineOnly() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      for (String host : List.of("0.0.0.0", "192.0.2.1", "[::]")) {
        assertThatThrownBy(() -> ApiServer.start(node, HostAndPort.fromString(host + ":0")))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("--api-token-file")
            .hasMessageContaining("openssl rand -hex 32")
            .hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void listensOnLocalhostByName() throws Exception {
    try (Dolmen node = Dolmen.builder().start();
        ApiServer server = ApiServer.start(node, HostAndPort.fromString("localhost:0"))) {
      assertThat(server.address().getHost()).isEqualTo("localhost");
      assertThat(server.address().getPort()).isPositive();
    }
  }

  @Test
  void leavesNothingRunningWhenItIsClosed() throws Exception {
    Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    int port;
    try (LocalApi api = LocalApi.start()) {
      port = api.port();
      assertThat(api.get("/v1/blocks").status()).isEqualTo(200);
      try (RawClient stream = api.raw()) {
        stream.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(stream.status()).isEqualTo(200);
      }
      Set<Thread> whileOpen = Thread.getAllStackTraces().keySet();
      assertThat(whileOpen).anyMatch(thread -> thread.getName().contains("vert.x-eventloop"));
    }

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .filteredOn(thread -> !thread.getName().startsWith("HttpClient"))
                    .filteredOn(thread -> !thread.getName().startsWith("globalEventExecutor"))
                    .filteredOn(thread -> !thread.getName().startsWith("awaitility"))
                    .isEmpty());
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void leavesNoThreadWhenItCannotStart() throws Exception {
    try (Dolmen node = Dolmen.builder().start();
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostAndPort taken = HostAndPort.fromParts("127.0.0.1", other.getLocalPort());
      assertThatThrownBy(() -> ApiServer.start(node, taken)).isInstanceOf(IOException.class);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(Thread.getAllStackTraces().keySet())
                      .noneMatch(thread -> thread.getName().startsWith("vert.x")));
    }
  }

  @Test
  void canBeClosedTwice() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      ApiServer server = ApiServer.start(node, LocalApi.ANY_PORT);
      server.close();
      server.close();
    }
  }

  @Test
  void reachesEachNodeOfADevnetByItsName() throws Exception {
    try (Devnet devnet = Devnet.builder().nodes(2).start();
        ApiServer server = ApiServer.startDevnet(devnet, LocalApi.ANY_PORT)) {
      String base = "http://127.0.0.1:" + server.address().getPort();
      JsonObject first = get(base + "/devnet/nodes").getJsonArray("nodes").getJsonObject(0);
      JsonObject second = get(base + "/devnet/nodes").getJsonArray("nodes").getJsonObject(1);
      DevnetNode alice = devnet.node("alice");

      assertThat(first.getString("name")).isEqualTo("alice");
      assertThat(first.getString("peerId")).isEqualTo(alice.id().toString());
      assertThat(first.getString("listen")).isEqualTo(alice.listenAddress().toString());
      assertThat(get(base + first.getString("api") + "/status").getString("peerId"))
          .isEqualTo(alice.id().toString());
      assertThat(get(base + second.getString("api") + "/status").getString("peerId"))
          .isEqualTo(devnet.node("bob").id().toString());
      assertThat(get(base + "/v1/status").getString("peerId")).isEqualTo(alice.id().toString());
      assertThat(get(base + "/devnet/nodes/carol/v1/status").getInteger("status")).isEqualTo(404);
    }
  }

  @Test
  void aStoppedNodeOfADevnetSaysSoAndAnswersAgainOnceStarted() throws Exception {
    try (Devnet devnet = Devnet.builder().nodes(2).start();
        ApiServer server = ApiServer.startDevnet(devnet, LocalApi.ANY_PORT)) {
      String base = "http://127.0.0.1:" + server.address().getPort();
      String bob = base + "/devnet/nodes/bob/v1/status";
      assertThat(get(bob).getString("name")).isEqualTo("bob");

      devnet.stop("bob");
      assertThat(get(bob).getString("detail"))
          .isEqualTo("bob is stopped; start it with PUT /devnet/nodes/bob {\"up\": true}");
      assertThat(get(base + "/health/ready").getString("status")).isEqualTo("ready");

      devnet.start("bob");
      assertThat(get(bob).getString("name")).isEqualTo("bob");
    }
  }

  private static JsonObject get(String url) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    return new JsonObject(
        client
            .send(
                HttpRequest.newBuilder(URI.create(url)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  @Test
  void showsNoDevnetWhereThereIsOneNode() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      assertThat(api.get("/devnet/nodes").object().getJsonArray("nodes")).isEmpty();
      assertThat(api.get("/devnet/nodes/alice/v1/status").status()).isEqualTo(404);
    }
  }
}
