package dev.dolmen.it.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dolmen.node.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that put a node on a server. */
class PackagingTest {

  private static final Path PACKAGING = Path.of("..", "packaging");

  @TempDir private Path directory;

  @Test
  void systemdTakesTheUnit() throws Exception {
    String unit =
        Files.readString(PACKAGING.resolve("dolmen.service"))
            // Neither Java's place nor the user need be there to say whether the unit is
            // well-formed.
            .replaceAll("ExecStart=\\S+", "ExecStart=/bin/true")
            .replaceAll("(?m)^(User|Group)=dolmen$", "$1=root");
    Path file = Files.writeString(directory.resolve("dolmen.service"), unit);
    Process verify;
    try {
      verify =
          new ProcessBuilder("systemd-analyze", "verify", "--man=no", file.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException notThere) {
      assumeTrue(false, "systemd is not installed");
      return;
    }
    String said = new String(verify.getInputStream().readAllBytes(), UTF_8);

    assertThat(verify.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.contains("dolmen.service"))).isEmpty();
  }

  @Test
  void theUnitKnowsHowANodeEnds() throws Exception {
    assertThat(Files.readAllLines(PACKAGING.resolve("dolmen.service")))
        .contains("SuccessExitStatus=143", "RestartPreventExitStatus=2", "Restart=on-failure");
  }

  /** What a linter of container files would look at. */
  @Test
  void theContainerFilePinsItsBaseRunsAsNobodyInParticularAndNamesOnlyWhatThereIs()
      throws Exception {
    String text = Files.readString(PACKAGING.resolve("Containerfile"));
    List<String> lines = text.lines().filter(line -> !line.startsWith("#")).toList();
    List<String> instructions =
        lines.stream()
            .filter(line -> line.matches("[A-Z]+ .*"))
            .map(line -> line.replaceFirst(" .*", ""))
            .toList();

    assertThat(lines).noneMatch(line -> line.contains(":latest") || line.startsWith("ADD "));
    assertThat(text).containsPattern("(?m)^FROM \\S+:[0-9][\\w.-]+$");
    assertThat(instructions).first().isEqualTo("FROM");
    assertThat(instructions).containsOnlyOnce("USER", "HEALTHCHECK", "ENTRYPOINT");
    assertThat(instructions.indexOf("USER")).isGreaterThan(instructions.lastIndexOf("RUN"));
    assertThat(text).containsPattern("(?m)^USER [1-9]\\d*:[1-9]\\d*$");
    assertThat(text).containsPattern("(?m)^ENTRYPOINT \\[\"java\", ");
    Set<String> known = new TreeSet<>();
    for (Setting setting : Setting.values()) {
      known.add(setting.environmentVariable());
    }
    Matcher variable = Pattern.compile("DOLMEN_[A-Z_]+").matcher(text);
    Set<String> named = new TreeSet<>();
    while (variable.find()) {
      named.add(variable.group());
    }
    assertThat(known).containsAll(named);
    assertThat(named).hasSize(4);
  }
}
