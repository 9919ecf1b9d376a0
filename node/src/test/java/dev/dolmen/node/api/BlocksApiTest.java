package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BlocksApiTest {

  private static final int LENGTH = 1_005;
  private static final Block GENESIS = NetworkParameters.dev().genesis();

  private final LocalApi api;
  private final List<Block> blocks;

  BlocksApiTest() throws Exception {
    api = LocalApi.start();
    blocks = api.mine(LENGTH);
  }

  @BeforeAll
  void hasAChain() {
    assertThat(blocks).hasSize(LENGTH);
  }

  @AfterAll
  void close() {
    api.close();
  }

  @Test
  void showsEveryFieldOfABlock() throws Exception {
    try (LocalApi other = LocalApi.start()) {
      assertThat(other.post("/v1/transactions", "invoice 17 paid").status()).isEqualTo(202);
      JsonObject block = other.get("/v1/blocks/1").object();
      Block stored =
          other.node().runner().reader().block(other.node().view().tip().hash()).orElseThrow();

      assertThat(block.fieldNames())
          .containsExactly(
              "hash",
              "version",
              "height",
              "timestamp",
              "previousHash",
              "merkleRoot",
              "transactionCount",
              "bits",
              "nonce",
              "work",
              "size",
              "confirmations",
              "transactions");
      assertThat(block.getString("hash")).isEqualTo(stored.hash().toHex());
      assertThat(block.getInteger("version")).isEqualTo(1);
      assertThat(block.getLong("height")).isEqualTo(1);
      assertThat(block.getLong("timestamp")).isEqualTo(stored.header().timestamp());
      assertThat(block.getString("previousHash")).isEqualTo(GENESIS.hash().toHex());
      assertThat(block.getString("merkleRoot")).isEqualTo(stored.header().merkleRoot().toHex());
      assertThat(block.getInteger("transactionCount")).isEqualTo(1);
      assertThat(block.getString("bits")).isEqualTo("207fffff");
      assertThat(block.getString("nonce")).isEqualTo(Long.toString(stored.header().nonce()));
      assertThat(block.getString("work")).isEqualTo("2");
      assertThat(block.getInteger("size")).isEqualTo(stored.size());
      assertThat(block.getLong("confirmations")).isEqualTo(1);
      JsonObject transaction = block.getJsonArray("transactions").getJsonObject(0);
      assertThat(transaction.fieldNames())
          .containsExactly("id", "author", "expiryHeight", "payload", "size", "index");
      assertThat(transaction.getString("id")).isEqualTo(stored.transactions().get(0).id().toHex());
      assertThat(transaction.getString("author")).isEqualTo(other.node().id().toString());
      assertThat(transaction.getLong("expiryHeight")).isEqualTo(250);
      assertThat(Base64.getDecoder().decode(transaction.getString("payload")))
          .asString()
          .isEqualTo("invoice 17 paid");
      assertThat(transaction.getInteger("size")).isEqualTo(109 + 15);
      assertThat(transaction.getInteger("index")).isZero();
    }
  }

  @Test
  void showsTheLatestBlock() throws Exception {
    JsonObject latest = api.get("/v1/blocks/latest").object();

    assertThat(latest.getLong("height")).isEqualTo(LENGTH);
    assertThat(latest.getString("hash")).isEqualTo(blocks.get(LENGTH - 1).hash().toHex());
    assertThat(latest.getLong("confirmations")).isEqualTo(1);
    assertThat(api.get("/v1/blocks/latest").object()).isEqualTo(latest);
  }

  @Test
  void findsABlockByHeightAndByHash() throws Exception {
    Block block = blocks.get(6);

    JsonObject byHeight = api.get("/v1/blocks/7").object();
    assertThat(byHeight.getString("hash")).isEqualTo(block.hash().toHex());
    assertThat(byHeight.getLong("confirmations")).isEqualTo(LENGTH - 7 + 1);
    assertThat(api.get("/v1/blocks/" + block.hash().toHex()).object()).isEqualTo(byHeight);
    assertThat(api.get("/v1/blocks/0").object().getString("hash"))
        .isEqualTo(GENESIS.hash().toHex());
  }

  @Test
  void servesCanonicalBytes() throws Exception {
    for (String name : List.of("7", blocks.get(6).hash().toHex())) {
      LocalApi.Answer raw = api.get("/v1/blocks/" + name + "/raw");
      assertThat(raw.header("Content-Type")).isEqualTo("application/octet-stream");
      assertThat(raw.body()).isEqualTo(blocks.get(6).toBytes());
    }
    assertThat(api.get("/v1/blocks/latest/raw").body()).isEqualTo(blocks.get(LENGTH - 1).toBytes());
  }

  @Test
  void showsNothingBeyondTheTip() throws Exception {
    assertThat(api.get("/v1/blocks/" + LENGTH).status()).isEqualTo(200);
    assertThat(api.get("/v1/blocks/" + (LENGTH + 1)).problem())
        .contains("ends at height " + LENGTH);
    assertThat(api.get("/v1/blocks/" + (LENGTH + 1)).status()).isEqualTo(404);
    assertThat(api.get("/v1/blocks/" + (LENGTH + 1) + "/raw").status()).isEqualTo(404);
    assertThat(api.get("/v1/blocks/9223372036854775807").status()).isEqualTo(404);
    assertThat(api.get("/v1/blocks/99999999999999999999999").status()).isEqualTo(404);
    assertThat(api.get("/v1/blocks/" + "ab".repeat(32)).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "abc", "+1", "1e3", "0x10", "ABCDEF", "%20", "%00", "%F0"})
  void refusesWhatNamesNoBlock(String name) throws Exception {
    LocalApi.Answer answer = api.get("/v1/blocks/" + name);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).isNotEmpty();
    assertThat(api.get("/v1/blocks/" + name + "/raw").status()).isEqualTo(400);
  }

  @Test
  void refusesAHashOfTheWrongLengthOrCase() throws Exception {
    String hash = blocks.get(6).hash().toHex();
    assertThat(api.get("/v1/blocks/" + hash.substring(1) + "g").status()).isEqualTo(400);
    assertThat(api.get("/v1/blocks/a" + hash).status()).isEqualTo(400);
    assertThat(api.get("/v1/blocks/" + "AB".repeat(32)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0, 20",
    "?from=1000, 1000, 6",
    "?from=1005, 1005, 1",
    "?from=3&limit=2, 3, 2",
    "?limit=1, 0, 1",
    "?limit=1000, 0, 1000",
    "?from=5&limit=1000, 5, 1000",
    "?from=6&limit=1000, 6, 1000",
    "?from=7&limit=1000, 7, 999",
  })
  void listsBlocksAscending(String query, long first, int count) throws Exception {
    JsonArray list = api.get("/v1/blocks" + query).array();

    assertThat(list).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(list.getJsonObject(i).getLong("height")).isEqualTo(first + i);
      assertThat(list.getJsonObject(i).getLong("confirmations"))
          .isEqualTo(LENGTH - (first + i) + 1);
    }
  }

  @Test
  void listsHeadersAloneIfAskedTo() throws Exception {
    JsonArray whole = api.get("/v1/blocks?from=7&limit=3&transactions=true").array();
    for (Object block : whole) {
      ((JsonObject) block).remove("size");
      ((JsonObject) block).remove("transactions");
    }

    assertThat(api.get("/v1/blocks?from=7&limit=3&transactions=false").array()).isEqualTo(whole);
  }

  @Test
  void listsNothingBeyondTheTip() throws Exception {
    assertThat(api.get("/v1/blocks?from=1006").array()).isEmpty();
    assertThat(api.get("/v1/blocks?from=9223372036854775807").array()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=1001",
        "limit=0",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=",
        "limit=ten",
        "limit=1e100000000",
        "limit=1&limit=2",
        "from=-1",
        "from=9223372036854775808",
        "from=1.0",
        "transactions=no",
        "transactions=",
        "from=%zz"
      })
  void refusesLimitsAndHeightsOutOfRange(String query) throws Exception {
    int status = api.status("GET /v1/blocks?" + query + " HTTP/1.1", "Host: localhost");
    assertThat(status).isEqualTo(400);
  }

  @Test
  void streamsAListThatIsLargerThanOnePiece() throws Exception {
    try (LocalApi other = LocalApi.start()) {
      for (int i = 0; i < 8; i++) {
        byte[] payload = new byte[100_000];
        payload[0] = (byte) i;
        assertThat(other.post("/v1/transactions", payload).status()).isEqualTo(202);
      }
      LocalApi.Answer answer = other.get("/v1/blocks");

      assertThat(answer.header("Transfer-Encoding")).isEqualTo("chunked");
      assertThat(answer.body()).hasSizeGreaterThan(4 * HttpLimits.PIECE_BYTES);
      assertThat(answer.array()).hasSize(9);
      String author = other.node().id().toString();
      assertThat(other.get("/v1/transactions?author=" + author).array()).hasSize(8);
      assertThat(other.method("HEAD", "/v1/blocks").status()).isEqualTo(200);
      try (RawClient old = other.raw()) {
        old.send("GET /v1/blocks HTTP/1.0\r\nHost: localhost\r\n\r\n");
        String whole = old.rest();
        assertThat(new JsonArray(whole.substring(whole.indexOf("\r\n\r\n")))).hasSize(9);
      }
      assertThat(other.get("/v1/blocks/1").status()).isEqualTo(200);
    }
  }

  @Test
  void makesABlockOnDemand() throws Exception {
    try (LocalApi other = LocalApi.start()) {
      LocalApi.Answer made = other.post("/v1/blocks", "ignored");

      assertThat(made.status()).isEqualTo(201);
      assertThat(made.object().getLong("height")).isEqualTo(1);
      assertThat(made.object().getLong("confirmations")).isEqualTo(1);
      assertThat(other.get("/v1/blocks/latest").object()).isEqualTo(made.object());
      assertThat(other.get("/v1/status").object().getLong("height")).isEqualTo(1);
    }
  }

  @Test
  void makesNoBlockWhereTheTargetIsNotFixed() throws Exception {
    try (LocalApi other = LocalApi.start("alice", Blocks.retargeting())) {
      LocalApi.Answer refused = other.post("/v1/blocks", "");

      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.problem()).contains("--mine");
    }
  }

  @Test
  void answersHeadWithTheHeadersOfGet() throws Exception {
    LocalApi.Answer head = api.method("HEAD", "/v1/blocks/7");
    LocalApi.Answer get = api.get("/v1/blocks/7");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
    assertThat(head.header("Content-Type")).isEqualTo("application/json");
  }
}
