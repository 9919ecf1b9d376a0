package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small file system of its own that really fills up; needs the right to mount one. */
final class FullDiskTest {

  private static final int MIB = 1 << 20;

  /** Somewhat more than what a node wants to be free before it goes on, 320 MiB. */
  private static final int DISK_MIB = 400;

  /** {@code -Ddisk.rounds} asks for any number. */
  private static final int ROUNDS = Integer.getInteger("disk.rounds", 3);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private Path disk;
  private Jar jar;
  private boolean mounted;

  @BeforeEach
  void mountASmallDisk() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    jar = new Jar(Files.createDirectory(directory.resolve("printed")));
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "dolmen", "" + disk)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    mounted = mount.waitFor() == 0;
    assumeTrue(mounted, "no right to mount a small file system here: the test is left out");
  }

  @AfterEach
  void unmount() throws Exception {
    jar.endAll();
    if (mounted) {
      assertThat(new ProcessBuilder("umount", disk.toString()).start().waitFor()).isZero();
    }
  }

  @Test
  @Timeout(3_600)
  void aNodeStopsStoringBeforeTheDiskIsFullReadsOnAndGoesOnByItself() throws Exception {
    NodeProcess node = NodeProcess.start(jar, disk.resolve("data"));
    List<NodeProcess.Taken> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(node.take("entry " + i));
    }
    String tip = node.tip();
    Path ballast = disk.resolve("ballast");

    for (int round = 0; round < ROUNDS; round++) {
      fillUp(ballast);
      assertThat(Files.getFileStore(disk).getUsableSpace()).isLessThan(MIB);
      String text = "refused " + round;
      await().atMost(PATIENCE).until(() -> node.offer(text).statusCode() == 503);
      assertThat(node.offer(text).body()).contains("free some, so that 320 MiB are left");
      assertThat(node.tip()).isEqualTo(tip);
      for (NodeProcess.Taken entry : taken) {
        assertThat(node.stateOf(entry.id())).contains("included");
      }
      assertThat(node.status().get("waitingFor").getAsString()).contains("room");
      assertThat(node.statusOf("/health/ready")).isEqualTo(503);
      assertThat(node.statusOf("/health/live")).isEqualTo(200);

      Files.delete(ballast);
      await().atMost(PATIENCE).until(() -> node.statusOf("/health/ready") == 200);
      taken.add(node.take("goes on " + round));
      tip = node.tip();
    }

    fillUp(ballast);
    node.running().kill();
    Files.delete(ballast);
    node.startAgain();
    assertThat(node.tip()).isEqualTo(tip);
    assertThat(node.running().err()).doesNotContain("ERROR");
    for (NodeProcess.Taken entry : taken) {
      assertThat(node.stateOf(entry.id())).contains("included");
    }
    node.running().kill();
    StoreCheck.check(node.dataDirectory(), directory, taken);
  }

  /** Writes until the disk takes no more. */
  private static void fillUp(Path file) throws IOException {
    byte[] block = new byte[MIB];
    try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
      while (true) {
        ballast.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }
}
