package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.config.NetworkFile;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class CommandLineProgramTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  private int dolmen(String... args) {
    return program().execute(args);
  }

  private CommandLineProgram program() {
    Terminal terminal =
        new Terminal(
            ImmutableMap.of("HOME", directory.toString()),
            new ByteArrayInputStream("x".repeat(100_001).getBytes(UTF_8)),
            new PrintWriter(out),
            new PrintWriter(err),
            false);
    return new CommandLineProgram(terminal);
  }

  private int words(String line) {
    return dolmen(Splitter.on(' ').splitToList(line).toArray(String[]::new));
  }

  private void assertOneLine(String complaint) {
    assertThat(err.toString()).startsWith("dolmen: ").contains(complaint).endsWith("\n");
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run --fancy | unknown option '--fancy'. See: dolmen run --help",
        "run --lissen 127.0.0.1:1 | unknown option '--lissen'",
        "run now | 'now' is one argument too many. See: dolmen run --help",
        "run --listen | missing required parameter for option '--listen'",
        "run --name a --name b | should be specified only once",
        "run --memory --data-dir d | flag --memory and flag --data-dir exclude each other",
        "run --listen nowhere | flag --listen 'nowhere' is not HOST:PORT",
        "run --api 127.0.0.1:99999 | flag --api '127.0.0.1:99999' is not HOST:PORT",
        "run --connect bob | flag --connect: address 'bob': the port is missing",
        "run --network absent.toml | network file absent.toml does not exist; name another with --network",
        "run --config absent.toml | configuration file absent.toml does not exist",
        "rnu | there is no command 'rnu'",
        "devnet --nodes 1 | --nodes 1 is not between 2 and 50",
        "devnet --nodes 51 | --nodes 51 is not between 2 and 50",
        "devnet --nodes many | invalid value for option '--nodes'",
        "devnet --nodes 3 status | --nodes is for starting a devnet; leave it out where a verb",
        "devnet --listen 127.0.0.1:1 heal | --listen is for starting a devnet; leave it out",
        "devnet status --nodes 3 | unknown option '--nodes'. See: dolmen devnet status --help",
        "devnet cut alice | missing required parameter: 'NODE'. See: dolmen devnet cut --help",
        "devnet slow alice bob soon | delay 'soon' is not a time such as 200ms or 2s",
        "devnet heal alice | a link is between two nodes; name both, or none for all links",
        "devnet partition | missing required parameter: 'NODE,NODE…'",
        "devnet cutt alice bob | 'cutt' is one argument too many",
        "devnet --listen 127.0.0.1:65534 | leaves no room for 4 ports up to 65535",
        "status --api nowhere | --api 'nowhere' is not HOST:PORT",
        "blocks --limit 0 | --limit 0 is not between 1 and 1000",
        "blocks --limit 1001 | --limit 1001 is not between 1 and 1000",
        "blocks --from -1 | --from -1: heights begin at 0",
        "submit | missing required parameter: 'TEXT|@FILE|-'",
        "submit a b | 'b' is one argument too many",
        "submit a --wait 0 | --wait 0: the tip is 1 block deep",
        "submit a --expiry 0 | --expiry 0: heights begin at 1",
        "submit a --timeout 0 | --timeout 0: give it a second",
        "submit @absent | cannot read @absent (NoSuchFileException); name another file",
        "submit - | an entry has at most 100000 bytes, and this is longer",
        "proof | missing required parameter: 'ID'",
        "proof 9c1f | '9c1f' is no id of 64 lower-case hex digits; 'dolmen submit' prints it",
        "proof 9c1f --tip soon | invalid value for option '--tip'",
        "verify | name either a proof file, or a node's directory with --data-dir",
        "verify f --data-dir d | name either a proof file, or a node's directory with --data-dir",
        "verify --data-dir absent | absent holds no chain; name a node's directory with --data-dir",
        "verify --data-dir d --json | --checkpoint, --explain and --json are about proof files only",
        "export f --data-dir absent | absent holds no chain; name a node's directory with --data-dir",
        "export f | missing required option: '--data-dir=DIR'",
        "import absent --data-dir d | cannot read absent (NoSuchFileException); name another file",
        "verify f --checkpoint 5 | --checkpoint '5' is not a height, a colon and the 64",
        "verify f --network absent.toml | network file absent.toml does not exist",
        "verify absent | cannot read absent (NoSuchFileException); name another file",
        "network | missing required subcommand. See: dolmen network --help",
        "network create | missing required option: '--name=NAME'",
        "network create --name n --interval 5 | --interval '5' is not a number and a unit",
        "network create --name n --bits 5 | --bits '5' is not a compact target of 8 hex digits",
        "network create --name n --bits 00000000 | the first target 00000000 is not a canonical",
        "network create --name n --author ab | --author 'ab' is not an id of 64 lower-case hex digits",
        "network create --name n --genesis-time today | --genesis-time 'today' is not a time",
        "network create --name n --largest-block 208 | the largest block must have 209 to",
        "network show absent | network file absent does not exist",
        "generate --blocks 5 | missing required option: '--data-dir=DIR'",
        "generate --data-dir d --blocks 0 | --blocks 0 is not between 1 and",
        "generate --data-dir d --blocks 9999999999 | --blocks 9999999999 is not between 1 and",
        "generate --data-dir d --blocks 1 --transactions 2 --payload 0 | change --transactions or",
      })
  void whatCannotBeUnderstoodIsOneLineAndExitCode2(String command, String complaint) {
    assertThat(words(command)).isEqualTo(2);
    assertOneLine(complaint);
  }

  @Test
  void noCommandAtAllIsAskedFor() {
    assertThat(dolmen()).isEqualTo(2);
    assertOneLine("missing required subcommand. See: dolmen --help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "blocks", "peers", "submit text"})
  void aNodeThatIsNotThereIsExitCode1(String command) throws Exception {
    int freePort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      freePort = socket.getLocalPort();
    }

    assertThat(words(command + " --api 127.0.0.1:" + freePort)).isEqualTo(1);
    assertOneLine("cannot reach the API at http://127.0.0.1:" + freePort);
  }

  @Test
  void aPortInUseIsSaid() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      assertThat(words("run --memory --api 127.0.0.1:0 --listen " + address)).isEqualTo(2);
      assertOneLine("cannot listen on " + address + ": port in use.");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsSaid() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertThat(dolmen("run", "--data-dir", file.resolve("sub").toString())).isEqualTo(2);
    assertOneLine("cannot create the data directory " + file.resolve("sub"));
  }

  @Test
  void aNetworkIsCreatedAsAskedAndShown() throws Exception {
    String author = "ab".repeat(32);
    assertThat(
            words(
                "network create --name guild --interval 2s --half-life 1h --bits 207fffff --fixed"
                    + " --largest-block 5000 --genesis-time 2026-01-01T00:00:00Z --author "
                    + author))
        .isZero();
    Path file = Files.writeString(directory.resolve("guild.toml"), out.toString());
    NetworkParameters network = NetworkFile.read(file);
    assertThat(network.name()).isEqualTo("guild");
    assertThat(network.intervalMillis()).isEqualTo(2_000);
    assertThat(network.fixedTarget()).isTrue();
    assertThat(network.largestBlock()).isEqualTo(5_000);
    assertThat(network.authors()).hasSize(1);

    out.getBuffer().setLength(0);
    assertThat(dolmen("network", "show", file.toString())).isZero();
    assertThat(out.toString()).contains("guild", network.genesisHash().toHex(), author);
  }

  @Test
  void theBuiltInNetworkHasTheGenesisThatEveryoneKnows() {
    assertThat(words("network show dev --json")).isZero();
    assertThat(out.toString())
        .startsWith("{\"name\":\"dev\"")
        .contains("dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869");
  }

  @Test
  void configSaysWhereEachValueIsFrom() throws Exception {
    Path file = Files.writeString(directory.resolve("c.toml"), "name = \"ann\"\n");

    assertThat(dolmen("config", "--config", file.toString(), "--mine")).isZero();
    assertThat(out.toString())
        .containsPattern("name +ann +file " + file)
        .containsPattern("mine +true +flag --mine")
        .containsPattern("api +127.0.0.1:8080 +default");

    out.getBuffer().setLength(0);
    assertThat(words("config --json --memory")).isZero();
    assertThat(out.toString())
        .contains("\"memory\":{\"value\":\"true\",\"origin\":\"flag --memory\"}");
  }

  @Test
  void theHelpOfEveryCommandHasExamples() {
    Set<String> paths = words(program().whole(), "dolmen").keySet();
    assertThat(paths).contains("dolmen network show", "dolmen peers bans", "dolmen devnet status");
    for (String path : paths) {
      if (path.equals("dolmen") || path.equals("dolmen network")) {
        continue; // these do nothing by themselves
      }
      out.getBuffer().setLength(0);
      assertThat(words(path.substring("dolmen ".length()) + " --help")).as(path).isZero();
      assertThat(out.toString()).as(path).containsPattern("Examples?:[^$]*" + path);
    }
  }

  /** Of each command, by the words that name it: what may follow. */
  private static Map<String, List<String>> words(CommandLine line, String path) {
    Map<String, List<String>> words = new LinkedHashMap<>();
    List<String> following = new ArrayList<>(line.getSubcommands().keySet());
    line.getCommandSpec().options().forEach(option -> following.addAll(List.of(option.names())));
    words.put(path, following);
    line.getSubcommands().forEach((name, sub) -> words.putAll(words(sub, path + " " + name)));
    return words;
  }

  @Test
  void completionKnowsEveryCommandVerbAndFlagThatTheParserKnows() throws Exception {
    assertThat(words("completion bash")).isZero();
    Path script = Files.writeString(directory.resolve("completion"), out.toString());
    Map<String, List<String>> parsed = words(program().whole(), "dolmen");
    assertThat(parsed)
        .containsKeys("dolmen run", "dolmen devnet partition", "dolmen peers ban")
        .hasSizeGreaterThan(25);
    StringBuilder questions = new StringBuilder("source \"$0\" || exit 1\n");
    for (String path : parsed.keySet()) {
      for (String begun : List.of("''", "-")) {
        questions.append(
            "COMP_WORDS=(%s %s) COMP_CWORD=%d COMPREPLY=()\n_complete_dolmen\n"
                .formatted(path, begun, Splitter.on(' ').splitToList(path).size()));
        questions.append("echo \"%s|${COMPREPLY[*]}\"\n".formatted(path));
      }
    }
    Process bash =
        new ProcessBuilder("bash", "-c", questions.toString(), script.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD) // "not currently completing"
            .start();
    String completed = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor()).as(completed).isZero();

    Map<String, Set<String>> offered = new LinkedHashMap<>();
    for (String line : completed.lines().toList()) {
      List<String> parts = Splitter.on('|').splitToList(line);
      offered
          .computeIfAbsent(parts.get(0), path -> new TreeSet<>())
          .addAll(Splitter.on(' ').omitEmptyStrings().splitToList(parts.get(1)));
    }
    parsed.forEach((path, words) -> assertThat(offered.get(path)).as(path).containsAll(words));
    assertThat(words("completion zsh")).isZero();
    assertThat(words("completion fish")).isEqualTo(2);
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(dolmen("--help")).isZero();
    assertThat(out.toString())
        .contains("run", "devnet", "status", "blocks", "peers", "submit", "config", "network")
        .contains("proof", "verify", "export", "import")
        .contains("generate");
  }

  @Test
  void generatingTwiceIntoOneDirectoryIsRefused() {
    String command = "generate --blocks 3 --data-dir " + directory.resolve("g");

    assertThat(words(command)).isZero();
    assertThat(out.toString()).contains("height 3");
    out.getBuffer().setLength(0);
    assertThat(words(command)).isEqualTo(2);
    assertOneLine("holds a chain of height 3 already");
  }
}
