package dev.dolmen.node.cli;

import dev.dolmen.node.config.NodeSettings;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code run} would be run with, and why. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description =
        "Prints what 'run' with the same flags would use, and where each value came from: flag,"
            + " environment, file or default.",
    footer = {"", "Examples:", "  dolmen config", "  dolmen config --config node.toml --json"})
final class ConfigCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeFlags flags = new NodeFlags();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    List<NodeSettings.Line> lines = flags.settings(terminal.environment()).lines();
    PrintWriter out = terminal.out();
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      for (NodeSettings.Line line : lines) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("value", line.value());
        one.put("origin", line.origin());
        all.put(line.setting(), one);
      }
      out.println(Json.write(all));
    } else {
      int settingWidth = lines.stream().mapToInt(line -> line.setting().length()).max().orElse(1);
      int valueWidth = lines.stream().mapToInt(line -> line.value().length()).max().orElse(1);
      for (NodeSettings.Line line : lines) {
        out.println(
            Columns.pad(line.setting(), settingWidth)
                + "  "
                + Columns.pad(line.value(), valueWidth)
                + "  "
                + line.origin());
      }
    }
    return ExitCode.YES;
  }
}
