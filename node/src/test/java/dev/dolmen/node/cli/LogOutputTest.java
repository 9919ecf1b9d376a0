package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import dev.dolmen.node.config.Configuration;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogOutputTest {

  private static final Logger LOG = LoggerFactory.getLogger("dev.dolmen.node.cli.LogOutputTest");

  @TempDir private Path directory;

  private final Terminal terminal =
      new Terminal(
          ImmutableMap.of(),
          InputStream.nullInputStream(),
          new PrintWriter(new StringWriter()),
          new PrintWriter(new StringWriter()),
          false);

  private void start(String format, Path file) throws Exception {
    Map<Setting, List<String>> flags =
        Map.of(
            Setting.LOG_FORMAT, List.of(format),
            Setting.LOG_FILE, List.of(file.toString()),
            Setting.MEMORY, List.of("true"));
    LogOutput.start(
        NodeSettings.of(Configuration.resolve(flags, Optional.empty(), Map.of())), terminal);
  }

  @AfterEach
  void logAsTheOtherTestsDo() throws Exception {
    LogOutput.startQuietly(terminal);
  }

  @Test
  void writesLinesForPeopleIntoAFile() throws Exception {
    Path file = directory.resolve("node.log");
    start("text", file);
    LOG.info("block {}", 7);
    LOG.debug("not wanted");

    assertThat(Files.readString(file))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ INFO  block 7\n");
  }

  @Test
  void writesOneJsonObjectALineForPrograms() throws Exception {
    Path file = directory.resolve("node.json");
    start("json", file);
    LOG.warn("said \"{}\"\nby a stranger", "hello");
    LOG.error("failed", new IllegalStateException("why"));

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    Json first = Json.parse(lines.get(0));
    assertThat(first.text("formattedMessage")).isEqualTo("said \"hello\"\nby a stranger");
    assertThat(first.text("level")).isEqualTo("WARN");
    assertThat(first.text("loggerName")).isEqualTo("dev.dolmen.node.cli.LogOutputTest");
    assertThat(first.number("timestamp")).isPositive();
    assertThat(Json.parse(lines.get(1)).field("throwable").text("message")).isEqualTo("why");
  }

  @Test
  void aRepeatedLineFillsNoDiskAndOthersStillGetIn() throws Exception {
    Path file = directory.resolve("node.log");
    start("text", file);
    for (int i = 0; i < 20_000; i++) {
      LOG.warn("a stranger says {}", "x".repeat(100));
    }
    LOG.warn("something else");

    assertThat(Files.size(file)).isBetween(200_000L, LogBudget.BURST_BYTES + 5_000);
    assertThat(Files.readString(file, UTF_8)).endsWith("something else\n");
  }

  @Test
  void saysWhenTheFileCannotBeWritten() throws Exception {
    Path noDirectory = Files.writeString(directory.resolve("file"), "").resolve("node.log");

    assertThatThrownBy(() -> start("text", noDirectory))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("cannot write the log to " + noDirectory)
        .hasMessageContaining("--log-file");
  }
}
