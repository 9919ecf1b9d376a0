package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.core.proof.ProofVerdict;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProofApiTest {

  private final LocalApi api;

  ProofApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  private String submit(String text) throws Exception {
    return api.post("/v1/transactions", text).object().getString("id");
  }

  private static ProofVerdict.Valid valid(LocalApi.Answer answer, ChainPoint... trusted) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    ProofVerdict verdict =
        ProofFile.check(
            answer.body(), NetworkParameters.dev(), List.of(trusted).stream().findFirst());
    assertThat(verdict).isInstanceOf(ProofVerdict.Valid.class);
    return (ProofVerdict.Valid) verdict;
  }

  @Test
  void provesAnEntryFromGenesisToTheTip() throws Exception {
    api.mine(2);
    String id = submit("invoice 17 paid");
    Block tip = api.mine(1).get(0);

    ProofVerdict.Valid proof = valid(api.get("/v1/transactions/" + id + "/proof"));

    assertThat(proof.transaction().id().toHex()).isEqualTo(id);
    assertThat(proof.block().height()).isEqualTo(3);
    assertThat(proof.isFromGenesis()).isTrue();
    assertThat(proof.tip()).isEqualTo(new ChainPoint(4, tip.hash()));
  }

  @Test
  void takesHeadersFromTheCheckpointToTheTipThatIsAskedFor() throws Exception {
    List<Block> before = api.mine(4);
    String id = submit("invoice 17 paid");
    api.mine(3);
    ChainPoint trusted = new ChainPoint(3, before.get(2).hash());

    ProofVerdict.Valid proof =
        valid(api.get("/v1/transactions/" + id + "/proof?checkpoint=3&tip=6"), trusted);

    assertThat(proof.anchor()).isEqualTo(trusted);
    assertThat(proof.tip().height()).isEqualTo(6);
    assertThat(
            valid(
                    api.get("/v1/transactions/" + id + "/proof?checkpoint=5&tip=5"),
                    new ChainPoint(5, proof.block().hash()))
                .confirmations())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?checkpoint=6 | the entry is in block 5",
        "?tip=4 | the entry is in block 5",
        "?tip=9 | the chain ends at height 8",
        "?checkpoint=-1 | 'checkpoint' must be a whole number",
        "?checkpoint=5:ab | 'checkpoint' must be a whole number",
        "?tip=x | 'tip' must be a whole number",
        "?tip=5&tip=6 | 'tip' is given 2 times",
      })
  void refusesPlacesThatLeaveTheEntryOut(String query, String sentence) throws Exception {
    api.mine(4);
    String id = submit("invoice 17 paid");
    api.mine(3);

    LocalApi.Answer answer = api.get("/v1/transactions/" + id + "/proof" + query);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.problem()).contains(sentence);
  }

  @Test
  void saysThatNobodyKnowsTheEntry() throws Exception {
    String unknown = "ab".repeat(32);

    assertThat(api.get("/v1/transactions/" + unknown + "/proof").status()).isEqualTo(404);
    assertThat(api.get("/v1/transactions/ab/proof").status()).isEqualTo(400);
    assertThat(api.method("POST", "/v1/transactions/" + unknown + "/proof").status())
        .isEqualTo(405);
  }

  @Test
  void cannotProveWhatIsPending() throws Exception {
    try (LocalApi slow = LocalApi.start("alice", Blocks.retargeting())) {
      String id = slow.post("/v1/transactions", "waits").object().getString("id");

      LocalApi.Answer answer = slow.get("/v1/transactions/" + id + "/proof");

      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.problem()).contains("in no block yet");
    }
  }

  @Test
  void servesTenThousandHeadersAndNotOneMore() throws Exception {
    String id = submit("deep down");
    api.mine(ProofFile.MAX_HEADERS - 2);
    String path = "/v1/transactions/" + id + "/proof";
    LocalApi.Answer longest = api.get(path);
    Block last = api.mine(1).get(0);

    assertThat(valid(longest).confirmations()).isEqualTo(ProofFile.MAX_HEADERS - 1);
    LocalApi.Answer refused = api.get(path);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.problem())
        .contains("from block 0 to block 10000 there are 10001 headers")
        .contains("the entry is in block 1: name a '?checkpoint'");
    ProofVerdict.Valid fromOne =
        valid(api.get(path + "?checkpoint=1"), new ChainPoint(1, valid(longest).block().hash()));
    assertThat(fromOne.tip()).isEqualTo(new ChainPoint(10_000, last.hash()));
  }
}
