package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.node.cli.ApiClient.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Hands an entry to a running node. The expiry is fixed before the first try, so that every further
 * try, also one by the user with {@code --expiry}, is the same entry and gets into the chain once.
 */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    description = {
      "Hands an entry to a running node, which signs it, and prints its id; with --wait, where it is"
          + " once it is N blocks deep.",
      "Asking again is safe with the same --expiry: the same entry is in the chain at most once."
    },
    footer = {
      "",
      "Examples:",
      "  dolmen submit 'invoice 17 paid' --wait 1",
      "  dolmen submit @report.pdf",
      "  date | dolmen submit -"
    })
final class SubmitCommand implements Callable<Integer> {

  static final int MAX_PAYLOAD_BYTES = 100_000;

  /** How far above the tip an entry expires when nothing is said: {@code docs/protocol.md}. */
  private static final int DEFAULT_EXPIRY = 250;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

  private final Terminal terminal;

  @Mixin private ApiFlags flags = new ApiFlags();

  @Parameters(
      paramLabel = "TEXT|@FILE|-",
      description = "The entry: a text, the bytes of a file, or standard input.")
  private String what = "";

  @Option(
      names = "--wait",
      paramLabel = "N",
      description = "Wait until the entry is N blocks deep; 1 is the tip.")
  private @Nullable Integer wait;

  @Option(
      names = "--expiry",
      paramLabel = "HEIGHT",
      description = "The last block that may hold the entry (default: 250 above the tip).")
  private @Nullable Long expiry;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to try and to wait (default: ${DEFAULT-VALUE}).")
  private int timeout;

  SubmitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    if (wait != null && wait < 1) {
      throw new CommandFailure(ExitCode.USAGE, "--wait " + wait + ": the tip is 1 block deep");
    }
    if (expiry != null && expiry < 1) {
      throw new CommandFailure(ExitCode.USAGE, "--expiry " + expiry + ": heights begin at 1");
    }
    if (timeout < 1) {
      throw new CommandFailure(ExitCode.USAGE, "--timeout " + timeout + ": give it a second");
    }
    ApiClient client = flags.client(terminal.environment());
    byte[] payload = payload();
    try {
      Json status = client.require("/v1/status").json();
      long lastHeight = expiry == null ? status.number("height") + DEFAULT_EXPIRY : expiry;
      return new Attempt(client, status, payload, lastHeight).run();
    } catch (IOException e) {
      throw client.strange(e);
    }
  }

  private byte[] payload() throws CommandFailure {
    byte[] payload;
    try {
      payload = read();
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "cannot read " + what + " (" + e.getClass().getSimpleName() + "); name another file",
          e);
    }
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "an entry has at most "
              + MAX_PAYLOAD_BYTES
              + " bytes, and this is longer; split it, or submit its digest");
    }
    return payload;
  }

  private byte[] read() throws IOException, CommandFailure {
    if (what.equals("-")) {
      return terminal.in().readNBytes(MAX_PAYLOAD_BYTES + 1);
    }
    if (what.startsWith("@")) {
      try (InputStream file = Files.newInputStream(Path.of(what.substring(1)))) {
        return file.readNBytes(MAX_PAYLOAD_BYTES + 1);
      }
    }
    if (what.indexOf('\ufffd') >= 0) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "this terminal's encoding lost some of TEXT's characters; set LC_ALL=C.UTF-8, or submit"
              + " @FILE");
    }
    return what.getBytes(UTF_8);
  }

  /** One entry on its way. */
  private final class Attempt {
    private final ApiClient client;
    private final Json status;
    private final byte[] payload;
    private final long expiryHeight;
    private final long begun = System.nanoTime();
    private Duration pause = FIRST_PAUSE;

    Attempt(ApiClient client, Json status, byte[] payload, long expiryHeight) {
      this.client = client;
      this.status = status;
      this.payload = payload;
      this.expiryHeight = expiryHeight;
    }

    int run() throws CommandFailure, IOException {
      Answer taken = hand();
      PrintWriter out = terminal.out();
      if (wait == null) {
        out.println(flags.json() ? taken.text() : taken.json().text("id"));
        return ExitCode.YES;
      }
      awaitDepth(out, taken.json().text("id"), wait);
      return ExitCode.YES;
    }

    /** Tries until the node says yes or no; each try is the same entry. */
    private Answer hand() throws CommandFailure {
      while (true) {
        String obstacle;
        try {
          Answer answer = client.post("/v1/transactions?expiry=" + expiryHeight, payload);
          if (!answer.isError() || isPlaceInChain(answer)) {
            return answer;
          }
          if (answer.status() != HttpURLConnection.HTTP_UNAVAILABLE) {
            throw client.refused(answer);
          }
          obstacle = answer.problem();
        } catch (IOException e) {
          obstacle = ApiClient.reason(e);
        }
        pauseOrGiveUp("the node did not say whether it took the entry (" + obstacle + ")");
      }
    }

    /** A repeated entry that is in the chain already is as good as one just taken. */
    private boolean isPlaceInChain(Answer answer) throws IOException {
      return answer.status() == HttpURLConnection.HTTP_CONFLICT
          && answer.json().find("id").isPresent();
    }

    private void awaitDepth(PrintWriter out, String id, int depth)
        throws CommandFailure, IOException {
      while (true) {
        String soFar = "the entry is still pending";
        try {
          Answer answer = client.get("/v1/transactions/" + id);
          if (answer.status() == HttpURLConnection.HTTP_OK) {
            Json entry = answer.json();
            String state = entry.text("state");
            if (state.equals("expired")) {
              throw new CommandFailure(
                  ExitCode.TOO_LATE,
                  "entry "
                      + id
                      + " expired at height "
                      + expiryHeight
                      + " without getting into a block; submit it again without --expiry");
            }
            if (state.equals("included")) {
              long deep = entry.number("confirmations");
              if (deep >= depth) {
                print(out, answer, entry);
                return;
              }
              soFar = "the entry is " + deep + " of " + depth + " blocks deep";
            }
          } else if (answer.status() == HttpURLConnection.HTTP_NOT_FOUND) {
            // A node that was killed may have lost what it had only in its pool.
            hand();
          } else if (answer.status() != HttpURLConnection.HTTP_UNAVAILABLE) {
            throw client.refused(answer);
          }
        } catch (Json.UnexpectedJsonException e) {
          throw client.strange(e);
        } catch (IOException e) {
          soFar = "the node does not answer any more (" + ApiClient.reason(e) + ")";
        }
        pauseOrGiveUp("id " + id + ": " + soFar);
      }
    }

    private void print(PrintWriter out, Answer answer, Json entry) throws IOException {
      if (flags.json()) {
        out.println(answer.text());
        return;
      }
      String author = entry.text("author");
      String name =
          author.equals(status.text("peerId"))
              ? Columns.harmless(status.text("name")) + " (" + Columns.shorten(author) + ")"
              : Columns.shorten(author);
      out.println(
          "in block "
              + entry.number("height")
              + ", entry "
              + entry.number("index")
              + ", by "
              + name
              + ", "
              + elapsed());
    }

    private String elapsed() {
      Duration passed = Duration.ofNanos(System.nanoTime() - begun);
      return passed.toSeconds() < 1
          ? passed.toMillis() + " ms"
          : String.format(Locale.ROOT, "%.1f s", passed.toMillis() / 1_000.0);
    }

    private void pauseOrGiveUp(String soFar) throws CommandFailure {
      if (System.nanoTime() - begun > Duration.ofSeconds(timeout).toNanos()) {
        throw new CommandFailure(
            ExitCode.TOO_LATE,
            "after "
                + timeout
                + " s "
                + soFar
                + "; to ask again for the same entry, repeat this with --expiry "
                + expiryHeight);
      }
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailure(ExitCode.NO, "interrupted", e);
      }
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
  }
}
