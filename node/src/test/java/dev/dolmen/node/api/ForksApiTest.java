package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.node.Dolmen;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForksApiTest {

  private final LocalApi api;

  ForksApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void aChainWithoutForksHasNone() throws Exception {
    Block tip = api.mine(3).get(2);

    assertThat(api.get("/v1/forks").object())
        .isEqualTo(
            new JsonObject()
                .put("height", 3)
                .put("hash", tip.hash().toHex())
                .put("work", "8")
                .put("forks", new JsonArray())
                .put("reorgs", new JsonArray()));
  }

  @Test
  void aReorganisationIsToldAndWhatItLeftIsAFork() throws Exception {
    List<Block> left = api.mine(2);
    List<Block> came;
    try (Dolmen bob = Dolmen.builder().start()) {
      came = LocalApi.mine(bob, 3);
      api.post("/v1/peers", "{\"address\":\"" + bob.listenAddress() + "\"}");
      Awaitility.await().until(() -> api.node().view().tip().hash().equals(came.get(2).hash()));
    }

    JsonObject answer = api.get("/v1/forks").object();

    String genesis = api.node().network().genesisHash().toHex();
    JsonObject fork = answer.getJsonArray("forks").getJsonObject(0);
    assertThat(answer.getJsonArray("forks")).hasSize(1);
    assertThat(fork.fieldNames())
        .containsExactly("height", "hash", "work", "length", "forkHeight", "forkHash", "blocks");
    assertThat(fork.getString("hash")).isEqualTo(left.get(1).hash().toHex());
    assertThat(fork.getString("work")).isEqualTo("6");
    assertThat(fork.getInteger("length")).isEqualTo(2);
    assertThat(fork.getInteger("forkHeight")).isZero();
    assertThat(fork.getString("forkHash")).isEqualTo(genesis);
    assertThat(fork.getJsonArray("blocks"))
        .isEqualTo(new JsonArray().add(header(left.get(1))).add(header(left.get(0))));
    assertThat(answer.getJsonArray("reorgs")).isNotEmpty();
    JsonObject oldest =
        answer.getJsonArray("reorgs").getJsonObject(answer.getJsonArray("reorgs").size() - 1);
    assertThat(oldest.fieldNames())
        .containsExactly(
            "time",
            "forkHeight",
            "oldHeight",
            "oldHash",
            "height",
            "hash",
            "disconnectedCount",
            "disconnected",
            "connectedCount",
            "connected");
    assertThat(oldest.getString("oldHash")).isEqualTo(left.get(1).hash().toHex());
    assertThat(oldest.getInteger("forkHeight")).isZero();
    assertThat(oldest.getJsonArray("disconnected"))
        .isEqualTo(new JsonArray().add(left.get(1).hash().toHex()).add(left.get(0).hash().toHex()));
    assertThat(oldest.getJsonArray("connected").getString(0)).isEqualTo(came.get(0).hash().toHex());
  }

  private static JsonObject header(Block block) {
    return new JsonObject()
        .put("height", (int) block.height())
        .put("hash", block.hash().toHex())
        .put("timestamp", block.header().timestamp())
        .put("transactionCount", 0);
  }

  @Test
  void aLongForkIsToldByItsLastBlocks() throws Exception {
    int longer = HttpLimits.MAX_FORK_BLOCKS + 1;
    List<Block> left = api.mine(longer);
    try (Dolmen bob = Dolmen.builder().start()) {
      List<Block> came = LocalApi.mine(bob, longer + 1);
      api.post("/v1/peers", "{\"address\":\"" + bob.listenAddress() + "\"}");
      Awaitility.await()
          .until(() -> api.node().view().tip().hash().equals(came.get(longer).hash()));
    }

    JsonObject fork = api.get("/v1/forks?limit=1").object().getJsonArray("forks").getJsonObject(0);

    assertThat(fork.getString("hash")).isEqualTo(left.get(longer - 1).hash().toHex());
    assertThat(fork.getInteger("length")).isEqualTo(longer);
    assertThat(fork.getInteger("forkHeight")).isZero();
    assertThat(fork.getJsonArray("blocks")).hasSize(HttpLimits.MAX_FORK_BLOCKS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "many"})
  void refusesLimitsOutOfRange(String limit) throws Exception {
    LocalApi.Answer answer = api.get("/v1/forks?limit=" + limit);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).contains("from 1 to 100");
  }

  @Test
  void takesTheLargestLimit() throws Exception {
    assertThat(api.get("/v1/forks?limit=100").status()).isEqualTo(200);
  }
}
