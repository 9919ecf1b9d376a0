package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import dev.dolmen.node.api.ApiServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofCommandsTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private ImmutableMap<String, String> environment = ImmutableMap.of();

  @TempDir private Path directory;

  private int dolmen(InputStream in, String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    Terminal terminal =
        new Terminal(environment, in, new PrintWriter(out), new PrintWriter(err), false);
    return new CommandLineProgram(terminal).execute(args);
  }

  private int dolmen(String... args) {
    return dolmen(InputStream.nullInputStream(), args);
  }

  /** Files that hold and files that do not, with what is said of each. */
  private static List<Json> storedCases() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ProofFile.class.getResourceAsStream("/proofs.json"))) {
      return Json.parse(new String(in.readAllBytes(), UTF_8)).field("cases").elements();
    }
  }

  private static Json stored(String name) throws IOException {
    for (Json each : storedCases()) {
      if (each.text("name").equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException("no case is called " + name);
  }

  private String file(String name) throws Exception {
    Path file = directory.resolve("a.proof");
    Files.write(file, stored(name).text("file").getBytes(ISO_8859_1));
    return file.toString();
  }

  @Test
  void aProofFromANodeIsCheckedWithoutIt() throws Exception {
    String id;
    String proof;
    String last;
    try (Dolmen node = Dolmen.builder().name("alice").start();
        ApiServer server = ApiServer.start(node, HostAndPort.fromParts("127.0.0.1", 0))) {
      String api = server.address().toString();
      dolmen("submit", "invoice 17 paid", "--api", api);
      id = out.toString().strip();
      node.runner().ask(Node::makeBlock).join();
      last = node.view().tip().hash().toHex();

      assertThat(dolmen("proof", id, "--api", api)).isZero();
      proof = out.toString();
      assertThat(err.toString()).isEmpty();

      assertThat(dolmen("proof", id, "--api", api, "--tip", "1")).isZero();
      assertThat(ProofFile.parse(out.toString().getBytes(UTF_8)).headers()).hasSize(2);

      assertThat(dolmen("proof", id, "--api", api, "--checkpoint", "1:" + "ab".repeat(32)))
          .isEqualTo(1);
      assertThat(err.toString()).contains("and not the checkpoint");
      assertThat(out.toString()).isEmpty();

      assertThat(dolmen("proof", id, "--api", api, "--checkpoint", "2:" + last)).isEqualTo(2);
      assertThat(err.toString()).contains("the entry is in block 1");

      assertThat(dolmen("proof", "ab".repeat(32), "--api", api)).isEqualTo(1);
      assertThat(err.toString()).contains("no transaction abab");
    }

    assertThat(dolmen(new ByteArrayInputStream(proof.getBytes(UTF_8)), "verify", "-")).isZero();
    assertThat(out.toString())
        .startsWith("VALID  \"invoice 17 paid\"  by ")
        .contains("  in block 1 of network dev, from its genesis  no node, no network used\n")
        .contains(id, "2 " + last + ", so the entry is 2 blocks deep");
  }

  @Test
  void everyStoredCaseIsJudgedByTheCommandAsByTheClass() throws Exception {
    for (Json each : storedCases()) {
      boolean onDev =
          each.field("network")
              .text("parametersHash")
              .equals(NetworkParameters.dev().hash().toHex());
      if (onDev) {
        Path file = directory.resolve("case.proof");
        Files.write(file, each.text("file").getBytes(ISO_8859_1));
        String[] args =
            each.find("checkpoint").isEmpty()
                ? new String[] {"verify", file.toString()}
                : new String[] {"verify", file.toString(), "--checkpoint", each.text("checkpoint")};

        int exit = dolmen(args);

        boolean valid = each.isTrue("valid");
        assertThat(exit).as(each.text("name")).isEqualTo(valid ? 0 : 1);
        assertThat(out.toString())
            .startsWith(
                valid ? "VALID  " : "INVALID  " + each.text("step") + ": " + each.text("reason"));
        assertThat(err.toString()).isEmpty();
      }
    }
  }

  @Test
  void everyStepIsExplainedWithItsValues() throws Exception {
    Json seven = stored("the fifth of seven entries");

    assertThat(dolmen("verify", file("the fifth of seven entries"), "--explain")).isZero();
    for (Json each : seven.field("findings").elements()) {
      String finding = String.valueOf(each.value());
      assertThat(out.toString()).contains(finding.substring(finding.indexOf(": ") + 2));
    }
    assertThat(dolmen("verify", file("its neighbour's place"), "--explain")).isEqualTo(1);
    assertThat(out.toString()).contains("SHA-256 of 01, the neighbour ");
  }

  @Test
  void aCheckpointThatIsNotTrustedIsAskedFor() throws Exception {
    String late = file("a checkpoint, with more than eleven blocks after it");

    assertThat(dolmen("verify", late)).isEqualTo(1);
    assertThat(out.toString())
        .startsWith("INVALID  anchor: the file begins at block 3 and not at genesis")
        .contains("--checkpoint HEIGHT:HASH");
    String trusted =
        stored("a checkpoint, with more than eleven blocks after it").text("checkpoint");
    assertThat(dolmen("verify", late, "--checkpoint", trusted)).isZero();
    assertThat(out.toString())
        .contains(", from the checkpoint at block 3  no node")
        .contains(trusted.replace(':', ' ') + ", the checkpoint");
  }

  @Test
  void programsGetJson() throws Exception {
    assertThat(dolmen("verify", file("an entry alone in its block"), "--json", "--explain"))
        .isZero();
    Json valid = Json.parse(out.toString());
    assertThat(valid.isTrue("valid")).isTrue();
    assertThat(valid.text("payload")).isEqualTo("aW52b2ljZSAxNyBwYWlk");
    assertThat(valid.number("height")).isEqualTo(2);
    assertThat(valid.field("trusted").text("kind")).isEqualTo("genesis");
    assertThat(valid.text("work")).isEqualTo("8");
    assertThat(valid.field("steps").elements().get(0).text("step")).isEqualTo("network");

    assertThat(dolmen("verify", file("another payload"), "--json")).isEqualTo(1);
    Json invalid = Json.parse(out.toString());
    assertThat(invalid.isTrue("valid")).isFalse();
    assertThat(invalid.text("step")).isEqualTo("signature");
  }

  @Test
  void theNetworkIsNamedByFlagOrEnvironment() throws Exception {
    dolmen(
        "network",
        "create",
        "--name",
        "dev",
        "--genesis-time",
        "2026-01-01T00:00:00Z",
        "--interval",
        "1s",
        "--half-life",
        "1h",
        "--bits",
        "2000ffff");
    Path network = Files.writeString(directory.resolve("moving.toml"), out.toString());
    String moving = file("a network whose target moves");

    assertThat(dolmen("verify", moving)).isEqualTo(1);
    assertThat(out.toString()).startsWith("INVALID  network: ").contains("--network FILE");
    assertThat(dolmen("verify", moving, "--network", network.toString())).isZero();
    environment = ImmutableMap.of("DOLMEN_NETWORK", network.toString());
    assertThat(dolmen("verify", moving)).isZero();
    assertThat(dolmen("verify", moving, "--network", "dev")).isEqualTo(1);
  }

  @Test
  void whatCannotBeReadIsUsageAndWhatIsTooLongIsNoProof() throws Exception {
    assertThat(dolmen("verify", directory.resolve("absent").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("(NoSuchFileException); name another file");
    assertThat(dolmen("verify", directory.toString())).isEqualTo(2);
    Path endless = directory.resolve("endless");
    Files.write(endless, new byte[ProofFile.MAX_BYTES + 5]);
    assertThat(dolmen("verify", endless.toString())).isEqualTo(1);
    assertThat(out.toString()).startsWith("INVALID  form: the file has more than ");
  }

  @Test
  void aStrangersTextCannotPassForOurs() {
    assertThat(Columns.quoted("invoice 17 paid".getBytes(UTF_8))).isEqualTo("\"invoice 17 paid\"");
    assertThat(Columns.quoted("a\"  by 3f9c\n\u001b[2J\u202e\\".getBytes(UTF_8)))
        .isEqualTo("\"a\\\"  by 3f9c\\u{a}\\u{1b}[2J\\u{202e}\\\\\"");
    assertThat(Columns.quoted("\u77f3".repeat(60).getBytes(UTF_8)))
        .isEqualTo('"' + "\u77f3".repeat(60) + '"');
    assertThat(Columns.quoted("x".repeat(61).getBytes(UTF_8)))
        .isEqualTo('"' + "x".repeat(60) + "…\"");
    assertThat(Columns.quoted(new byte[] {(byte) 0xff})).isEqualTo("1 byte, not text");
    assertThat(Columns.quoted(new byte[0])).isEqualTo("\"\"");
  }
}
