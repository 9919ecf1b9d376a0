package dev.dolmen.node.cli;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.Durations;
import dev.dolmen.node.config.NetworkFile;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes and explains network files. */
@Command(
    name = "network",
    mixinStandardHelpOptions = true,
    description = "Makes and explains network files, which every member of a network runs with.")
final class NetworkCommand {

  /** Prints a new network's file. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description =
          "Prints a new network's file. Give the same file to every member, and run with --network"
              + " FILE.",
      footer = {
        "",
        "Examples:",
        "  dolmen network create --name guild --interval 10s > guild.toml",
        "  dolmen run --network guild.toml --mine"
      })
  static final class Create implements Callable<Integer> {
    /** As Bitcoin Cash has it: two days for blocks of ten minutes. */
    private static final int HALF_LIFE_INTERVALS = 288;

    private final Terminal terminal;

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Option(
        names = "--interval",
        paramLabel = "TIME",
        defaultValue = "10s",
        description = "Intended time between blocks, such as 500ms, 10s, 5m (default: 10s).")
    private String interval = "";

    @Option(
        names = "--half-life",
        paramLabel = "TIME",
        description =
            "How far behind or ahead of schedule halves or doubles the difficulty (default:"
                + " 288 intervals, so that a new network finds its pace in minutes).")
    private @Nullable String halfLife;

    @Option(
        names = "--bits",
        paramLabel = "HEX",
        defaultValue = "1f00ffff",
        description =
            "The first and easiest target in compact form (default: ${DEFAULT-VALUE}, about"
                + " 65,000 hashes).")
    private String bits = "";

    @Option(names = "--fixed", description = "Keep the first target for ever.")
    private boolean fixed;

    @Option(
        names = "--largest-block",
        paramLabel = "BYTES",
        defaultValue = "1048576",
        description = "The largest block (default: ${DEFAULT-VALUE}).")
    private int largestBlock;

    @Option(
        names = "--author",
        paramLabel = "HEX",
        description = "The id of a node that may write; repeat it (default: everyone may).")
    private List<String> authors = new ArrayList<>();

    @Option(
        names = "--genesis-time",
        paramLabel = "TIME",
        description = "The first block's time, such as 2026-01-01T00:00:00Z (default: now).")
    private @Nullable String genesisTime;

    Create(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
      NetworkParameters network;
      Duration spacing = duration("--interval", interval);
      try {
        network =
            NetworkParameters.builder(name)
                .genesisTime(genesisTime().toEpochMilli())
                .interval(spacing)
                .halfLife(
                    halfLife == null
                        ? spacing.multipliedBy(HALF_LIFE_INTERVALS)
                        : duration("--half-life", halfLife))
                .firstBits(firstBits())
                .fixedTarget(fixed)
                .largestBlock(largestBlock)
                .authors(authorKeys())
                .build();
      } catch (IllegalArgumentException outOfRange) {
        throw new CommandFailure(ExitCode.USAGE, outOfRange);
      }
      PrintWriter out = terminal.out();
      out.print(NetworkFile.write(network));
      return ExitCode.YES;
    }

    private Instant genesisTime() throws CommandFailure {
      if (genesisTime == null) {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
      }
      try {
        Instant time = OffsetDateTime.parse(genesisTime).toInstant();
        if (time.equals(time.truncatedTo(ChronoUnit.MILLIS))) {
          return time;
        }
      } catch (DateTimeException e) {
        throw badTime(e);
      }
      throw badTime(new DateTimeException("finer than milliseconds"));
    }

    private CommandFailure badTime(DateTimeException why) {
      return new CommandFailure(
          ExitCode.USAGE,
          "--genesis-time '"
              + genesisTime
              + "' is not a time with its zone and at most milliseconds, such as"
              + " 2026-01-01T00:00:00Z",
          why);
    }

    private static Duration duration(String flag, String text) throws CommandFailure {
      return Durations.parse(text)
          .orElseThrow(
              () ->
                  new CommandFailure(
                      ExitCode.USAGE,
                      flag
                          + " '"
                          + text
                          + "' is not a number and a unit (ms, s, m, h or d), such as 10s"));
    }

    private int firstBits() throws CommandFailure {
      return NetworkFile.parseBits(bits)
          .orElseThrow(
              () ->
                  new CommandFailure(
                      ExitCode.USAGE,
                      "--bits '" + bits + "' is not a compact target of 8 hex digits: 1f00ffff"));
    }

    private List<PublicKey> authorKeys() throws CommandFailure {
      List<PublicKey> keys = new ArrayList<>();
      for (String hex : authors) {
        Optional<PublicKey> key = PublicKey.parseHex(hex);
        keys.add(
            key.orElseThrow(
                () ->
                    new CommandFailure(
                        ExitCode.USAGE,
                        "--author '"
                            + hex
                            + "' is not an id of 64 lower-case hex digits; 'dolmen status' prints"
                            + " a node's")));
      }
      return keys;
    }
  }

  /** Prints what a network file says, and the hash that names the network. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints a network's parameters and its genesis hash, which covers all of them.",
      footer = {
        "",
        "Examples:",
        "  dolmen network show dev",
        "  dolmen network show guild.toml --json"
      })
  static final class Show implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(paramLabel = "dev|FILE", description = "A network file, or dev.")
    private String file = "";

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Show(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws ConfigurationException {
      NetworkParameters network = NetworkFlag.named(file);
      Map<String, Object> lines = lines(network);
      PrintWriter out = terminal.out();
      if (json) {
        out.println(Json.write(lines));
        return ExitCode.YES;
      }
      int width = lines.keySet().stream().mapToInt(String::length).max().orElse(1);
      lines.forEach((key, value) -> out.println(Columns.pad(key, width) + "  " + shown(value)));
      return ExitCode.YES;
    }

    private static String shown(Object value) {
      if (value instanceof List<?> authors) {
        return authors.isEmpty()
            ? "everyone"
            : String.join(" ", authors.stream().map(String::valueOf).toList());
      }
      return String.valueOf(value);
    }

    private static Map<String, Object> lines(NetworkParameters network) {
      Map<String, Object> lines = new LinkedHashMap<>();
      lines.put("name", network.name());
      lines.put("genesis", network.genesisHash().toHex());
      lines.put("genesis-time", Instant.ofEpochMilli(network.genesisTime()).toString());
      lines.put("interval", Durations.format(network.interval()));
      lines.put("half-life", Durations.format(network.halfLife()));
      lines.put("first-target", String.format("%08x", network.firstBits()));
      lines.put("fixed-target", network.fixedTarget());
      lines.put("largest-block", network.largestBlock());
      lines.put("authors", network.authors().stream().map(PublicKey::toHex).toList());
      return lines;
    }
  }
}
