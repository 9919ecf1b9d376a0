package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.Blocks;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Devnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example of the documents is run as it stands, by the real curl, and must be answered. */
class ApiExamplesTest {

  private static final String ADDRESS = "http://127.0.0.1:8080";

  /** What curl says when it ends because it was told to end. */
  private static final int TIMED_OUT = 28;

  @TempDir private Path directory;

  private static List<String> examples(String document) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/api.md"))) {
      root = Objects.requireNonNull(root.getParent(), "no directory above has docs/api.md");
    }
    return Files.readAllLines(root.resolve(document)).stream()
        .filter(line -> line.startsWith("    curl ") && line.contains(ADDRESS))
        .map(String::strip)
        .toList();
  }

  private record Ended(int exitCode, String out) {}

  private Ended run(String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), out);
  }

  private boolean hasCurl() throws Exception {
    return run("curl --version").exitCode() == 0;
  }

  @Test
  void everyExampleOfTheDocumentsWorks() throws Exception {
    assumeTrue(hasCurl(), "curl is not installed");
    Files.writeString(directory.resolve("report.pdf"), "a report");
    Files.write(
        directory.resolve("signed"), Blocks.transaction("carol", "elsewhere", 200).toBytes());
    try (LocalApi api = LocalApi.start();
        Dolmen bob = Dolmen.builder().connect(api.node().listenAddress().toString()).start();
        Devnet devnet = Devnet.builder().nodes(4).start();
        ApiServer ofDevnet = ApiServer.startDevnet(devnet, HostAndPort.fromParts("127.0.0.1", 0))) {
      api.mine(8);
      String entry = api.post("/v1/transactions", "an entry").object().getString("id");
      Awaitility.await().until(() -> !api.node().peers().peers().isEmpty());
      List<String> examples = new ArrayList<>(examples("docs/api.md"));
      examples.addAll(examples("docs/metrics.md"));
      assertThat(examples).hasSizeGreaterThan(20);

      for (String example : examples) {
        int port = example.contains("/devnet/") ? ofDevnet.address().getPort() : api.port();
        String command =
            example
                .replace(ADDRESS, "http://127.0.0.1:" + port)
                .replace("/transactions/ID", "/transactions/" + entry)
                .replace("/peers/ID", "/peers/" + bob.id())
                .replace("PUBLIC_KEY", api.node().id().toString());
        boolean endless = example.startsWith("curl -N");

        Ended ended =
            run(
                command.replaceFirst(
                    "^curl ",
                    "curl -sS -w '\\\\nstatus %{http_code}' " + (endless ? "--max-time 1 " : "")));

        assertThat(ended.exitCode())
            .as(example + "\n" + ended.out())
            .isIn(0, endless ? TIMED_OUT : 0);
        assertThat(ended.out()).as(example).matches("(?s).*\nstatus 2\\d\\d");
      }
      assertThat(Files.size(directory.resolve("block-7"))).isEqualTo(100);
    }
  }
}
