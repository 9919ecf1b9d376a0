package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.node.Dolmen;
import io.vertx.core.json.JsonObject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeersApiTest {

  private final LocalApi api;

  PeersApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void connectsShowsAndLetsGo() throws Exception {
    try (Dolmen bob = Dolmen.builder().name("bob").start()) {
      String address = bob.listenAddress().toString();
      LocalApi.Answer taken = api.post("/v1/peers", "{\"address\": \"" + address + "\"}");

      assertThat(taken.status()).isEqualTo(202);
      assertThat(taken.object().getString("address")).isEqualTo(address);
      Awaitility.await().until(() -> api.get("/v1/status").object().getInteger("peers") == 1);
      JsonObject peer = api.get("/v1/peers").array().getJsonObject(0);
      assertThat(peer.fieldNames())
          .containsExactly(
              "id",
              "address",
              "name",
              "outbound",
              "connectedSince",
              "roundTripMicros",
              "bytesIn",
              "bytesOut",
              "bytesQueued",
              "claimedHeight",
              "claimedWork");
      assertThat(peer.getString("id")).isEqualTo(bob.id().toString());
      assertThat(peer.getString("address")).isEqualTo(address);
      assertThat(peer.getString("name")).isEqualTo("bob");
      assertThat(peer.getBoolean("outbound")).isTrue();
      assertThat(peer.getString("claimedWork")).isEqualTo("2");
      JsonObject dial = api.get("/v1/peers/dials").array().getJsonObject(0);
      assertThat(dial.getString("address")).isEqualTo(address);
      assertThat(dial.getString("state")).isEqualTo("connected");

      LocalApi.Answer gone = api.method("DELETE", "/v1/peers/" + bob.id());

      assertThat(gone.status()).isEqualTo(204);
      assertThat(gone.body()).isEmpty();
      Awaitility.await().until(() -> api.get("/v1/peers").array().isEmpty());
      assertThat(api.get("/v1/peers/dials").array()).isEmpty();
      assertThat(api.method("DELETE", "/v1/peers/" + bob.id()).status()).isEqualTo(404);
    }
  }

  @Test
  void keepsAnAddressWhereNobodyAnswers() throws Exception {
    assertThat(api.post("/v1/peers", "{\"address\":\"127.0.0.1:1\"}").status()).isEqualTo(202);

    Awaitility.await()
        .untilAsserted(
            () -> {
              JsonObject dial = api.get("/v1/peers/dials").array().getJsonObject(0);
              assertThat(dial.getString("state")).isEqualTo("waiting");
              assertThat(dial.getString("lastFailure")).isNotEmpty();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        "{",
        "{\"address\":17}",
        "{\"address\":null}",
        "{\"address\":[\"127.0.0.1:8555\"]}",
        "{\"address\":\"\"}",
        "{\"address\":\"127.0.0.1\"}",
        "{\"address\":\"127.0.0.1:0\"}",
        "{\"address\":\"127.0.0.1:65536\"}",
        "{\"address\":\"::1:8555\"}",
        "{\"address\":\"abc@127.0.0.1:8555\"}",
        "{\"address\":\"127.0.0.1:8555\",\"address\":\"127.0.0.1:8556\"}",
        "{\"address\":\"127.0.0.1:8555\",\"x\":1e100000000}",
        "{\"address\":\"127.0.0.1:8555\"} trailing",
        "{\"address\":123456789012345678901234567890}"
      })
  void refusesABodyWithoutAnAddress(String body) throws Exception {
    LocalApi.Answer answer = api.post("/v1/peers", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).contains(":8555");
    assertThat(api.get("/v1/peers/dials").array()).isEmpty();
  }

  @Test
  void refusesJsonThatIsDeepOrLong() throws Exception {
    String deep = "{\"address\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
    String objects = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);
    String longNumber = "{\"address\":" + "9".repeat(900_000) + "}";
    String longText = "{\"address\":\"" + "a".repeat(900_000) + "\"}";

    for (String bomb : new String[] {deep, objects, longNumber, longText}) {
      assertThat(api.post("/v1/peers", bomb).status()).isEqualTo(400);
    }
  }

  @Test
  void keepsOnlySoManyAddresses() throws Exception {
    for (int i = 1; i <= HttpLimits.MAX_KEPT_ADDRESSES; i++) {
      String body = "{\"address\":\"127.0.0.1:" + i + "\"}";
      assertThat(api.post("/v1/peers", body).status()).isEqualTo(202);
    }
    Awaitility.await()
        .until(() -> api.get("/v1/peers/dials").array().size() == HttpLimits.MAX_KEPT_ADDRESSES);
    assertThat(api.post("/v1/peers", "{\"address\":\"127.0.0.1:999\"}").status()).isEqualTo(409);
  }

  @Test
  void refusesAnIdThatIsNone() throws Exception {
    assertThat(api.method("DELETE", "/v1/peers/xyz").status()).isEqualTo(400);
    assertThat(api.method("DELETE", "/v1/peers/" + "ab".repeat(32)).status()).isEqualTo(404);
  }
}
