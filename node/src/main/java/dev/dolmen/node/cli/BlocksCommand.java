package dev.dolmen.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Blocks of a running node's best chain. */
@Command(
    name = "blocks",
    mixinStandardHelpOptions = true,
    description = "Prints blocks of a running node's chain, ascending; the last ones by default.",
    footer = {"", "Examples:", "  dolmen blocks", "  dolmen blocks --json | jq ."})
final class BlocksCommand implements Callable<Integer> {

  private static final int MAX_LIMIT = 1_000;
  private static final int HEIGHT_WIDTH = 8;
  private static final int TIME_WIDTH = 24;
  private static final int COUNT_WIDTH = 14;

  private final Terminal terminal;

  @Mixin private ApiFlags flags = new ApiFlags();

  @Option(
      names = "--from",
      paramLabel = "HEIGHT",
      description = "The first block's height (default: so that the last one is the tip).")
  private @Nullable Long from;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many at most, up to 1000 (default: ${DEFAULT-VALUE}).")
  private int limit;

  BlocksCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new CommandFailure(
          ExitCode.USAGE, "--limit " + limit + " is not between 1 and " + MAX_LIMIT);
    }
    if (from != null && from < 0) {
      throw new CommandFailure(ExitCode.USAGE, "--from " + from + ": heights begin at 0");
    }
    ApiClient client = flags.client(terminal.environment());
    try {
      long first = from == null ? firstOfTheLast(client) : from;
      ApiClient.Answer answer = client.require("/v1/blocks?from=" + first + "&limit=" + limit);
      PrintWriter out = terminal.out();
      if (flags.json()) {
        out.println(answer.text());
      } else {
        print(out, answer.json().elements());
      }
      return ExitCode.YES;
    } catch (IOException e) {
      throw client.strange(e);
    }
  }

  private long firstOfTheLast(ApiClient client) throws CommandFailure, IOException {
    return Math.max(0, client.require("/v1/status").json().number("height") - limit + 1);
  }

  private static void print(PrintWriter out, List<Json> blocks) throws IOException {
    for (Json block : blocks) {
      out.println(
          Columns.pad(Long.toString(block.number("height")), HEIGHT_WIDTH)
              + Columns.pad(Instant.ofEpochMilli(block.number("timestamp")).toString(), TIME_WIDTH)
              + "  "
              + Columns.pad(
                  Columns.count(block.number("transactionCount"), "entry", "entries"), COUNT_WIDTH)
              + Columns.pad(Columns.count(block.number("size"), "byte", "bytes"), COUNT_WIDTH)
              + block.text("hash"));
    }
  }
}
