package dev.dolmen.it.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/dolmen}: passes all on, and leaves archives that the next start uses. */
final class LauncherTest {

  private static final Path LAUNCHER = Path.of("..", "bin", "dolmen");
  private static final Path JAR = Path.of(System.getProperty("dolmen.jar", "absent"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FROM_ARCHIVE = "source: shared objects file";

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  private Path out() {
    return directory.resolve("out-" + started.size());
  }

  private Path classes() {
    return directory.resolve("classes-" + started.size());
  }

  private Process start(String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(LAUNCHER.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out().toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("DOLMEN_"));
    builder.environment().put("DOLMEN_JAR", JAR.toAbsolutePath().toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
    builder.environment().put("JAVA_OPTS", "-Xlog:class+load:file=" + classes() + "::filecount=0");
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static int ended(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
    return process.exitValue();
  }

  private String lastOut() throws IOException {
    return Files.readString(directory.resolve("out-" + (started.size() - 1)));
  }

  private List<String> lastLoaded(String prefix) throws IOException {
    Path file = directory.resolve("classes-" + (started.size() - 1));
    try (Stream<String> lines = Files.lines(file, UTF_8)) {
      return lines.filter(line -> line.contains(" " + prefix)).toList();
    }
  }

  /** It is made once the command has ended. */
  private void awaitArchiveFor(String command) {
    Path cache = directory.resolve("cache").resolve("dolmen");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (Stream<Path> files = Files.list(cache)) {
                List<String> names = files.map(file -> file.getFileName().toString()).toList();
                return names.stream().anyMatch(name -> name.endsWith("-knows-" + command))
                    && names.stream().noneMatch(name -> name.endsWith("-busy"));
              }
            });
  }

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void givesTheFlagsThatTheReadmeNames() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));

    assertThat(Files.readAllLines(LAUNCHER))
        .filteredOn(line -> line.startsWith("memory="))
        .singleElement()
        .satisfies(
            line ->
                assertThat(readme).contains("`" + line.replace("memory=", "").replace("\"", "")));
  }

  @Test
  void aCommandHasItsClassesFromAnArchiveTheSecondTime() throws Exception {
    assertThat(ended(start("network", "show", "dev"))).isZero();
    String first = lastOut();
    assertThat(first).contains("dbb6fcf08ce9f217");
    assertThat(lastLoaded("picocli.CommandLine ")).noneMatch(line -> line.contains(FROM_ARCHIVE));

    awaitArchiveFor("network");
    assertThat(ended(start("network", "show", "dev"))).isZero();
    assertThat(lastOut()).isEqualTo(first);
    assertThat(lastLoaded("picocli.CommandLine ")).allMatch(line -> line.contains(FROM_ARCHIVE));
    assertThat(lastLoaded("dev.dolmen.node.cli.NetworkCommand"))
        .isNotEmpty()
        .anyMatch(line -> line.contains(FROM_ARCHIVE));

    // A command that says no says so through the launcher too, the first time and the second.
    for (int i = 0; i < 2; i++) {
      assertThat(ended(start("devnet", "status", "--api", "127.0.0.1:1"))).isEqualTo(1);
      assertThat(lastOut()).contains("cannot reach the API at http://127.0.0.1:1").hasLineCount(1);
      awaitArchiveFor("devnet");
    }
    assertThat(lastLoaded("dev.dolmen.node.cli.ApiClient "))
        .isNotEmpty()
        .allMatch(line -> line.contains(FROM_ARCHIVE));
  }

  @Test
  void aNodeHasItsClassesFromAnArchiveTheSecondTimeAndGetsTheSignalsOfItsLauncher()
      throws Exception {
    for (boolean archived : new boolean[] {false, true}) {
      Process node = start("run", "--memory", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0");
      await().atMost(PATIENCE).until(() -> lastOut().contains("ready in"));
      node.destroy();
      assertThat(ended(node)).isEqualTo(143);

      assertThat(lastLoaded("io.netty.channel.AbstractChannel "))
          .isNotEmpty()
          .allMatch(line -> line.contains(FROM_ARCHIVE) == archived);
    }
  }
}
