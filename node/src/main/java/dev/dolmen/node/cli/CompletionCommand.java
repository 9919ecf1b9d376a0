package dev.dolmen.node.cli;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A script that lets a shell complete commands and flags. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script that completes commands and flags in bash or zsh.",
    footer = {
      "",
      "Examples:",
      "  source <(dolmen completion bash)",
      "  dolmen completion zsh > ~/.dolmen-completion.zsh && source ~/.dolmen-completion.zsh"
    })
final class CompletionCommand implements Callable<Integer> {

  /** Both read the same script. */
  enum Shell {
    bash,
    zsh
  }

  private final Terminal terminal;
  private final Supplier<CommandLine> program;

  @Parameters(paramLabel = "bash|zsh", description = "For which shell.")
  private Shell shell = Shell.bash;

  CompletionCommand(Terminal terminal, Supplier<CommandLine> program) {
    this.terminal = terminal;
    this.program = program;
  }

  @Override
  public Integer call() {
    String script = AutoComplete.bash("dolmen", program.get());
    terminal
        .out()
        .print(shell == Shell.zsh ? "autoload -U +X compinit && compinit\n" + script : script);
    return ExitCode.YES;
  }
}
