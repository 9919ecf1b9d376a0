package dev.dolmen.node;

import static dev.dolmen.node.follow.Confirmations.confirmations;
import static dev.dolmen.node.follow.StartingPoint.fromHeight;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.dolmen.core.block.TransactionId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that was closed leaves nothing behind, however often. */
class LeftoversTest {

  private static final int CYCLES = 50;

  /** One node with a link, a promise and a follower; all of it is open when the node is closed. */
  private static void openAndClose(Path directory) throws Exception {
    try (Dolmen other = Dolmen.builder().name("leftover-b").start();
        Dolmen node =
            Dolmen.builder()
                .name("leftover-a")
                .dataDirectory(directory)
                .connect(other.listenAddress().toString())
                .start()) {
      TransactionId id = node.submit("x".getBytes(UTF_8));
      node.awaitInclusion(id, confirmations(1_000));
      node.awaitInclusion(id, confirmations(1)).get();
      node.follow(fromHeight(0), block -> {});
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains("dolmen") || name.contains("leftover"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static long descriptors() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  private static Set<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void fiftyNodesOneAfterTheOtherLeaveNoThreadDescriptorOrFile(@TempDir Path directory)
      throws Exception {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean,
        "descriptors are counted on Unix only");
    Path data = directory.resolve("data");
    openAndClose(data); // Loads what stays loaded: native code, class files, loggers.
    await().untilAsserted(() -> assertThat(threads()).isEmpty());
    long before = descriptors();

    for (int i = 0; i < CYCLES; i++) {
      openAndClose(data); // The directory's lock was let go, or this would fail.
    }

    await().untilAsserted(() -> assertThat(threads()).isEmpty());
    await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before));
    assertThat(files(directory))
        .as("what is meant to stay")
        .allMatch(
            name ->
                name.equals("data/identity.key")
                    || name.equals("data/addresses")
                    || name.startsWith("data/chain/"));
  }
}
