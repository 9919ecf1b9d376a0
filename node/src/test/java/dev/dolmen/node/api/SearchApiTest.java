package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.Dolmen;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchApiTest {

  private final LocalApi api;

  SearchApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static JsonObject found(String kind, String name) {
    return new JsonObject().put("kind", kind).put("name", name);
  }

  @Test
  void findsABlockByHeightAndByHash() throws Exception {
    Block tip = api.mine(2).get(1);
    JsonArray block = new JsonArray().add(found("block", tip.hash().toHex()));

    assertThat(api.get("/v1/search?q=2").array()).isEqualTo(block);
    assertThat(api.get("/v1/search?q=%202%20").array()).isEqualTo(block);
    assertThat(api.get("/v1/search?q=" + tip.hash().toHex()).array()).isEqualTo(block);
    assertThat(api.get("/v1/search?q=3").array()).isEmpty();
  }

  @Test
  void findsAnEntryAndItsAuthorWhoIsThisNodeToo() throws Exception {
    JsonObject taken = api.post("/v1/transactions", "invoice 17 paid").object();
    String author = taken.getString("author");

    assertThat(api.get("/v1/search?q=" + taken.getString("id")).array())
        .isEqualTo(new JsonArray().add(found("transaction", taken.getString("id"))));
    assertThat(api.get("/v1/search?q=" + author).array())
        .isEqualTo(new JsonArray().add(found("author", author)).add(found("peer", author)));
  }

  @Test
  void findsAnEntryThatIsPending() throws Exception {
    NetworkParameters mined = Blocks.retargeting();
    try (LocalApi other = LocalApi.start("bob", mined)) {
      String id = other.post("/v1/transactions", "waits").object().getString("id");

      assertThat(other.get("/v1/search?q=" + id).array())
          .isEqualTo(new JsonArray().add(found("transaction", id)));
    }
  }

  @Test
  void findsAPeer() throws Exception {
    try (Dolmen bob = Dolmen.builder().connect(api.node().listenAddress().toString()).start()) {
      String id = bob.id().toString();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(api.get("/v1/search?q=" + id).array())
                      .isEqualTo(new JsonArray().add(found("peer", id))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"invoice", "-1", "99999999999999999999", "%3Cscript%3E"})
  void whatNamesNothingFindsNothing(String text) throws Exception {
    assertThat(api.get("/v1/search?q=" + text).array()).isEmpty();
    assertThat(api.get("/v1/search?q=" + "ab".repeat(32)).array()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?q=", "?q=%20", "?q=1&q=2"})
  void wantsToKnowWhatFor(String query) throws Exception {
    assertThat(api.get("/v1/search" + query).status()).isEqualTo(400);
  }
}
