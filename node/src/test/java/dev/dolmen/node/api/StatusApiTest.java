package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.config.NodeSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusApiTest {

  @Test
  void showsEveryFieldOfTheStatus() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      api.mine(3);
      JsonObject status = api.get("/v1/status").object();

      assertThat(status.fieldNames())
          .containsExactly(
              "name",
              "network",
              "genesis",
              "version",
              "peerId",
              "height",
              "hash",
              "work",
              "headerHeight",
              "syncing",
              "peers",
              "waitingFor",
              "mempool");
      assertThat(status.getString("name")).isEqualTo("alice");
      assertThat(status.getString("network")).isEqualTo("dev");
      assertThat(status.getString("genesis"))
          .isEqualTo(NetworkParameters.dev().genesisHash().toHex());
      assertThat(status.getString("version")).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
      assertThat(status.getString("peerId")).isEqualTo(api.node().id().toString());
      assertThat(status.getLong("height")).isEqualTo(3);
      assertThat(status.getString("hash")).isEqualTo(api.node().view().tip().hash().toHex());
      assertThat(status.getString("work")).isEqualTo("8");
      assertThat(status.getLong("headerHeight")).isEqualTo(3);
      assertThat(status.getBoolean("syncing")).isFalse();
      assertThat(status.getInteger("peers")).isZero();
      assertThat(status.getString("waitingFor")).isEqualTo("a peer to connect");
      assertThat(status.getJsonObject("mempool"))
          .isEqualTo(new JsonObject().put("transactions", 0).put("bytes", 0));
    }
  }

  @Test
  void showsTheNetworksRules() throws Exception {
    NetworkParameters network =
        Blocks.retargeting().toBuilder().authors(List.of(Blocks.key("carol").publicKey())).build();
    try (LocalApi api = LocalApi.start("alice", network)) {
      JsonObject shown = api.get("/v1/network").object();

      assertThat(shown.getString("name")).isEqualTo("dev");
      assertThat(shown.getString("genesis")).isEqualTo(network.genesisHash().toHex());
      assertThat(shown.getString("parametersHash")).isEqualTo(network.hash().toHex());
      assertThat(shown.getLong("genesisTime")).isEqualTo(network.genesisTime());
      assertThat(shown.getLong("intervalMillis")).isEqualTo(1_000);
      assertThat(shown.getLong("halfLifeMillis")).isEqualTo(3_600_000);
      assertThat(shown.getString("firstBits")).isEqualTo("2000ffff");
      assertThat(shown.getBoolean("fixedTarget")).isFalse();
      assertThat(shown.getInteger("largestBlock")).isEqualTo(1_048_576);
      assertThat(shown.getLong("expiryWindow")).isEqualTo(256);
      assertThat(shown.getJsonArray("authors"))
          .isEqualTo(new JsonArray().add(Blocks.key("carol").publicKey().toHex()));
    }
  }

  @Test
  void showsWhatAnEmbeddedNodeWasToldAndWhatNot() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      JsonObject config = api.get("/v1/config").object();

      assertThat(config.fieldNames())
          .containsExactly(
              "network", "memory", "data-dir", "listen", "connect", "allow", "mine", "name");
      assertThat(config.getJsonObject("name"))
          .isEqualTo(new JsonObject().put("value", "alice").put("origin", "program"));
      assertThat(config.getJsonObject("network"))
          .isEqualTo(new JsonObject().put("value", "dev").put("origin", "default"));
    }
  }

  @Test
  void showsTheLinesThatWhoeverStartedTheNodeGaveIt() throws Exception {
    try (Dolmen node =
            Dolmen.builder()
                .settings(List.of(new NodeSettings.Line("api", "127.0.0.1:0", "flag --api")))
                .start();
        LocalApi api = LocalApi.of(node)) {
      assertThat(api.get("/v1/config").object())
          .isEqualTo(
              new JsonObject()
                  .put(
                      "api",
                      new JsonObject().put("value", "127.0.0.1:0").put("origin", "flag --api")));
    }
  }

  @Test
  void isLiveAndReadyUntilTheNodeStops() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      assertThat(api.get("/health/live").object())
          .isEqualTo(new JsonObject().put("status", "live").put("reasons", new JsonArray()));
      assertThat(api.get("/health/ready").object().getString("status")).isEqualTo("ready");

      api.node().close();

      LocalApi.Answer live = api.get("/health/live");
      assertThat(live.status()).isEqualTo(503);
      assertThat(live.problem()).contains("alice has stopped");
      assertThat(live.object().getJsonArray("reasons")).hasSize(1);
      assertThat(api.get("/health/ready").status()).isEqualTo(503);
      LocalApi.Answer unavailable = api.post("/v1/blocks", "");
      assertThat(unavailable.status()).isEqualTo(503);
      assertThat(unavailable.problem()).contains("stop");
      assertThat(unavailable.header("Retry-After")).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1",
        "/v1/",
        "/v2/status",
        "/v1/status/x",
        "/v1/blocks/1/2/3",
        "/v1/ban",
        "/metrics/x",
        "/openapi.yaml",
        "/index.html",
        "/../etc/passwd",
        "//x",
        "/a%2fb"
      })
  void answersUnknownPathsWithAProblem(String path) throws Exception {
    try (LocalApi api = LocalApi.start()) {
      LocalApi.Answer answer = api.get(path);

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.problem()).contains("docs/api.md");
    }
  }

  @Test
  void namesTheMethodsThatAPathKnows() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      for (String[] wrong :
          new String[][] {
            {"POST", "/v1/status", "GET, HEAD"},
            {"PUT", "/v1/blocks", "GET, HEAD, POST"},
            {"DELETE", "/v1/blocks/1", "GET, HEAD"},
            {"POST", "/v1/blocks/1/raw", "GET, HEAD"},
            {"PATCH", "/v1/transactions", "GET, HEAD, POST"},
            {"GET", "/v1/peers/" + "ab".repeat(32), "DELETE"},
            {"POST", "/v1/events", "GET, HEAD"},
            {"OPTIONS", "/v1/status", "GET, HEAD"},
            {"POST", "/", "GET, HEAD"},
            {"POST", "/health/live", "GET, HEAD"},
            {"FROB", "/v1/mempool", "GET, HEAD"},
          }) {
        LocalApi.Answer answer = api.method(wrong[0], wrong[1]);

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).isEqualTo(wrong[2]);
        assertThat(answer.problem()).contains(wrong[2]);
      }
      assertThat(api.node().view().tip().height()).isZero();
    }
  }

  @Test
  void sendsSecurityHeadersAndNoneForOtherOrigins() throws Exception {
    try (LocalApi api = LocalApi.start()) {
      for (String path : new String[] {"/v1/status", "/nope", "/"}) {
        LocalApi.Answer answer = api.get(path);

        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("Cache-Control")).isIn("no-store", "no-cache");
        assertThat(answer.headers().map().keySet())
            .noneMatch(name -> name.startsWith("access-control"));
      }
    }
  }
}
