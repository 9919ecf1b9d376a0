package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.node.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionsApiTest {

  private static final String SIGNED = TransactionEndpoints.SIGNED;

  private final LocalApi api;

  TransactionsApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void signsAPayloadOfAnyContentType() throws Exception {
    for (String type :
        new String[] {"text/plain", "application/x-www-form-urlencoded", "image/png", "nonsense"}) {
      LocalApi.Answer answer = api.post("/v1/transactions", type, ("as " + type).getBytes(UTF_8));

      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.object().fieldNames()).containsExactly("id", "author", "expiryHeight");
      assertThat(answer.object().getString("author")).isEqualTo(api.node().id().toString());
    }
  }

  @Test
  void showsEveryFieldOfAnIncludedTransaction() throws Exception {
    JsonObject accepted = api.post("/v1/transactions?expiry=99", "invoice 17 paid").object();
    api.mine(2);
    JsonObject shown = api.get("/v1/transactions/" + accepted.getString("id")).object();

    assertThat(shown.fieldNames())
        .containsExactly(
            "id",
            "author",
            "expiryHeight",
            "payload",
            "size",
            "state",
            "height",
            "hash",
            "index",
            "confirmations");
    assertThat(shown.getString("id")).isEqualTo(accepted.getString("id"));
    assertThat(shown.getString("author")).isEqualTo(api.node().id().toString());
    assertThat(shown.getLong("expiryHeight")).isEqualTo(99);
    assertThat(Base64.getDecoder().decode(shown.getString("payload")))
        .asString()
        .isEqualTo("invoice 17 paid");
    assertThat(shown.getInteger("size")).isEqualTo(124);
    assertThat(shown.getString("state")).isEqualTo("included");
    assertThat(shown.getLong("height")).isEqualTo(1);
    assertThat(shown.getString("hash"))
        .isEqualTo(api.get("/v1/blocks/1").object().getString("hash"));
    assertThat(shown.getInteger("index")).isZero();
    assertThat(shown.getLong("confirmations")).isEqualTo(3);
  }

  @Test
  void saysWhereItIsWhenItIsIncludedAlready() throws Exception {
    JsonObject accepted = api.post("/v1/transactions?expiry=99", "once").object();
    LocalApi.Answer again = api.post("/v1/transactions?expiry=99", "once");

    assertThat(again.status()).isEqualTo(409);
    assertThat(again.problem()).contains("block 1");
    assertThat(again.object().getString("id")).isEqualTo(accepted.getString("id"));
    assertThat(again.object().getLong("height")).isEqualTo(1);
    assertThat(again.object().getString("hash")).hasSize(64);
    assertThat(again.object().getInteger("index")).isZero();
    assertThat(again.object().getLong("confirmations")).isEqualTo(1);
  }

  @Test
  void showsWhatIsPendingAndAnswersTheSameAgain() throws Exception {
    try (LocalApi slow = LocalApi.start("alice", Blocks.retargeting())) {
      LocalApi.Answer first = slow.post("/v1/transactions?expiry=99", "waits");
      LocalApi.Answer again = slow.post("/v1/transactions?expiry=99", "waits");
      String id = first.object().getString("id");
      JsonObject shown = slow.get("/v1/transactions/" + id).object();
      JsonObject pool = slow.get("/v1/mempool").object();

      assertThat(first.status()).isEqualTo(202);
      assertThat(again.status()).isEqualTo(202);
      assertThat(again.object()).isEqualTo(first.object());
      assertThat(shown.fieldNames())
          .containsExactly("id", "author", "expiryHeight", "payload", "size", "state");
      assertThat(shown.getString("state")).isEqualTo("pending");
      assertThat(pool.fieldNames()).containsExactly("count", "bytes", "next", "transactions");
      assertThat(pool.getInteger("count")).isEqualTo(1);
      assertThat(pool.getLong("bytes")).isEqualTo(109 + 5);
      assertThat(pool.getJsonArray("transactions").getJsonObject(0)).isEqualTo(shown);
      assertThat(
              slow.get("/v1/status").object().getJsonObject("mempool").getInteger("transactions"))
          .isEqualTo(1);
      assertThat(slow.get("/v1/mempool?limit=1001").status()).isEqualTo(400);
    }
  }

  @Test
  void listsWhatIsPendingPartByPart() throws Exception {
    try (LocalApi slow = LocalApi.start("alice", Blocks.retargeting())) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.add(slow.post("/v1/transactions", "entry " + i).object().getString("id"));
      }
      List<String> seen = new ArrayList<>();
      String path = "/v1/mempool?limit=2";
      String next = "";
      for (int parts = 1; next != null; parts++) {
        JsonObject part = slow.get(path + next).object();
        part.getJsonArray("transactions")
            .forEach(entry -> seen.add(((JsonObject) entry).getString("id")));
        assertThat(part.getInteger("count")).isEqualTo(5);
        assertThat(parts).isLessThanOrEqualTo(3);
        next = part.getString("next") == null ? null : "&after=" + part.getString("next");
      }

      assertThat(seen).isEqualTo(ids);
      for (String nonsense : List.of("", "1", "-1", "zzzzzzzzzzzzzzzz", "00000000000000001")) {
        assertThat(slow.get(path + "&after=" + nonsense).status()).isEqualTo(400);
      }
    }
  }

  @Test
  void takesATransactionThatIsSignedAlready() throws Exception {
    Transaction transaction = Blocks.transaction("carol", "signed elsewhere", 100);
    LocalApi.Answer answer = api.post("/v1/transactions", SIGNED, transaction.toBytes());

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.object().getString("id")).isEqualTo(transaction.id().toHex());
    assertThat(answer.object().getString("author")).isEqualTo(transaction.author().toHex());
    assertThat(answer.object().getLong("expiryHeight")).isEqualTo(100);
    assertThat(api.post("/v1/transactions", SIGNED, transaction.toBytes()).status()).isEqualTo(409);
  }

  @Test
  void givesTheCanonicalBytesOfWhatIsPendingAndOfWhatIsIncluded() throws Exception {
    NetworkParameters mined = NetworkParameters.dev().toBuilder().fixedTarget(false).build();
    try (LocalApi other = LocalApi.start("bob", mined)) {
      for (LocalApi each : List.of(api, other)) {
        Transaction signed =
            Blocks.on(each.node().network()).signed(Blocks.ALICE, "signed elsewhere", 5);
        String id =
            each.post("/v1/transactions", SIGNED, signed.toBytes()).object().getString("id");

        LocalApi.Answer raw = each.get("/v1/transactions/" + id + "/raw");

        assertThat(raw.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(raw.body()).isEqualTo(signed.toBytes());
      }
      assertThat(other.get("/v1/mempool").object().getInteger("count")).isEqualTo(1);
    }
    assertThat(api.get("/v1/transactions/" + "ab".repeat(32) + "/raw").status()).isEqualTo(404);
  }

  @Test
  void refusesASignatureThatDoesNotHold() throws Exception {
    byte[] forged = Blocks.transaction("carol", "signed elsewhere", 100).toBytes();
    forged[forged.length - 1] ^= 1;
    LocalApi.Answer answer = api.post("/v1/transactions", SIGNED, forged);

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.problem()).isNotEmpty();
  }

  @Test
  void refusesBytesThatAreNoTransaction() throws Exception {
    byte[] bytes = Blocks.transaction("carol", "signed elsewhere", 100).toBytes();

    assertThat(api.post("/v1/transactions", SIGNED, new byte[0]).status()).isEqualTo(400);
    assertThat(
            api.post("/v1/transactions", SIGNED, Arrays.copyOf(bytes, bytes.length - 1)).status())
        .isEqualTo(400);
    assertThat(
            api.post("/v1/transactions", SIGNED, Arrays.copyOf(bytes, bytes.length + 1)).status())
        .isEqualTo(400);
    assertThat(api.post("/v1/transactions?expiry=100", SIGNED, bytes).problem())
        .contains("own expiry");
  }

  @Test
  void takesPayloadsUpToTheirLimit() throws Exception {
    assertThat(api.post("/v1/transactions", new byte[100_000]).status()).isEqualTo(202);
    assertThat(api.post("/v1/transactions", new byte[100_001]).status()).isEqualTo(413);
    assertThat(api.post("/v1/transactions", new byte[100_001]).problem()).contains("100000 bytes");
    assertThat(api.post("/v1/transactions", new byte[0]).status()).isEqualTo(202);
  }

  @Test
  void takesSignedTransactionsUpToTheirLimit() throws Exception {
    Transaction largest =
        Blocks.transaction(Blocks.key("carol"), Bytes.wrap(new byte[100_000]), 100);

    assertThat(api.post("/v1/transactions", SIGNED, largest.toBytes()).status()).isEqualTo(202);
    assertThat(api.post("/v1/transactions", SIGNED, new byte[100_110]).status()).isEqualTo(413);
  }

  @Test
  void keepsExpiryWithinItsWindow() throws Exception {
    api.mine(10);
    long furthest = 10 + 1 + 256 + 64;

    assertThat(api.post("/v1/transactions?expiry=10", "a").status()).isEqualTo(422);
    assertThat(api.post("/v1/transactions?expiry=10", "a").problem()).contains("expiry 10");
    assertThat(api.post("/v1/transactions?expiry=" + furthest, "c").status()).isEqualTo(202);
    assertThat(api.post("/v1/transactions?expiry=" + (furthest + 100), "d").status())
        .isEqualTo(422);
    long tip = api.get("/v1/status").object().getLong("height");
    assertThat(api.post("/v1/transactions?expiry=" + (tip + 1), "b").status()).isEqualTo(202);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "", "1.0", "9223372036854775808", "1&expiry=2"})
  void refusesAnExpiryThatIsNoHeight(String expiry) throws Exception {
    assertThat(api.post("/v1/transactions?expiry=" + expiry, "a").status()).isEqualTo(400);
  }

  @Test
  void refusesAnAuthorWhoMayNotWrite() throws Exception {
    NetworkParameters closed =
        NetworkParameters.dev().toBuilder()
            .authors(List.of(Blocks.key("carol").publicKey()))
            .build();
    try (LocalApi other = LocalApi.start("alice", closed)) {
      assertThat(other.post("/v1/transactions", "not mine to say").status()).isEqualTo(422);
    }
  }

  @Test
  void saysWhatItDoesNotKnow() throws Exception {
    assertThat(api.get("/v1/transactions/" + "ab".repeat(32)).status()).isEqualTo(404);
    assertThat(api.get("/v1/transactions/" + "ab".repeat(32)).problem()).contains("submit it");
    assertThat(api.get("/v1/transactions/xyz").status()).isEqualTo(400);
    assertThat(api.get("/v1/transactions/" + "AB".repeat(32)).status()).isEqualTo(400);
  }

  @Test
  void listsWhatAnAuthorWrote() throws Exception {
    for (int i = 0; i < 25; i++) {
      assertThat(api.post("/v1/transactions", "entry " + i).status()).isEqualTo(202);
    }
    api.post("/v1/transactions", SIGNED, Blocks.transaction("carol", "another's", 100).toBytes());
    String author = "/v1/transactions?author=" + api.node().id();
    JsonArray all = api.get(author + "&limit=1000").array();

    assertThat(all).hasSize(25);
    assertThat(api.get(author).array()).hasSize(20);
    assertThat(api.get(author + "&from=24").array()).hasSize(2);
    assertThat(api.get(author + "&from=2&limit=1").array().getJsonObject(0))
        .isEqualTo(all.getJsonObject(1));
    assertThat(all.getJsonObject(24).getLong("height")).isEqualTo(25);
    assertThat(
            api.get("/v1/transactions/" + all.getJsonObject(24).getString("id"))
                .object()
                .getString("payload"))
        .isEqualTo(all.getJsonObject(24).getString("payload"));
    assertThat(api.get("/v1/transactions?author=" + "ab".repeat(32)).array()).isEmpty();
  }

  @Test
  void listsOnWithinABlock() throws Exception {
    List<Transaction> entries = new ArrayList<>();
    for (int i = 0; i < 45; i++) {
      entries.add(Blocks.transaction(i % 9 == 0 ? "dave" : "carol", "entry " + i, 100));
    }
    Block block = Blocks.childOf(Blocks.genesis()).withTransactions(entries).build();
    api.node().runner().ask((node, now) -> new Answer<>(block, node.onMined(block, now))).join();
    api.post("/v1/transactions", SIGNED, Blocks.transaction("carol", "later", 100).toBytes());
    String author = "/v1/transactions?author=" + Blocks.key("carol").publicKey();
    JsonArray all = api.get(author + "&limit=1000").array();
    assertThat(all).hasSize(41);

    JsonArray listed = new JsonArray();
    String next = "";
    for (JsonArray page = null; page == null || page.size() == 17; ) {
      page = api.get(author + "&limit=17" + next).array();
      JsonObject last = page.getJsonObject(page.size() - 1);
      next = "&from=" + last.getLong("height") + "&index=" + (last.getLong("index") + 1);
      listed.addAll(page);
    }
    assertThat(listed).isEqualTo(all);
    assertThat(api.get(author + next).array()).isEmpty();
    assertThat(api.get(author + "&from=1&index=2147483647").array()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?author=",
        "?author=xyz",
        "?author=AUTHOR&limit=1001",
        "?author=AUTHOR&from=-1",
        "?author=AUTHOR&from=1&index=-1",
        "?author=AUTHOR&from=1&index=2147483648"
      })
  void refusesAListOfNobodyOrWithoutBounds(String query) throws Exception {
    String asked = query.replace("AUTHOR", api.node().id().toString());
    assertThat(api.get("/v1/transactions" + asked).status()).isEqualTo(400);
  }
}
