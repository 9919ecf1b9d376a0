package dev.dolmen.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.devnet.Devnet;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On one devnet of three for all tests; each leaves it whole. */
final class DevnetVerbsTest {

  private static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Devnet devnet;
  private static ApiServer server;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws Exception {
    devnet = Devnet.builder().nodes(3).start();
    server = ApiServer.startDevnet(devnet, ANY_PORT);
  }

  @AfterAll
  static void stop() {
    server.close();
    devnet.close();
  }

  @AfterEach
  void makeItWhole() throws Exception {
    devnet.start("carol");
    devnet.healAll();
    await().atMost(PATIENCE).until(() -> devnet.links().stream().allMatch(link -> link.linked()));
  }

  private int devnet(String words, ImmutableMap<String, String> environment) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> line = new ArrayList<>(List.of("devnet"));
    line.addAll(Splitter.on(' ').splitToList(words));
    return new CommandLineProgram(
            new Terminal(
                environment,
                InputStream.nullInputStream(),
                new PrintWriter(out),
                new PrintWriter(err),
                false))
        .execute(line.toArray(String[]::new));
  }

  /** Says where the devnet is, as a reader's shell would. */
  private int devnet(String words) {
    return devnet(words, ImmutableMap.of("DOLMEN_API", server.address().toString()));
  }

  private List<String> said(String words) {
    assertThat(devnet(words)).as(words + err).isZero();
    assertThat(err.toString()).isEmpty();
    return out.toString().lines().toList();
  }

  private void assertRefused(String words, int exitCode, String complaint) {
    assertThat(devnet(words)).as(words).isEqualTo(exitCode);
    assertThat(err.toString()).startsWith("dolmen: ").contains(complaint);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(out.toString()).isEmpty();
  }

  private static Json only(List<String> documents) throws Exception {
    assertThat(documents).hasSize(1);
    return Json.parse(documents.get(0));
  }

  private static boolean isUp(String a, String b) {
    return devnet.link(a, b).orElseThrow().up();
  }

  @Test
  void statusShowsNodesAndLinks() throws Exception {
    assertThat(said("status"))
        .hasSize(4)
        .satisfiesExactly(
            line -> assertThat(line).matches("alice +up +height \\d+ +[0-9a-f]{4}…"),
            line -> assertThat(line).matches("bob +up +height \\d+ +[0-9a-f]{4}…"),
            line -> assertThat(line).matches("carol +up +height \\d+ +[0-9a-f]{4}…"),
            line -> assertThat(line).isEqualTo("  3 links as usual"));

    List<String> documents = said("status --json");
    assertThat(documents).hasSize(2);
    assertThat(Json.parse(documents.get(0)).field("nodes").elements()).hasSize(3);
    assertThat(Json.parse(documents.get(1)).field("links").elements()).hasSize(3);
  }

  @Test
  void aLinkIsCutAndHealed() throws Exception {
    assertThat(said("cut alice bob"))
        .containsExactly("alice – bob is cut; heal it with: dolmen devnet heal alice bob");
    assertThat(isUp("alice", "bob")).isFalse();
    assertThat(said("status")).contains("  alice – bob       cut", "  2 links as usual");

    assertThat(said("heal bob alice")).containsExactly("bob – alice is healed");
    assertThat(isUp("alice", "bob")).isTrue();

    Json cut = only(said("cut alice bob --json"));
    assertThat(cut.text("a")).isEqualTo("alice");
    assertThat(cut.isTrue("up")).isFalse();
    assertThat(only(said("heal alice bob --json")).isTrue("up")).isTrue();
  }

  @Test
  void aLinkIsSlowedAndAllIsHealed() throws Exception {
    assertThat(said("slow alice bob 20ms"))
        .containsExactly(
            "alice – bob takes 20ms each way; end it with: dolmen devnet slow alice bob 0ms");
    assertThat(devnet.link("alice", "bob").orElseThrow().delay()).isEqualTo(Duration.ofMillis(20));
    assertThat(said("status")).anyMatch(line -> line.startsWith("  alice – bob       +20ms"));
    assertThat(said("slow alice bob 0ms")).containsExactly("alice – bob is as fast as it can be");
    assertThat(only(said("slow bob alice 1s --json")).number("delayMillis")).isEqualTo(1_000);

    said("cut bob carol");
    assertThat(said("heal")).containsExactly("2 links are healed");
    assertThat(said("heal")).containsExactly("nothing is cut or slow");
    assertThat(said("heal --json")).isEmpty();
    assertRefused("slow alice bob 11s", 2, "'delayMillis' must be a whole number from 0 to 10000");
  }

  @Test
  void aPartitionCutsWhatLeadsFromOneSideToTheOther() throws Exception {
    assertThat(said("partition alice,bob carol"))
        .containsExactly(
            "2 links are cut: alice – carol, bob – carol; heal with: dolmen devnet heal");
    assertThat(isUp("alice", "bob")).isTrue();
    assertThat(isUp("alice", "carol")).isFalse();

    // Who is not named is a side too, and a link that comes to lie within one is healed.
    assertThat(said("partition bob --json")).hasSize(2);
    assertThat(isUp("alice", "carol")).isTrue();
    assertThat(isUp("alice", "bob")).isFalse();
    assertThat(isUp("bob", "carol")).isFalse();

    assertThat(said("partition alice,bob,carol"))
        .containsExactly("no link leads from one group to another");
    assertRefused("partition alice,bob bob", 2, "'bob' is named twice");
    assertRefused(
        "partition alice,eve bob", 1, "there is no node 'eve'; there are alice, bob, carol");
    assertThat(isUp("alice", "bob")).isTrue();
  }

  @Test
  void aNodeIsStoppedAndStarted() throws Exception {
    assertThat(said("stop carol"))
        .containsExactly("carol is stopped; start it with: dolmen devnet start carol");
    assertThat(devnet.node("carol").running()).isEmpty();
    assertThat(said("status"))
        .anyMatch(line -> line.matches("carol +stopped +height \\d+ +[0-9a-f]{4}…"))
        .anyMatch(line -> line.matches("  alice – carol +not there"));
    assertThat(only(said("stop carol --json")).isTrue("up")).isFalse();

    assertThat(said("start carol")).containsExactly("carol is up");
    assertThat(devnet.node("carol").running()).isPresent();
    assertThat(only(said("start carol --json")).isTrue("up")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cut alice eve | there is no node of that name; GET /devnet/nodes lists them",
        "cut alice alice | alice and alice have no link in this devnet",
        "heal eve bob | there is no node of that name",
        "slow alice eve 1s | there is no node of that name",
        "stop eve | there is no node of that name",
        "start a/b | there is no node of that name",
      })
  void whatIsNotThereIsSaidAndExitCode1(String words, String complaint) {
    assertRefused(words, 1, complaint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status",
        "cut a b",
        "heal",
        "heal a b",
        "slow a b 1s",
        "partition a b",
        "stop a",
        "start a"
      })
  void aDevnetThatIsNotThereIsExitCode1(String words) throws Exception {
    int freePort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      freePort = socket.getLocalPort();
    }
    assertRefused(
        words + " --api 127.0.0.1:" + freePort,
        1,
        "cannot reach the API at http://127.0.0.1:" + freePort);
  }

  @Test
  void aServerOfOneNodeIsNoDevnet() throws Exception {
    try (Dolmen node = Dolmen.builder().start();
        ApiServer alone = ApiServer.start(node, ANY_PORT)) {
      String api = " --api " + alone.address();
      for (String words : List.of("status", "heal", "cut alice bob", "partition alice bob")) {
        assertRefused(words + api, 1, "this server has one node and no devnet; 'dolmen devnet'");
      }
    }
  }
}
