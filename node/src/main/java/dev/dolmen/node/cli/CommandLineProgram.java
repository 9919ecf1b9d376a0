package dev.dolmen.node.cli;

import com.google.common.collect.ImmutableMap;
import dev.dolmen.node.config.ConfigurationException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * All commands, and what they have in common: one line on standard error for whatever goes wrong,
 * and the exit codes of {@link ExitCode}.
 */
final class CommandLineProgram {

  private static final String NAME = "dolmen";

  private final Terminal terminal;
  private final ImmutableMap<String, Supplier<Object>> commands;

  /** A program with everything it may read and write passed in. */
  CommandLineProgram(Terminal terminal) {
    this.terminal = terminal;
    this.commands =
        ImmutableMap.<String, Supplier<Object>>builder()
            .put("run", () -> new RunCommand(terminal))
            .put("devnet", () -> devnetCommand(terminal))
            .put("status", () -> new StatusCommand(terminal))
            .put("blocks", () -> new BlocksCommand(terminal))
            .put("peers", () -> peersCommand(terminal))
            .put("submit", () -> new SubmitCommand(terminal))
            .put("proof", () -> new ProofCommand(terminal))
            .put("verify", () -> new VerifyCommand(terminal))
            .put("export", () -> new ExportCommand(terminal))
            .put("import", () -> new ImportCommand(terminal))
            .put("config", () -> new ConfigCommand(terminal))
            .put("network", () -> networkCommand(terminal))
            .put("generate", () -> new GenerateCommand(terminal))
            .put("completion", () -> new CompletionCommand(terminal, this::whole))
            .buildOrThrow();
  }

  private static CommandLine peersCommand(Terminal terminal) {
    return new CommandLine(new PeersCommand(terminal))
        .addSubcommand(new BanCommands.Banned(terminal))
        .addSubcommand(new BanCommands.Ban(terminal))
        .addSubcommand(new BanCommands.Unban(terminal));
  }

  private static CommandLine networkCommand(Terminal terminal) {
    return new CommandLine(new NetworkCommand())
        .addSubcommand(new NetworkCommand.Create(terminal))
        .addSubcommand(new NetworkCommand.Show(terminal));
  }

  private static CommandLine devnetCommand(Terminal terminal) {
    DevnetCommand devnet = new DevnetCommand(terminal);
    return new CommandLine(devnet)
        .addSubcommand(new DevnetVerbs.Status(devnet))
        .addSubcommand(new DevnetVerbs.Cut(devnet))
        .addSubcommand(new DevnetVerbs.Heal(devnet))
        .addSubcommand(new DevnetVerbs.Slow(devnet))
        .addSubcommand(new DevnetVerbs.Partition(devnet))
        .addSubcommand(new DevnetVerbs.Stop(devnet))
        .addSubcommand(new DevnetVerbs.Start(devnet));
  }

  /** With all commands, for what is said of all of them. */
  CommandLine whole() {
    CommandLine line = new CommandLine(new Root());
    commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    return line;
  }

  /** Runs one command; returns its exit code. */
  int execute(String... args) {
    CommandLine line = commandLine(args);
    int exitCode = line.execute(args);
    terminal.out().flush();
    terminal.err().flush();
    return exitCode;
  }

  /** Only the command that is asked for is made; all of them where help may be wanted. */
  private CommandLine commandLine(String... args) {
    Supplier<Object> chosen = args.length == 0 ? null : commands.get(args[0]);
    CommandLine line =
        chosen == null ? whole() : new CommandLine(new Root()).addSubcommand(args[0], chosen.get());
    return line.setOut(terminal.out())
        .setErr(terminal.err())
        // "submit @FILE" is ours to read.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, ignored) -> complain(e))
        .setExecutionExceptionHandler((e, command, ignored) -> fail(e));
  }

  private int complain(ParameterException e) {
    return fail(
        ExitCode.USAGE,
        sentence(e) + ". See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String words = unmatched.getUnmatched().stream().limit(1).collect(Collectors.joining());
      if (unmatched.getCommandLine().getParent() == null && !unmatched.isUnknownOption()) {
        return "there is no command '" + words + "'" + suggestion(unmatched);
      }
      return unmatched.isUnknownOption()
          ? "unknown option '" + words + "'" + suggestion(unmatched)
          : "'" + words + "' is one argument too many";
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("bad arguments");
    String withoutStop =
        message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    return Character.toLowerCase(withoutStop.charAt(0)) + withoutStop.substring(1);
  }

  private static String suggestion(UnmatchedArgumentException e) {
    return e.getSuggestions().stream()
        .findFirst()
        .map(close -> "; did you mean '" + close + "'?")
        .orElse("");
  }

  private int fail(Exception e) throws Exception {
    if (e instanceof CommandFailure failure) {
      return fail(failure.exitCode(), failure);
    }
    if (e instanceof ConfigurationException wrong) {
      return fail(ExitCode.USAGE, wrong);
    }
    terminal.err().println(NAME + ": this is a bug, please report it");
    e.printStackTrace(terminal.err());
    return ExitCode.NO;
  }

  private int fail(int exitCode, Exception told) {
    return fail(exitCode, String.valueOf(told.getMessage()));
  }

  private int fail(int exitCode, String line) {
    terminal.err().println(NAME + ": " + String.join(" ", line.lines().toList()));
    return exitCode;
  }

  /** What stands above all commands; by itself it does nothing. */
  @Command(
      name = NAME,
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      synopsisSubcommandLabel = "COMMAND",
      description =
          "A peer-to-peer ledger: one append-only chain kept by parties who do not trust one"
              + " another.",
      footer = {
        "",
        "Exit codes: 0 yes; 1 no, or not reachable; 2 usage or configuration; 3 timed out or expired."
      })
  private static final class Root {}
}
