package dev.dolmen.it.examples;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.devnet.Devnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code docs/lessons}: every line that a reader types is typed here, into a shell and against a
 * devnet, and what is shown below it must come out. Only the ports are others.
 */
final class LessonsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path LESSONS = ROOT.resolve("docs").resolve("lessons");
  private static final Path JAR = Path.of(System.getProperty("dolmen.jar", "absent"));
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_LINES = 80;

  /** What a reader stands beside. */
  private static final List<String> LINKED = List.of("bin", "docs");

  private static final String API = "127.0.0.1:8080";
  private static final String FIRST_PEER = "127.0.0.1:8555";

  /** Shared, since the launcher leaves its archive of classes there. */
  @TempDir private static Path home;

  @TempDir private Path directory;

  static Stream<String> lessons() throws IOException {
    try (Stream<Path> pages = Files.list(LESSONS)) {
      return pages
          .map(page -> page.getFileName().toString())
          .filter(name -> name.matches("\\d-.*\\.md"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @BeforeAll
  static void whatLessonsNeedIsThere() {
    assumeTrue(Shell.has("bash", "-c", "true"), "bash is not installed");
    assumeTrue(Shell.has("curl", "--version"), "curl is not installed");
    assumeTrue(Shell.has("python3", "--version"), "python3 is not installed");
    assumeTrue(Shell.has("openssl", "version"), "the openssl command is not installed");
  }

  /** Before JUnit clears the directory, which warns of links that lead out of it. */
  @AfterEach
  void unlink() throws IOException {
    for (String linked : LINKED) {
      Files.deleteIfExists(directory.resolve(linked));
    }
  }

  @Test
  void thereAreSixAndTheFirstPageLeadsToEach() throws Exception {
    assertThat(lessons()).hasSize(6);
    assertThat(Lesson.read(LESSONS.resolve("README.md")).links())
        .extracting(Lesson.Link::target)
        .containsAll(lessons().toList());
    assertThat(Files.readString(ROOT.resolve("README.md"))).contains("(docs/lessons)");
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void isShortAndPointsAtCodeThatIsThere(String name) throws Exception {
    assertThat(Files.readAllLines(LESSONS.resolve(name))).hasSizeLessThan(MOST_LINES);
    List<Lesson.Link> links = Lesson.read(LESSONS.resolve(name)).links();

    assertThat(links).anyMatch(link -> link.target().endsWith(".java"));
    for (Lesson.Link link : links) {
      Path target = LESSONS.resolve(link.target()).normalize();
      assertThat(target).exists();
      if (target.toString().endsWith(".java") && link.method().isPresent()) {
        assertThat(target).content().contains(" " + link.method().get() + "(");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lessons")
  @Timeout(value = 120, unit = SECONDS)
  void runsAsItReads(String name) throws Exception {
    Lesson lesson = Lesson.read(LESSONS.resolve(name));
    assertThat(lesson.steps()).hasSizeGreaterThan(3);
    for (String linked : LINKED) {
      Files.createSymbolicLink(directory.resolve(linked), ROOT.resolve(linked));
    }
    try (Devnet devnet = Devnet.builder().nodes(lesson.nodes()).start();
        ApiServer server = ApiServer.startDevnet(devnet, HostAndPort.fromParts("127.0.0.1", 0));
        Shell shell = new Shell(directory, environment(server.address()))) {
      String peer = devnet.node("alice").listenAddress().toString();
      for (Lesson.Step step : lesson.steps()) {
        String command =
            step.command().replace(API, server.address().toString()).replace(FIRST_PEER, peer);
        if (step.onlyAsks()) {
          // A reader who looks too early looks again.
          await().atMost(PATIENCE).untilAsserted(() -> check(step, shell.run(command)));
        } else {
          check(step, shell.run(command));
        }
      }
    }
  }

  private static void check(Lesson.Step step, Shell.Ended ended) {
    assertThat(step.isShownBy(ended.lines()))
        .as(
            "%s%nshows%n%s%nbut the page says%n%s",
            step.command(), String.join("\n", ended.lines()), String.join("\n", step.shown()))
        .isTrue();
    assertThat(ended.exitCode()).as(step.command()).isZero();
  }

  private static Map<String, String> environment(HostAndPort api) {
    return Map.of(
        "HOME", home.toString(),
        "XDG_CACHE_HOME", home.resolve("cache").toString(),
        "JAVA_HOME", System.getProperty("java.home"),
        "DOLMEN_JAR", JAR.toAbsolutePath().toString(),
        "DOLMEN_API", api.toString(),
        "PYTHONDONTWRITEBYTECODE", "1",
        "LC_ALL", "C.UTF-8");
  }
}
