package dev.dolmen.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/security.md} against the tests that it names. */
class SecurityDocumentTest {

  private static final Path ROOT = root();
  private static final Pattern TEST =
      Pattern.compile("`([A-Z][A-Za-z0-9]*Test)(?:\\.([a-zA-Z0-9]+))?`");

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("docs/security.md"))) {
      directory = directory.resolve("..").normalize();
    }
    return directory;
  }

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    Set<String> missing = new TreeSet<>();
    List<MatchResult> named =
        TEST.matcher(Files.readString(ROOT.resolve("docs/security.md"))).results().toList();
    List<Path> tests = sources();
    for (MatchResult test : named) {
      List<Path> found =
          tests.stream()
              .filter(file -> file.getFileName().toString().equals(test.group(1) + ".java"))
              .toList();
      String method = test.group(2);
      if (found.isEmpty()
          || (method != null && !Files.readString(found.get(0)).contains("void " + method + "("))) {
        missing.add(test.group());
      }
    }

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(missing).isEmpty();
  }

  @Test
  void everyAttackIsThere() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/security.md"));
    String attacks =
        Files.readString(
            ROOT.resolve("integration-tests/src/test/java/dev/dolmen/it/attack/Attack.java"));
    List<String> missing =
        Pattern.compile("^ {2}([A-Z_]+)\\(", Pattern.MULTILINE)
            .matcher(attacks)
            .results()
            .map(match -> match.group(1).toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
            .filter(label -> !document.contains("`" + label + "`"))
            .collect(Collectors.toList());

    assertThat(attacks).contains("GARBAGE(");
    assertThat(missing).as("attacks that the page does not name").isEmpty();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().contains("/src/test/java/"))
          .filter(file -> file.toString().endsWith("Test.java"))
          .toList();
    }
  }
}
