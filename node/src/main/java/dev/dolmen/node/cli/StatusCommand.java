package dev.dolmen.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How a running node stands. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Prints how a running node stands: its tip, its peers, what it waits for.",
    footer = {"", "Examples:", "  dolmen status", "  dolmen status --json --api 127.0.0.1:8081"})
final class StatusCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ApiFlags flags = new ApiFlags();

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    ApiClient client = flags.client(terminal.environment());
    ApiClient.Answer answer = client.require("/v1/status");
    PrintWriter out = terminal.out();
    if (flags.json()) {
      out.println(answer.text());
      return ExitCode.YES;
    }
    try {
      print(out, answer.json());
    } catch (IOException e) {
      throw client.strange(e);
    }
    return ExitCode.YES;
  }

  private static void print(PrintWriter out, Json status) throws IOException {
    Json mempool = status.field("mempool");
    String syncing =
        status.isTrue("syncing") ? "   catching up to " + status.number("headerHeight") : "";
    out.println(
        Columns.harmless(status.text("name"))
            + "   network "
            + Columns.harmless(status.text("network"))
            + "   height "
            + status.number("height")
            + syncing);
    out.println("  tip      " + status.text("hash"));
    out.println("  id       " + status.text("peerId"));
    out.println("  peers    " + status.number("peers"));
    out.println(
        "  pending  "
            + Columns.count(mempool.number("transactions"), "entry", "entries")
            + ", "
            + Columns.count(mempool.number("bytes"), "byte", "bytes"));
    status
        .find("waitingFor")
        .filter(waiting -> waiting.value() instanceof String text && !text.isBlank())
        .ifPresent(waiting -> out.println("  waiting  for " + waiting.value()));
  }
}
