package dev.dolmen.core.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.Vectors;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProofFileTest {
  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final byte[] GOOD = ProofCases.invoice().file().toBytes();

  private static ProofVerdict check(byte[] file) {
    return ProofFile.check(file, DEV, Optional.empty());
  }

  private static boolean holds(byte[] file) {
    return check(file) instanceof ProofVerdict.Valid;
  }

  static Stream<ProofCase> cases() {
    return ProofCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyCaseIsJudgedAsItsNameSays(ProofCase each) {
    ProofVerdict verdict = each.check();

    if (each.brokenAt().isEmpty()) {
      assertThat(verdict).isInstanceOf(ProofVerdict.Valid.class);
    } else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              ProofVerdict.Invalid.class,
              invalid -> {
                assertThat(invalid.step()).as(invalid.reason()).isEqualTo(each.brokenAt().get());
                assertThat(invalid.reason()).isNotBlank().doesNotContain("\n");
                assertThat(invalid.findings()).noneMatch(found -> found.step() == ProofStep.WORK);
              });
    }
  }

  /**
   * Written anew beside the stored ones, so that an intended change can be looked at and copied.
   */
  @Test
  void theStoredCasesAreTheseVeryOnes() throws IOException {
    Gson gson =
        new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();
    JsonObject all = new JsonObject();
    all.addProperty(
        "about",
        "Proof files, what each is held against, and what is said of it: docs/protocol.md#proof-file."
            + " A file's characters are its bytes (ISO 8859-1).");
    all.add("cases", gson.toJsonTree(ProofCases.all().stream().map(ProofCase::toJson).toList()));
    Files.writeString(Path.of("target/proofs.json"), gson.toJson(all) + "\n", UTF_8);

    assertThat(all)
        .as("target/proofs.json and src/test/resources/proofs.json")
        .isEqualTo(Vectors.resource("/proofs.json"));
  }

  @Test
  void whatIsReadIsWrittenAgain() throws Exception {
    ProofFile file = ProofFile.parse(GOOD);

    assertThat(file.toBytes()).isEqualTo(GOOD);
    assertThat(file).isEqualTo(ProofCases.invoice().file());
    assertThat(file.anchor()).isEqualTo(new ChainPoint(0, DEV.genesisHash()));
  }

  @Test
  void theVerdictSaysWhatIsProved() {
    assertThat(check(GOOD))
        .isInstanceOfSatisfying(
            ProofVerdict.Valid.class,
            valid -> {
              assertThat(valid.transaction().author()).isEqualTo(Blocks.ALICE.publicKey());
              assertThat(valid.transaction().payload().toByteArray())
                  .isEqualTo("invoice 17 paid".getBytes(UTF_8));
              assertThat(valid.block().height()).isEqualTo(2);
              assertThat(valid.index()).isZero();
              assertThat(valid.isFromGenesis()).isTrue();
              assertThat(valid.anchor()).isEqualTo(new ChainPoint(0, DEV.genesisHash()));
              assertThat(valid.tip().height()).isEqualTo(5);
              assertThat(valid.confirmations()).isEqualTo(4);
              // Blocks 2 to 5 of dev, two hashes each.
              assertThat(valid.work()).hasToString("8");
            });
  }

  @Test
  void everyStepIsFoundInItsOrder() {
    List<ProofStep> steps =
        check(GOOD).findings().stream().map(ProofVerdict.Finding::step).distinct().toList();

    assertThat(steps)
        .isEqualTo(Arrays.stream(ProofStep.values()).filter(s -> s != ProofStep.FORM).toList());
  }

  @Test
  void everyBitMatters() {
    for (int place = 0; place < GOOD.length; place++) {
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        byte[] changed = GOOD.clone();
        changed[place] ^= (byte) (1 << bit);
        assertThat(holds(changed)).as("byte %s, bit %s", place, bit).isFalse();
      }
    }
  }

  @Test
  void everyHexDigitMattersWhateverReplacesIt() {
    for (int place = 0; place < GOOD.length; place += 7) {
      for (byte other : "0123456789abcdefABCDEF \"".getBytes(ISO_8859_1)) {
        byte[] changed = GOOD.clone();
        changed[place] = other;
        assertThat(holds(changed)).as("byte %s", place).isEqualTo(other == GOOD[place]);
      }
    }
  }

  @Test
  void everyCutAndEveryAdditionIsSeen() {
    for (int length = 0; length < GOOD.length; length++) {
      assertThat(holds(Arrays.copyOf(GOOD, length))).as("cut to %s", length).isFalse();
    }
    for (int place = 0; place <= GOOD.length; place++) {
      for (byte more : "0 \n".getBytes(ISO_8859_1)) {
        byte[] longer = new byte[GOOD.length + 1];
        System.arraycopy(GOOD, 0, longer, 0, place);
        longer[place] = more;
        System.arraycopy(GOOD, place, longer, place + 1, GOOD.length - place);
        assertThat(holds(longer)).as("byte %s added at %s", more, place).isFalse();
      }
    }
    for (int place = 0; place < GOOD.length; place++) {
      byte[] shorter = new byte[GOOD.length - 1];
      System.arraycopy(GOOD, 0, shorter, 0, place);
      System.arraycopy(GOOD, place + 1, shorter, place, shorter.length - place);
      assertThat(holds(shorter)).as("without byte %s", place).isFalse();
    }
  }

  @Test
  void otherEncodingsOfTheSameTextAreRefused() {
    String text = new String(GOOD, ISO_8859_1);

    assertThat(holds(text.getBytes(UTF_16))).isFalse();
    assertThat(holds(("\ufeff" + text).getBytes(UTF_8))).isFalse();
    assertThat(holds(text.toUpperCase(Locale.ROOT).getBytes(UTF_8))).isFalse();
  }

  @Test
  void noiseIsRefusedAndNeverAnError() {
    SplittableRandom random = new SplittableRandom(17);
    byte[][] pieces =
        Stream.of("{\"kind\":\"dolmen/proof/1\"", "\"", ",", "0", "ff", "]}", "[", "\u00e9", ":")
            .map(piece -> piece.getBytes(ISO_8859_1))
            .toArray(byte[][]::new);
    for (int i = 0; i < 2_000; i++) {
      byte[] file = GOOD.clone();
      for (int times = random.nextInt(1, 4); times > 0; times--) {
        byte[] piece = pieces[random.nextInt(pieces.length)];
        int place = random.nextInt(file.length - piece.length);
        System.arraycopy(piece, 0, file, place, piece.length);
      }
      assertThat(holds(file)).as("try %s", i).isEqualTo(Arrays.equals(file, GOOD));
    }
  }

  @Test
  void aFileMayHaveTenThousandHeadersAndNotOneMore() throws Exception {
    List<BlockHeader> headers = new ArrayList<>(Collections.nCopies(9_999, lastHeader()));
    headers.add(0, DEV.genesis().header());
    ProofFile largest = new ProofFile(ProofCases.invoice().file().claim(), headers);
    String text = new String(largest.toBytes(), ISO_8859_1);
    String oneMore = text.replace("]}", "," + ProofFile.header(lastHeader()) + "]}");

    assertThat(ProofFile.parse(largest.toBytes()).headers()).hasSize(ProofFile.MAX_HEADERS);
    assertThat(check(oneMore.getBytes(ISO_8859_1)))
        .isInstanceOfSatisfying(
            ProofVerdict.Invalid.class,
            invalid -> assertThat(invalid.reason()).contains("no more than 10000 headers"));
    headers.add(lastHeader());
    assertThatThrownBy(() -> new ProofFile(largest.claim(), headers))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static BlockHeader lastHeader() {
    return ProofCases.invoice().last();
  }

  @Test
  void theLargestFileThereCanBeIsNotTooLargeAndOneByteMoreIsNotLookedAt() {
    ChainPoint far = new ChainPoint(Long.MAX_VALUE, new BlockHash(Hash256.ZERO));
    Transaction heaviest =
        Blocks.transaction(
            Blocks.ALICE, Bytes.wrap(new byte[Transaction.MAX_PAYLOAD_BYTES]), Long.MAX_VALUE);
    Claim claim =
        new Claim(
            Hash256.ZERO,
            heaviest,
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Collections.nCopies(Claim.MAX_PATH, Hash256.ZERO),
            far);
    ProofFile largest =
        new ProofFile(claim, Collections.nCopies(ProofFile.MAX_HEADERS, lastHeader()));

    assertThat(largest.toBytes().length).isBetween(ProofFile.MAX_BYTES - 400, ProofFile.MAX_BYTES);
    assertThat(check(largest.toBytes()))
        .isInstanceOfSatisfying(
            ProofVerdict.Invalid.class,
            invalid -> assertThat(invalid.step()).isEqualTo(ProofStep.NETWORK));
    assertThat(check(new byte[ProofFile.MAX_BYTES + 1]))
        .isInstanceOfSatisfying(
            ProofVerdict.Invalid.class,
            invalid ->
                assertThat(invalid.reason())
                    .isEqualTo("the file has more than the 2232795 bytes that a proof can have"));
  }

  @Test
  void aFileWrittenPieceByPieceIsTheSame() {
    ProofFile file = ProofCases.invoice().file();
    StringBuilder pieces = new StringBuilder(ProofFile.beforeHeaders(file.claim()));
    for (BlockHeader header : file.headers()) {
      pieces.append(header.height() == 0 ? "" : ",").append(ProofFile.header(header));
    }

    assertThat(pieces.append(ProofFile.AFTER_HEADERS)).hasToString(new String(GOOD, ISO_8859_1));
    assertThat(HexFormat.of().formatHex(file.headers().get(0).toBytes()))
        .isEqualTo(ProofFile.header(file.headers().get(0)).replace("\"", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        ":",
        "5:",
        "5:ab",
        "-1:dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869",
        ":dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869",
        "5:DBB6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869",
        "5:dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c78690",
        "9223372036854775808:dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869"
      })
  void aPlaceInAChainIsHeightColonHash(String other) {
    ChainPoint place = new ChainPoint(Long.MAX_VALUE, DEV.genesisHash());

    assertThat(ChainPoint.parse(place.toString())).contains(place);
    assertThat(ChainPoint.parse(other)).isEmpty();
  }
}
