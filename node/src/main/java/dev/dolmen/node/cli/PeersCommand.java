package dev.dolmen.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Who a running node is linked to, and why those are gone who went last. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = "Prints a running node's peers, and why those went who are gone.",
    footer = {"", "Examples:", "  dolmen peers", "  dolmen peers --api 127.0.0.1:8081"})
final class PeersCommand implements Callable<Integer> {

  private static final int NAME_WIDTH = 16;
  private static final int ADDRESS_WIDTH = 24;
  private static final int WAY_WIDTH = 9;
  private static final int TIME_WIDTH = 10;

  /** More would push the peers that are there off the screen; the API has all. */
  private static final int SHOWN_GONE = 8;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final Terminal terminal;

  @Mixin private ApiFlags flags = new ApiFlags();

  PeersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    ApiClient client = flags.client(terminal.environment());
    ApiClient.Answer answer = client.require("/v1/peers");
    PrintWriter out = terminal.out();
    if (flags.json()) {
      out.println(answer.text());
      return ExitCode.YES;
    }
    try {
      List<Json> peers = answer.json().elements();
      if (peers.isEmpty()) {
        out.println("no peers; link one with 'dolmen run --connect HOST:PORT'");
      }
      for (Json peer : peers) {
        print(out, peer);
      }
      printGone(out, client.require("/v1/peers/gone").json().elements());
    } catch (IOException e) {
      throw client.strange(e);
    }
    return ExitCode.YES;
  }

  private static void print(PrintWriter out, Json peer) throws IOException {
    out.println(
        Columns.pad(Columns.harmless(peer.text("name")), NAME_WIDTH)
            + Columns.pad(Columns.harmless(peer.text("address")), ADDRESS_WIDTH)
            + Columns.pad(peer.isTrue("outbound") ? "dialled" : "came", WAY_WIDTH)
            + peer.text("id"));
  }

  private static void printGone(PrintWriter out, List<Json> gone) throws IOException {
    if (!gone.isEmpty()) {
      out.println("went, the latest first:");
    }
    for (Json peer : gone.subList(0, Math.min(gone.size(), SHOWN_GONE))) {
      out.println(
          "  "
              + Columns.pad(
                  TIME.format(
                      Instant.ofEpochMilli(peer.number("at")).atZone(ZoneId.systemDefault())),
                  TIME_WIDTH)
              + Columns.pad(Columns.harmless(peer.text("address")), ADDRESS_WIDTH)
              + Columns.shorten(peer.text("id"))
              + "  "
              + peer.text("code")
              + ": "
              + Columns.harmless(peer.text("reason")));
    }
  }
}
