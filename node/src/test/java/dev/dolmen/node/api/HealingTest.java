package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.follow.StartingPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes, real sockets, a real database whose bytes are changed: what a user sees of it. */
final class HealingTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BLOCKS = 120;

  @TempDir private Path directory;

  private Path aliceDirectory() {
    return directory.resolve("alice");
  }

  private Dolmen alice(String... peers) throws IOException {
    Dolmen.Builder builder =
        Dolmen.builder().name("alice").discovery(false).dataDirectory(aliceDirectory());
    for (String peer : peers) {
      builder.connect(peer);
    }
    return builder.start();
  }

  @Test
  void aDamagedBodyIsServedToNobodyFetchedAgainAndServedThen() throws Exception {
    List<Block> chain = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(5);
    try (Dolmen bob = Dolmen.builder().name("bob").discovery(false).start()) {
      try (Dolmen alice = alice(bob.listenAddress().toString())) {
        for (int i = 0; i < BLOCKS; i++) {
          byte[] payload = new byte[1_200];
          random.nextBytes(payload); // Or it would be next to nothing on disk.
          bob.submit(payload);
        }
        await()
            .atMost(LIMIT)
            .until(() -> tip(bob).height() == BLOCKS && tip(bob).equals(tip(alice)));
        for (BlockHash hash : alice.runner().reader().hashesFrom(1, BLOCKS)) {
          chain.add(alice.runner().reader().block(hash).orElseThrow());
        }
      }
      alice().close(); // The log becomes tables.
      flipBitsOf(largestTable());

      try (LocalApi api = LocalApi.of(alice())) {
        List<Block> damaged = expectRightAnswersOrClearOnes(api, chain);
        assertThat(damaged).isNotEmpty().hasSizeLessThan(BLOCKS);
        Block first = damaged.get(0);
        CountDownLatch followed = new CountDownLatch((int) first.height() + 1);
        api.node().follow(StartingPoint.fromHeight(0), b -> followed.countDown());
        assertThat(api.get("/v1/blocks/" + first.hash()).status()).isEqualTo(503);

        api.node().peers().connect(PeerAddress.parse(bob.listenAddress().toString()));
        await()
            .atMost(LIMIT)
            .untilAsserted(() -> assertThat(expectRightAnswersOrClearOnes(api, chain)).isEmpty());
        assertThat(followed.await(60, TimeUnit.SECONDS)).as("the follower went on").isTrue();
        api.node().submit("and on it goes".getBytes(UTF_8));
      }
    }
    assertThat(aliceDirectory().resolve("chain/damaged")).exists();
    try (Dolmen again = alice(); // Its tables are made anew, with nobody to ask.
        LocalApi api = LocalApi.of(again)) {
      assertThat(expectRightAnswersOrClearOnes(api, chain)).isEmpty();
      assertThat(tip(again).height()).isEqualTo(BLOCKS + 1L);
    }
    assertThat(aliceDirectory().resolve("chain/damaged")).doesNotExist();
    assertThat(aliceDirectory().resolve("chain/blocks.damaged")).doesNotExist();
  }

  private static ChainedHeader tip(Dolmen node) {
    return node.view().tip();
  }

  /** The blocks for which the answer is that they are damaged; every other answer is right. */
  private static List<Block> expectRightAnswersOrClearOnes(LocalApi api, List<Block> chain)
      throws Exception {
    List<Block> damaged = new ArrayList<>();
    for (Block block : chain) {
      LocalApi.Answer raw = api.get("/v1/blocks/" + block.hash() + "/raw");
      if (raw.status() == 503) {
        assertThat(raw.problem())
            .contains("block " + block.hash() + " is damaged on this node's disk")
            .contains("ask again");
        damaged.add(block);
      } else {
        assertThat(raw.status()).isEqualTo(200);
        assertThat(raw.body()).isEqualTo(block.toBytes());
      }
      assertThat(api.node().ended()).isNotDone();
    }
    return damaged;
  }

  private Path largestTable() throws IOException {
    try (Stream<Path> files = Files.walk(aliceDirectory())) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  /** In the first half, where the records are. */
  private static void flipBitsOf(Path table) throws IOException {
    byte[] content = Files.readAllBytes(table);
    for (int at : List.of(content.length / 8, content.length / 4, content.length / 3)) {
      content[at] ^= 4;
    }
    Files.write(table, content);
  }
}
