package dev.dolmen.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Export, import and the check of a whole store. */
class ChainFileCommandsTest {

  private static final int HEADER = "dolmen/chain/1".length() + 4 + 41;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;
  private Path chain;

  private int dolmen(InputStream in, Object... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    Terminal terminal =
        new Terminal(ImmutableMap.of(), in, new PrintWriter(out), new PrintWriter(err), false);
    return new CommandLineProgram(terminal)
        .execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
  }

  private int dolmen(Object... args) {
    return dolmen(InputStream.nullInputStream(), args);
  }

  @BeforeEach
  void exportAChain() {
    chain = directory.resolve("chain.dolmen");
    Path from = directory.resolve("from");
    assertThat(dolmen("generate", "--data-dir", from, "--blocks", 30, "--transactions", 2))
        .isZero();
    assertThat(dolmen("export", "--data-dir", from, chain)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("height 30");
  }

  private Path changed(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  @Test
  void whatWasExportedIsImportedAndGood() {
    Path to = directory.resolve("to");

    assertThat(dolmen("import", "--data-dir", to, chain)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("taken  30 blocks", "height 30");
    assertThat(dolmen("import", "--data-dir", to, chain)).isZero();
    assertThat(out.toString()).contains("taken  0 blocks", "height 30");
    assertThat(dolmen("verify", "--data-dir", to)).isZero();
    assertThat(out.toString()).startsWith("GOOD  31 blocks of network dev up to ");
  }

  @Test
  void theSameChainGivesTheSameFile() throws Exception {
    Path to = directory.resolve("to");
    Path again = directory.resolve("again.dolmen");
    dolmen("import", "--data-dir", to, chain);

    assertThat(dolmen("export", "--data-dir", to, again)).isZero();
    assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(chain));
    assertThat(dolmen("export", "--data-dir", to, again)).isEqualTo(2);
    assertThat(err.toString()).contains("is there already; name another file");
  }

  @Test
  void aCutFileIsTakenAsFarAsItGoesAndToldAndTheWholeOneGoesOn() throws Exception {
    byte[] whole = Files.readAllBytes(chain);
    Path to = directory.resolve("to");
    Path cut = changed("cut", Arrays.copyOf(whole, whole.length / 2));

    assertThat(dolmen("import", "--data-dir", to, cut)).isEqualTo(1);
    assertThat(err.toString())
        .containsPattern("the file is cut after block 1\\d; 1\\d blocks were");
    assertThat(dolmen("import", "--data-dir", to, chain)).isZero();
    assertThat(out.toString()).contains("height 30").doesNotContain("taken  30");
    for (int length : List.of(whole.length - 1, whole.length - 40, whole.length - 44)) {
      Path shorter = changed("shorter", Arrays.copyOf(whole, length));
      assertThat(dolmen("import", "--data-dir", to, shorter)).as("cut to %s", length).isEqualTo(1);
    }
    assertThat(
            dolmen(
                "import",
                "--data-dir",
                to,
                changed("more", Arrays.copyOf(whole, whole.length + 1))))
        .isEqualTo(1);
    assertThat(err.toString()).contains("something follows the end of the chain");
  }

  @Test
  void aFileOfAnotherNetworkOrNoneIsRefusedBeforeADirectoryIsMade() throws Exception {
    byte[] whole = Files.readAllBytes(chain);
    Path to = directory.resolve("to");
    byte[] other = whole.clone();
    other[HEADER - 5] ^= 1;

    assertThat(dolmen("import", "--data-dir", to, changed("other", other))).isEqualTo(1);
    assertThat(err.toString()).contains("is of another network than dev");
    assertThat(dolmen("import", "--data-dir", to, changed("text", new byte[20]))).isEqualTo(1);
    assertThat(err.toString()).contains("no chain file");
    assertThat(dolmen(new ByteArrayInputStream(new byte[3]), "import", "--data-dir", to, "-"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("the file is cut after block 0");
    assertThat(to).doesNotExist();
  }

  @Test
  void noChangedByteGetsABlockIn() throws Exception {
    byte[] whole = Files.readAllBytes(chain);
    for (int place = HEADER; place < whole.length; place += 997) {
      byte[] bad = whole.clone();
      bad[place] ^= 0x10;
      Path to = directory.resolve("to" + place);

      assertThat(dolmen("import", "--data-dir", to, changed("bad", bad)))
          .as("at %s", place)
          .isEqualTo(1);
      assertThat(dolmen("verify", "--data-dir", to)).as("at %s", place).isZero();
    }
  }

  @Test
  void aDamagedStoreIsNotGood() throws Exception {
    Path to = directory.resolve("to");
    dolmen("import", "--data-dir", to, chain);
    try (Stream<Path> files = Files.walk(to.resolve("chain/blocks"))) {
      for (Path table : files.filter(file -> file.toString().endsWith(".sst")).toList()) {
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 2] ^= 1;
        Files.write(table, bytes);
      }
    }

    assertThat(dolmen("verify", "--data-dir", to)).isNotZero();
  }
}
