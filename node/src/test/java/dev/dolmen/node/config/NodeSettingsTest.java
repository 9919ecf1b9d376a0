package dev.dolmen.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.peers.PeerLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeSettingsTest {

  private static final ImmutableMap<String, String> HOME = ImmutableMap.of("HOME", "/home/ann");

  @TempDir private Path directory;

  private static NodeSettings settings(Map<Setting, List<String>> flags)
      throws ConfigurationException {
    return NodeSettings.of(Configuration.resolve(flags, Optional.empty(), HOME));
  }

  private NodeSettings fromFile(String toml) throws ConfigurationException, IOException {
    Path file = Files.writeString(directory.resolve("dolmen.toml"), toml);
    return NodeSettings.of(Configuration.resolve(Map.of(), Optional.of(file), HOME));
  }

  @Test
  void nothingSaidIsTheDevNetworkOnThisMachine() throws Exception {
    NodeSettings settings = settings(Map.of());

    assertThat(settings.dataDirectory()).contains(Path.of("/home/ann/.dolmen/dev"));
    assertThat(settings.listen()).isEqualTo(HostAndPort.fromString("127.0.0.1:8555"));
    assertThat(settings.api()).isEqualTo(HostAndPort.fromString("127.0.0.1:8080"));
    assertThat(settings.connect()).isEmpty();
    assertThat(settings.network()).isEqualTo(NetworkParameters.dev());
    assertThat(settings.mine()).isFalse();
    assertThat(settings.name()).isEqualTo("dolmen");
  }

  @Test
  void anotherNetworkListensToTheWorldAndHasADirectoryOfItsOwn() throws Exception {
    NetworkParameters network = NetworkParameters.dev().toBuilder().largestBlock(1_000).build();
    Path file = Files.writeString(directory.resolve("n.toml"), NetworkFile.write(network));

    NodeSettings settings = settings(Map.of(Setting.NETWORK, List.of(file.toString())));

    assertThat(settings.network()).isEqualTo(network);
    assertThat(settings.listen()).isEqualTo(HostAndPort.fromString("0.0.0.0:8555"));
  }

  @Test
  void aFlagWinsOverTheEnvironmentAndThatOverTheFile() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("dolmen.toml"),
            "name = \"file\"\napi = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n");
    Map<String, String> environment =
        Map.of("DOLMEN_NAME", "environment", "DOLMEN_API", "127.0.0.1:3");

    NodeSettings settings =
        NodeSettings.of(
            Configuration.resolve(
                Map.of(Setting.NAME, List.of("flag")), Optional.of(file), environment));

    assertThat(settings.name()).isEqualTo("flag");
    assertThat(settings.api().getPort()).isEqualTo(3);
    assertThat(settings.listen().getPort()).isEqualTo(2);
    assertThat(settings.lines())
        .contains(
            new NodeSettings.Line("name", "flag", "flag --name"),
            new NodeSettings.Line("api", "127.0.0.1:3", "environment DOLMEN_API"),
            new NodeSettings.Line("listen", "127.0.0.1:2", "file " + file),
            new NodeSettings.Line("mine", "false", "default"));
  }

  @Test
  void theEnvironmentMayNameTheFile() throws Exception {
    Path file = Files.writeString(directory.resolve("dolmen.toml"), "mine = true\n");

    Configuration configuration =
        Configuration.resolve(Map.of(), Optional.empty(), Map.of("DOLMEN_CONFIG", file.toString()));

    assertThat(NodeSettings.of(configuration).mine()).isTrue();
  }

  @Test
  void variablesOfOthersAreIgnored() throws Exception {
    Configuration configuration =
        Configuration.resolve(
            Map.of(), Optional.empty(), Map.of("DOLMEN_JAR", "x", "DOLMEN_NAME", " "));

    assertThat(NodeSettings.of(configuration).name()).isEqualTo("dolmen");
  }

  @Test
  void theEnvironmentListsPeersWithCommas() throws Exception {
    Configuration configuration =
        Configuration.resolve(
            Map.of(), Optional.empty(), Map.of("DOLMEN_CONNECT", "a.example:1, b.example:2"));

    assertThat(NodeSettings.of(configuration).connect())
        .containsExactly(PeerAddress.of("a.example", 1), PeerAddress.of("b.example", 2));
  }

  @Test
  void aStrongerSourceDecidesBetweenMemoryAndDirectory() throws Exception {
    Map<String, String> environment = Map.of("DOLMEN_DATA_DIR", "/data");

    assertThat(
            NodeSettings.of(
                    Configuration.resolve(
                        Map.of(Setting.MEMORY, List.of("true")), Optional.empty(), environment))
                .dataDirectory())
        .isEmpty();
    assertThat(
            NodeSettings.of(
                    Configuration.resolve(
                        Map.of(Setting.DATA_DIR, List.of("/other")),
                        Optional.empty(),
                        Map.of("DOLMEN_MEMORY", "true")))
                .dataDirectory())
        .contains(Path.of("/other"));
  }

  @Test
  void memoryAndDirectoryFromOneSourceExcludeEachOther() {
    assertThatThrownBy(
            () ->
                settings(
                    Map.of(Setting.MEMORY, List.of("true"), Setting.DATA_DIR, List.of("/data"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "flag --memory and flag --data-dir exclude each other: keep the chain in memory or in a"
                + " directory");
  }

  @ParameterizedTest
  @CsvSource({
    "LISTEN, 127.0.0.1",
    "LISTEN, 127.0.0.1:65536",
    "LISTEN, :8555",
    "API, ::1:8080",
    "API, nonsense",
  })
  void anAddressToListenOnNeedsHostAndPort(Setting setting, String text) {
    assertThatThrownBy(() -> settings(Map.of(setting, List.of(text))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("flag " + setting.flag() + " '" + text + "' is not HOST:PORT");
  }

  @Test
  void bothEndsOfThePortsAreAllowed() throws Exception {
    assertThat(settings(Map.of(Setting.API, List.of("127.0.0.1:0"))).api().getPort()).isZero();
    assertThat(settings(Map.of(Setting.LISTEN, List.of("[::1]:65535"))).listen().getPort())
        .isEqualTo(65_535);
  }

  @Test
  void aPeerThatIsNoAddressIsNamed() {
    assertThatThrownBy(() -> settings(Map.of(Setting.CONNECT, List.of("bob.example"))))
        .hasMessageContaining("flag --connect: address 'bob.example': the port is missing");
  }

  @Test
  void aNameHasOneTo64Bytes() throws Exception {
    assertThat(settings(Map.of(Setting.NAME, List.of("x".repeat(64)))).name()).hasSize(64);
    assertThatThrownBy(() -> settings(Map.of(Setting.NAME, List.of("x".repeat(65)))))
        .hasMessage("flag --name must be 1 to 64 bytes of text on one line");
    assertThatThrownBy(() -> settings(Map.of(Setting.NAME, List.of(" "))))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> settings(Map.of(Setting.NAME, List.of("two\nlines"))))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void aVariableForASwitchIsTrueOrFalse() {
    assertThatThrownBy(
            () -> Configuration.resolve(Map.of(), Optional.empty(), Map.of("DOLMEN_MINE", "yes")))
        .hasMessage("DOLMEN_MINE is 'yes': write true or false");
  }

  @Test
  void aFileMaySayEverything() throws Exception {
    NodeSettings settings =
        fromFile(
            """
            data-dir = "/data"
            listen = "0.0.0.0:1"
            connect = ["a.example:1", "b.example:2"]
            api = "127.0.0.1:0"
            allow = ["@/etc/dolmen/peers.txt", "%s"]
            network = "dev"
            mine = true
            name = "ann"
            no-discovery = true
            max-peers = 40
            outbound-peers = 10
            inbound-per-address = 2
            inbound-per-network = 3
            memory = false
            api-token-file = "/etc/dolmen/api.token"
            log-format = "json"
            log-file = "/var/log/dolmen.log"
            """
                .formatted("ab".repeat(32)));

    assertThat(settings.dataDirectory()).contains(Path.of("/data"));
    assertThat(settings.connect()).hasSize(2);
    assertThat(settings.allow().files()).containsExactly(Path.of("/etc/dolmen/peers.txt"));
    assertThat(settings.allow().ids()).containsExactly(PeerId.parse("ab".repeat(32)));
    assertThat(settings.peerLimits()).isEqualTo(new PeerLimits(40, 10, 2, 3));
    assertThat(settings.mine()).isTrue();
    assertThat(settings.name()).isEqualTo("ann");
    assertThat(settings.apiTokenFile()).contains(Path.of("/etc/dolmen/api.token"));
    assertThat(settings.logFormat()).isEqualTo(LogFormat.JSON);
    assertThat(settings.logFile()).contains(Path.of("/var/log/dolmen.log"));
  }

  @ParameterizedTest
  @CsvSource({
    "MAX_PEERS, 1, 0, 1 to 1000",
    "MAX_PEERS, 1000, 1001, 1 to 1000",
    "OUTBOUND_PEERS, 0, -1, 0 to 125",
    "OUTBOUND_PEERS, 125, 126, 0 to 125",
    "INBOUND_PER_ADDRESS, 1, 0, 1 to 1000",
    "INBOUND_PER_ADDRESS, 1000, 1001, 1 to 1000",
    "INBOUND_PER_NETWORK, 1, many, 1 to 1000",
  })
  void howManyPeersThereMayBeHasBounds(Setting setting, String good, String bad, String range)
      throws Exception {
    assertThat(settings(Map.of(setting, List.of(good))).lines())
        .contains(new NodeSettings.Line(setting.key(), good, "flag " + setting.flag()));
    assertThatThrownBy(() -> settings(Map.of(setting, List.of(bad))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("flag %s '%s' is not a number from %s", setting.flag(), bad, range);
  }

  @Test
  void fewerPeersInAllMeanFewerThatAreDialled() throws Exception {
    assertThat(settings(Map.of()).peerLimits()).isEqualTo(PeerLimits.STANDARD);
    assertThat(settings(Map.of(Setting.MAX_PEERS, List.of("3"))).peerLimits())
        .isEqualTo(new PeerLimits(3, 3, 4, 16));
  }

  @Test
  void whoIsAllowedIsNamedByIdOrFileAndByNothingElse() {
    assertThatThrownBy(() -> settings(Map.of(Setting.ALLOW, List.of("bob"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "flag --allow: 'bob' is neither a peer's id of 64 hex digits, as the peer shows it when"
                + " it starts, nor @FILE");
    assertThatThrownBy(() -> settings(Map.of(Setting.ALLOW, List.of())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("flag --allow names nobody; to let in nobody, write this node's own id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lissen = \"127.0.0.1:1\" | line 1: 'lissen' is unknown (did you mean 'listen'?); there are data-dir,",
        "log_format = \"json\" | line 1: 'log_format' is unknown (did you mean 'log-format'?)",
        "cheese = true | line 1: 'cheese' is unknown; there are data-dir, memory, listen",
        "listen = 8555 | line 1: 'listen' is a text in quotes",
        "mine = \"yes\" | line 1: 'mine' is either true or false, without quotes",
        "connect = [1] | line 1: 'connect' lists texts in quotes",
        "allow = 1 | line 1: 'allow' is a list of texts in quotes, such as [\"@peers.txt\"]",
        "connect = 1 | line 1: 'connect' is a list of texts in quotes",
        "max-peers = \"40\" | line 1: 'max-peers' is a whole number, without quotes",
        "listen = | line 1: ",
        "[listen] | 'listen' is a text in quotes",
      })
  void aFileThatIsWrongIsRefusedByLineAndKey(String toml, String complaint) {
    assertThatThrownBy(() -> fromFile(toml))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("configuration file " + directory.resolve("dolmen.toml"))
        .hasMessageContaining(complaint)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aLogIsTextOrJson() {
    assertThatThrownBy(() -> fromFile("log-format = \"xml\""))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageEndingWith("'xml' is neither text nor json");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    Path absent = directory.resolve("absent.toml");

    assertThatThrownBy(() -> Configuration.resolve(Map.of(), Optional.of(absent), Map.of()))
        .hasMessage("configuration file " + absent + " does not exist; name another with --config");
    assertThatThrownBy(() -> Configuration.resolve(Map.of(), Optional.of(directory), Map.of()))
        .hasMessageContaining("is a directory; name a file with --config");
  }

  @Test
  void aFileThatIsNotTextIsRefused() throws Exception {
    Path file = Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xc3, 0x28});

    assertThatThrownBy(() -> Configuration.resolve(Map.of(), Optional.of(file), Map.of()))
        .hasMessageContaining("is not text in UTF-8");
  }
}
