package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import io.vertx.core.json.JsonObject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BansApiTest {

  private static final String PEER = "ab".repeat(32);

  private final LocalApi api;

  BansApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void bansShowsAndLetsInAgain() throws Exception {
    LocalApi.Answer made =
        api.post("/v1/bans", "{\"peer\":\"" + PEER + "\",\"seconds\":60,\"reason\":\"because\"}");
    assertThat(made.status()).isEqualTo(201);
    JsonObject ban = api.get("/v1/bans").array().getJsonObject(0);
    assertThat(ban).isEqualTo(made.object());
    assertThat(ban.fieldNames()).containsExactly("peer", "since", "until", "reason");
    assertThat(ban.getString("peer")).isEqualTo(PEER);
    assertThat(ban.getLong("until") - ban.getLong("since")).isBetween(59_000L, 61_000L);

    assertThat(api.post("/v1/bans", "{\"peer\":\"2a00:1:2:3::7\"}").object().getValue("until"))
        .isNull();
    assertThat(api.method("DELETE", "/v1/bans/2a00:1:2:3::").status()).isEqualTo(204);
    assertThat(api.method("DELETE", "/v1/bans/" + PEER).status()).isEqualTo(204);
    assertThat(api.method("DELETE", "/v1/bans/" + PEER).status()).isEqualTo(404);
    assertThat(api.get("/v1/bans").array()).isEmpty();
  }

  @Test
  void aBannedPeerIsThrownOutToldWhyAndKeptOutUntilItIsUnbanned() throws Exception {
    try (Dolmen bob = Dolmen.builder().name("bob").start()) {
      bob.peers().connect(PeerAddress.parse(api.node().listenAddress().toString()));
      Awaitility.await().until(() -> api.get("/v1/peers").array().size() == 1);

      api.post("/v1/bans", "{\"peer\":\"" + bob.id() + "\"}");

      Awaitility.await().until(() -> api.get("/v1/peers").array().isEmpty());
      JsonObject gone = api.get("/v1/peers/gone").array().getJsonObject(0);
      assertThat(gone.fieldNames())
          .containsExactly("id", "address", "outbound", "at", "code", "reason");
      assertThat(gone.getString("id")).isEqualTo(bob.id().toString());
      assertThat(gone.getString("code")).isEqualTo("NOT_ALLOWED");
      assertThat(gone.getString("reason"))
          .isEqualTo("the operator of this node does not want this peer");
      Awaitility.await()
          .until(() -> bob.peers().dials().get(0).lastFailure().startsWith("NOT_ALLOWED"));

      api.method("DELETE", "/v1/bans/" + bob.id());
      Awaitility.await().until(() -> api.get("/v1/peers").array().size() == 1);
    }
  }

  @Test
  void aBanByAddressHoldsForThisMachineTooAndForWhomThisNodeDials() throws Exception {
    try (Dolmen bob = Dolmen.builder().name("bob").start()) {
      api.post("/v1/peers", "{\"address\":\"" + bob.listenAddress() + "\"}");
      Awaitility.await().until(() -> api.get("/v1/peers").array().size() == 1);

      api.post("/v1/bans", "{\"peer\":\"127.0.0.1\"}");

      Awaitility.await().until(() -> api.get("/v1/peers").array().isEmpty());
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(
                          api.get("/v1/peers/dials")
                              .array()
                              .getJsonObject(0)
                              .getString("lastFailure"))
                      .contains("banned by this node's operator"));
      api.method("DELETE", "/v1/bans/127.0.0.1");
      Awaitility.await().until(() -> api.get("/v1/peers").array().size() == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"peer\":7}",
        "{\"peer\":\"alice\"}",
        "{\"peer\":\"10.0.0.1:8555\"}",
        "{\"peer\":\"10.0.0.1\",\"seconds\":0}",
        "{\"peer\":\"10.0.0.1\",\"seconds\":-1}",
        "{\"peer\":\"10.0.0.1\",\"seconds\":1.5}",
        "{\"peer\":\"10.0.0.1\",\"seconds\":99999999999}",
        "{\"peer\":\"10.0.0.1\",\"seconds\":\"soon\"}",
        "{\"peer\":\"10.0.0.1\",\"reason\":\"a\\nb\"}",
        "{\"peer\":\"10.0.0.1\",\"why\":\"x\"}"
      })
  void refusesWhatIsNoBan(String body) throws Exception {
    LocalApi.Answer answer = api.post("/v1/bans", body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).contains("\"peer\"");
    assertThat(api.get("/v1/bans").array()).isEmpty();
  }

  @Test
  void refusesAReasonThatIsTooLongAndTakesTheLongest() throws Exception {
    String start = "{\"peer\":\"10.0.0.1\",\"reason\":\"";
    assertThat(api.post("/v1/bans", start + "x".repeat(201) + "\"}").status()).isEqualTo(400);
    assertThat(api.post("/v1/bans", start + "x".repeat(200) + "\"}").status()).isEqualTo(201);
    assertThat(api.method("DELETE", "/v1/bans/nonsense").status()).isEqualTo(400);
  }
}
