package dev.dolmen.it.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessesTest {

  private static final int TERMINATED = 143;

  @TempDir private Path directory;
  private Jar jar;

  @BeforeEach
  void setUp() {
    jar = new Jar(directory);
  }

  @AfterEach
  void tearDown() throws Exception {
    jar.endAll();
  }

  private NodeProcess node(String name, NodeProcess... dialled) throws Exception {
    return NodeProcess.start(jar, directory.resolve(name), dialled);
  }

  @Test
  void whatOneTakesTheThirdInLineHasAndAKilledOneCatchesUp() throws Exception {
    NodeProcess first = node("first");
    NodeProcess second = node("second", first);
    NodeProcess third = node("third", second);
    second.awaitPeers(2);

    third.awaitIncluded(first.submit("invoice 17 paid"));
    third.awaitSameTipAs(first);

    String tip = second.tip();
    second.running().kill();
    String whileAway = first.submit("invoice 18 paid");
    first.awaitIncluded(whileAway);
    second.startAgain();
    assertEquals(tip, second.tip());
    second.running().terminate();

    second.startAgain(first);
    second.awaitIncluded(whileAway);
    third.awaitIncluded(whileAway);
    third.awaitSameTipAs(first);
  }

  @Test
  void aSignalEndsANodeCleanlyAndNothingIsLost() throws Exception {
    NodeProcess node = node("node");
    String last = "";
    for (int i = 0; i < 5; i++) {
      last = node.submit("entry " + i);
    }
    node.awaitIncluded(last);
    String tip = node.tip();

    assertEquals(TERMINATED, node.running().terminate());
    assertFalse(node.running().err().contains("ERROR"), node.running().err());

    node.startAgain();
    assertEquals(tip, node.tip());
    assertEquals(TERMINATED, node.running().terminate());
  }

  @Test
  void aSecondProcessOnTheSameDirectoryIsRefused() throws Exception {
    NodeProcess node = node("node");

    Jar.Ended second =
        jar.run(
            "run",
            "--data-dir",
            node.dataDirectory().toString(),
            "--listen",
            "127.0.0.1:0",
            "--api",
            "127.0.0.1:0");

    assertRefused(second, "is in use by another node");
    assertTrue(node.height() >= 0);
  }

  @Test
  void whatIsGeneratedIsRunAndSyncedFrom() throws Exception {
    Path data = directory.resolve("generated");
    Jar.Ended generated =
        jar.run(
            "generate",
            "--data-dir",
            data.toString(),
            "--blocks",
            "500",
            "--transactions",
            "2",
            "--payload",
            "50",
            "--seed",
            "3");
    assertEquals(0, generated.exitCode(), generated.err());
    assertEquals("", generated.err());

    NodeProcess source = NodeProcess.start(jar, data);
    assertEquals(500, source.height());
    assertTrue(generated.out().contains(source.tip()), generated.out());
    NodeProcess other = node("other", source);
    other.awaitSameTipAs(source);
    assertEquals(500, other.height());
  }

  @Test
  void clientCommandsSpeakToARunningNode() throws Exception {
    NodeProcess node = node("node");

    Jar.Ended submitted = jar.run("submit", "invoice 17 paid", "--wait", "1", "--api", node.api());
    assertEquals(0, submitted.exitCode(), submitted.err());
    assertTrue(
        submitted.out().matches("in block 1, entry 0, by dolmen \\([0-9a-f]{4}…\\), .* m?s\\R"),
        submitted.out());

    Jar.Ended status = jar.run("status", "--api", node.api());
    assertTrue(status.out().contains("network dev   height 1"), status.out());
    Jar.Ended blocks = jar.run("blocks", "--api", node.api());
    assertEquals(2, blocks.out().lines().count(), blocks.out());
    Jar.Ended late =
        jar.run("submit", "too deep", "--wait", "9", "--timeout", "1", "--api", node.api());
    assertEquals(3, late.exitCode());
    assertTrue(late.err().contains("1 of 9 blocks deep; to ask again"), late.err());
  }

  @Test
  void portsInUseAreRefused() throws Exception {
    NodeProcess node = node("node");

    assertRefused(
        jar.run(
            "run", "--memory", "--listen", "127.0.0.1:" + node.peerPort(), "--api", "127.0.0.1:0"),
        "cannot listen on 127.0.0.1:" + node.peerPort() + ": port in use");
    Jar.Ended api = jar.run("run", "--memory", "--listen", "127.0.0.1:0", "--api", node.api());
    assertRefused(api, "cannot listen on " + node.api() + ": port in use");
  }

  @Test
  void settingsThatCannotBeUsedAreRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "name = 5\n");

    assertRefused(
        jar.run("run", "--data-dir", file.resolve("sub").toString(), "--api", "127.0.0.1:0"),
        "cannot create the data directory");
    assertRefused(jar.run("run", "--fancy"), "unknown option '--fancy'");
    assertRefused(jar.run("run", "--memory", "--listen", "nowhere"), "is not HOST:PORT");
    assertRefused(jar.run("run", "--memory", "--connect", "bob"), "the port is missing");
    assertRefused(jar.run("run", "--memory", "--network", file.toString()), "network file " + file);
    assertRefused(jar.run("run", "--memory", "--data-dir", "d"), "exclude each other");
  }

  @Test
  void aDevnetSaysWhereItIsAndServesEveryNode() throws Exception {
    Jar.Running devnet =
        jar.start("devnet", "--nodes", "3", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0");
    await().atMost(Duration.ofSeconds(30)).until(() -> devnet.out().contains("Try:"));
    String printed = devnet.out();
    assertTrue(
        printed.startsWith("Dolmen devnet   3 nodes, every link real TCP with TLS"), printed);
    assertTrue(
        printed.matches("(?s).*alice 127\\.0\\.0\\.1:[0-9]+   bob :[0-9]+   carol :[0-9]+.*"));
    String api = printed.replaceAll("(?s).*http://(127\\.0\\.0\\.1:[0-9]+)/v1 .*", "$1");

    Jar.Ended submitted = jar.run("submit", "hello", "--wait", "1", "--api", api);
    assertEquals(0, submitted.exitCode(), submitted.err());
    assertTrue(submitted.out().contains("by alice ("), submitted.out());
    assertEquals(TERMINATED, devnet.terminate());
    assertEquals("", devnet.err());
  }

  private static void assertRefused(Jar.Ended ended, String complaint) {
    assertEquals(2, ended.exitCode(), ended.err());
    assertTrue(ended.err().startsWith("dolmen: "), ended.err());
    assertTrue(ended.err().contains(complaint), ended.err());
    assertEquals(1, ended.err().lines().count(), ended.err());
    assertFalse(ended.err().contains("\tat "), ended.err());
    assertEquals("", ended.out());
  }
}
