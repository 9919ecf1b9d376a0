package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.node.config.Durations;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code peers ban}, {@code peers unban}, {@code peers bans}: whom a running node does not want.
 */
final class BanCommands {

  private static final String PATH = "/v1/bans";
  private static final int SUBJECT_WIDTH = 66;

  private BanCommands() {}

  /** Lists the bans. */
  @Command(
      name = "bans",
      mixinStandardHelpOptions = true,
      description = "Prints whom a running node does not want.",
      footer = {"", "Example:  dolmen peers bans --json"})
  static final class Banned implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private ApiFlags flags = new ApiFlags();

    Banned(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
      ApiClient client = flags.client(terminal.environment());
      ApiClient.Answer answer = client.require(PATH);
      if (flags.json()) {
        terminal.out().println(answer.text());
        return ExitCode.YES;
      }
      try {
        List<Json> bans = answer.json().elements();
        if (bans.isEmpty()) {
          terminal.out().println("nobody is banned");
        }
        for (Json ban : bans) {
          terminal.out().println(line(ban));
        }
      } catch (IOException e) {
        throw client.strange(e);
      }
      return ExitCode.YES;
    }
  }

  private static String line(Json ban) throws IOException {
    String until =
        ban.find("until").filter(json -> json.value() instanceof Number).isPresent()
            ? "until " + Instant.ofEpochMilli(ban.number("until"))
            : "for ever";
    String reason = Columns.harmless(ban.text("reason"));
    return Columns.pad(ban.text("peer"), SUBJECT_WIDTH)
        + until
        + (reason.isEmpty() ? "" : "  " + reason);
  }

  /** Bans somebody. */
  @Command(
      name = "ban",
      mixinStandardHelpOptions = true,
      description =
          "Disconnects a peer or an address, and keeps it out, also after a restart. A ban that is"
              + " there already is replaced.",
      footer = {"", "Example:  dolmen peers ban 203.0.113.7 --for 12h --reason 'floods us'"})
  static final class Ban implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private ApiFlags flags = new ApiFlags();

    @Parameters(paramLabel = "ID|ADDRESS", description = "64 hex digits, or an IP address.")
    private String peer = "";

    @Option(
        names = "--for",
        paramLabel = "TIME",
        description = "How long, such as 90s, 12h or 30d (default: until it is unbanned).")
    private @Nullable String time;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for people.")
    private String reason = "";

    Ban(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
      ApiClient client = flags.client(terminal.environment());
      String body =
          "{\"peer\":"
              + Json.quote(peer)
              + seconds().map(seconds -> ",\"seconds\":" + seconds).orElse("")
              + ",\"reason\":"
              + Json.quote(reason)
              + "}";
      ApiClient.Answer answer = client.require(() -> client.post(PATH, body.getBytes(UTF_8)));
      try {
        terminal.out().println(flags.json() ? answer.text() : line(answer.json()));
      } catch (IOException e) {
        throw client.strange(e);
      }
      return ExitCode.YES;
    }

    private Optional<Long> seconds() throws CommandFailure {
      if (time == null) {
        return Optional.empty();
      }
      Duration length =
          Durations.parse(time)
              .filter(parsed -> parsed.toSeconds() >= 1)
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          ExitCode.USAGE,
                          "--for " + time + ": say how long, such as 90s, 12h or 30d"));
      return Optional.of(length.toSeconds());
    }
  }

  /** Ends a ban. */
  @Command(
      name = "unban",
      mixinStandardHelpOptions = true,
      description = "Ends a ban.",
      footer = {"", "Example:  dolmen peers unban 203.0.113.7"})
  static final class Unban implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private ApiFlags flags = new ApiFlags();

    @Parameters(paramLabel = "ID|ADDRESS", description = "As 'peers bans' shows it.")
    private String peer = "";

    Unban(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
      ApiClient client = flags.client(terminal.environment());
      client.require(() -> client.delete(PATH + "/" + URLEncoder.encode(peer, UTF_8)));
      if (!flags.json()) {
        terminal.out().println(Columns.harmless(peer) + " may come again");
      }
      return ExitCode.YES;
    }
  }
}
