package dev.dolmen.it.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.config.NetworkFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/examples/fetch_chain.py}: a client that shares no line of code with the node. */
final class PythonClientTest {

  private static final Path PROGRAM = Path.of("..", "docs", "examples", "fetch_chain.py");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Block GENESIS = Blocks.genesis();

  @TempDir private Path directory;

  private record Ended(int exitCode, String out, String err) {}

  @BeforeAll
  static void pythonAndOpensslAreThere() {
    assumeTrue(Shell.has("python3", "--version"), "python3 is not installed");
    assumeTrue(Shell.has("openssl", "version"), "the openssl command is not installed");
  }

  @Test
  void fetchesAChainAndAgreesWithTheNodeAboutEveryByteOfIt() throws Exception {
    try (Dolmen node = Dolmen.builder().name("alice").start()) {
      for (int i = 0; i < 20; i++) {
        node.submit(("entry " + i).getBytes(UTF_8));
      }

      Ended fetched = fetch(node.id() + "@" + node.listenAddress());

      assertEquals("", fetched.err());
      assertEquals(0, fetched.exitCode());
      assertThat(fetched.out())
          .startsWith("height 20   hash " + node.view().tip().hash())
          .contains("work " + node.view().tip().totalWork().value() + " ")
          .contains("entries 20 ");
    }
  }

  @Test
  void followsTheDifficultyRuleOfAnotherNetwork() throws Exception {
    NetworkParameters network =
        Blocks.retargeting().toBuilder().interval(Duration.ofMillis(20)).build();
    Path file = Files.writeString(directory.resolve("network.toml"), NetworkFile.write(network));
    try (Dolmen node = Dolmen.builder().network(network).name("alice").mine(true).start()) {
      await().atMost(PATIENCE).until(() -> node.view().tip().height() >= 30);

      Ended fetched = fetch(node.listenAddress().toString(), "--network", file.toString());

      assertEquals("", fetched.err());
      List<String> said = Splitter.on(' ').omitEmptyStrings().splitToList(fetched.out());
      assertThat(
              node.runner().reader().hashAt(Long.parseLong(said.get(1))).orElseThrow().toString())
          .isEqualTo(said.get(3));
    }
  }

  @Test
  void refusesANodeOfAnotherNetworkOrOfAnotherIdThanAskedFor() throws Exception {
    NetworkParameters other = NetworkParameters.dev().toBuilder().largestBlock(2_000_000).build();
    try (Dolmen node = Dolmen.builder().network(other).name("alice").start()) {
      Ended stranger = fetch(node.listenAddress().toString());
      assertEquals(1, stranger.exitCode());
      assertThat(stranger.err()).contains("network");

      Ended impostor = fetch("00".repeat(32) + "@" + node.listenAddress());
      assertEquals(1, impostor.exitCode());
      assertThat(impostor.err()).contains("the node is " + node.id() + ", not 0000");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void believesNoBlockThatBreaksARule(String rule, Block lie) throws Exception {
    List<Block> chain = new ArrayList<>(Blocks.chain(12));
    chain.add(lie);
    try (ScriptedPeer liar = ScriptedPeer.serving(NetworkParameters.dev(), chain)) {
      Ended fetched = fetch(liar.address());

      assertThat(fetched.err())
          .isEqualToIgnoringNewLines("fetch_chain: " + rule + " (after block 12)");
      assertEquals("", fetched.out());
      assertEquals(1, fetched.exitCode());
    }
  }

  static Stream<Arguments> lies() {
    Block parent = Blocks.chain(12).get(11);
    Transaction good = Blocks.transaction("alice", "entry", 100);
    Transaction unsigned =
        Transaction.of(
            good.author(),
            good.expiryHeight(),
            Bytes.wrap("another entry".getBytes(UTF_8)),
            Signature.fromBytes(good.signature().toBytes(), 0));
    return Stream.of(
        Arguments.of("the version is 1", Blocks.childOf(parent).withVersion(2).build()),
        Arguments.of(
            "the height is the parent's and one", Blocks.childOf(parent).withHeight(14).build()),
        Arguments.of("a block stands on one that we share", Blocks.chain(14).get(13)),
        Arguments.of(
            "the timestamp is above the median",
            Blocks.childOf(parent).withTime(GENESIS.header().timestamp()).build()),
        Arguments.of(
            "the timestamp is not from the future",
            Blocks.childOf(parent).withTime(Long.MAX_VALUE / 2).build()),
        Arguments.of(
            "the target is what the difficulty rule says",
            Blocks.childOf(parent).withBits(0x207ffffe).build()),
        Arguments.of("the hash meets the target", Blocks.childOf(parent).buildWithoutWork()),
        Arguments.of(
            "the body has as many transactions as the header counts",
            Blocks.childOf(parent).withTransactionCount(1).build()),
        Arguments.of(
            "the Merkle root is the body's",
            Blocks.childOf(parent).withMerkleRoot(Hash256.fromBytes(new byte[32])).build()),
        Arguments.of(
            "no transaction has expired or is too early",
            Blocks.childOf(parent)
                .withTransactions(Blocks.transaction("alice", "old", 12))
                .build()),
        Arguments.of(
            "every transaction is in the chain once",
            Blocks.childOf(parent).withTransactions(good, good).build()),
        Arguments.of(
            "the signature of " + unsigned.id() + " is not its author's",
            Blocks.childOf(parent).withTransactions(unsigned).build()));
  }

  private Ended fetch(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", PROGRAM.toString()));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(process.waitFor(PATIENCE.toSeconds(), SECONDS), "the client has not ended");
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }
}
