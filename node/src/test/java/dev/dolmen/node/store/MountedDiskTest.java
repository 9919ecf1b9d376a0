package dev.dolmen.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system of its own that is full or read-only, which even root cannot write to; needs the
 * right to mount one.
 */
final class MountedDiskTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final int DISK_MIB = 16;

  @TempDir private Path directory;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mountADisk() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = runs("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "dolmen", "" + disk);
    assumeTrue(mounted, "no right to mount a file system here: the test is left out");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(runs("umount", disk.toString())).isTrue();
    }
  }

  private static boolean runs(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void aReadOnlyDirectoryIsRefusedWithOneLineAndLeftAsItIs() throws Exception {
    Path data = disk.resolve("data");
    Dolmen.builder().discovery(false).dataDirectory(data).start().close();
    Map<String, Long> before = times(disk);
    assertThat(runs("mount", "-o", "remount,ro", disk.toString())).isTrue();

    assertThatThrownBy(() -> Dolmen.builder().discovery(false).dataDirectory(data).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data directory " + data.resolve("chain"))
        .hasMessageContaining("cannot be written to (read-only, or permission denied)")
        .hasMessageContaining("--data-dir")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(
            () -> Dolmen.builder().discovery(false).dataDirectory(disk.resolve("new")).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--data-dir")
        .hasMessageNotContaining("\n");

    assertThat(times(disk)).isEqualTo(before);
    assertThat(runs("mount", "-o", "remount,rw", disk.toString())).isTrue();
    Dolmen.builder().discovery(false).dataDirectory(data).start().close();
  }

  @Test
  void aNodeIsNotStartedOnAFullDiskAndStartsOnceThereIsRoom() throws Exception {
    Path data = disk.resolve("data");
    Dolmen.builder().discovery(false).dataDirectory(data).start().close();
    Path ballast = disk.resolve("ballast");
    fillUp(ballast);

    assertThatThrownBy(() -> RocksBlockStore.openMended(data.resolve("chain"), DEV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no space is left on its disk; free")
        .hasMessageNotContaining("delete")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(
            () -> Dolmen.builder().discovery(false).dataDirectory(disk.resolve("new")).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left")
        .hasMessageContaining("Make room there")
        .hasMessageNotContaining("\n");

    Files.delete(ballast);
    Dolmen.builder().discovery(false).dataDirectory(data).start().close();
  }

  private static Map<String, Long> times(Path tree) throws IOException {
    Map<String, Long> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.put(tree.relativize(file).toString(), Files.getLastModifiedTime(file).toMillis());
      }
    }
    return times;
  }

  /** Writes until the disk takes no more. */
  private static void fillUp(Path file) throws IOException {
    byte[] block = new byte[4_096];
    try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
      while (true) {
        ballast.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }
}
