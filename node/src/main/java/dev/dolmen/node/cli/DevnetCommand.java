package dev.dolmen.node.cli;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.devnet.DevnetNode;
import dev.dolmen.protocol.Limits;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** A whole network on this machine, until it is stopped. */
@Command(
    name = "devnet",
    mixinStandardHelpOptions = true,
    description =
        "Runs a whole network on this machine, in memory, with real links and one API for all of"
            + " it. The verbs below change one that runs.",
    footer = {
      "",
      "Examples:",
      "  dolmen devnet --nodes 4            in one terminal; then, in another:",
      "  dolmen devnet status",
      "  dolmen devnet partition alice,bob carol,dave",
      "  dolmen devnet heal"
    })
final class DevnetCommand implements Callable<Integer> {

  private static final String DEFAULT_LISTEN = "127.0.0.1:8555";
  private static final int DEFAULT_NODES = 4;
  private static final int NODES_PER_LINE = 4;

  private final Terminal terminal;

  @Option(names = "--nodes", paramLabel = "N", description = "How many, 2 to 50 (default: 4).")
  private @Nullable Integer nodes;

  @Option(
      names = "--api",
      paramLabel = "HOST:PORT",
      scope = ScopeType.INHERIT,
      description =
          "Where the API answers (default: DOLMEN_API, else 127.0.0.1:8080). /v1 is the first"
              + " node's, /devnet/nodes/NAME/v1 each one's.")
  private @Nullable String api;

  @Option(
      names = "--listen",
      paramLabel = "HOST:FIRSTPORT",
      description =
          "Where the first node listens; the others take the ports after it (default:"
              + " DOLMEN_LISTEN, else 127.0.0.1:8555).")
  private @Nullable String listen;

  DevnetCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    int count = nodes == null ? DEFAULT_NODES : nodes;
    if (count < Devnet.MIN_NODES || count > Devnet.MAX_NODES) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--nodes " + count + " is not between " + Devnet.MIN_NODES + " and " + Devnet.MAX_NODES);
    }
    HostAndPort first = address(Setting.LISTEN, listen, DEFAULT_LISTEN);
    HostAndPort apiAddress = address(Setting.API, api, NodeSettings.DEFAULT_API);
    if (first.getPort() + count - 1 > Limits.MAX_PORT) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--listen " + first + " leaves no room for " + count + " ports up to " + Limits.MAX_PORT);
    }
    LogOutput.startQuietly(terminal);
    Devnet devnet;
    try {
      devnet = Devnet.builder().nodes(count).listen(first).start();
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, e);
    }
    ApiServer server;
    try {
      server = ApiServer.startDevnet(devnet, apiAddress);
    } catch (IOException e) {
      devnet.close();
      throw new CommandFailure(ExitCode.USAGE, e);
    }
    tell(devnet.nodes(), server.address());
    return new Lifetime(devnet.ended(), devnet::close, server).await(Optional.empty());
  }

  Terminal terminal() {
    return terminal;
  }

  /**
   * Asks the devnet that runs, for a verb.
   *
   * @throws CommandFailure if a flag was given that only means something to one that starts
   */
  ApiClient client() throws CommandFailure, ConfigurationException {
    if (nodes != null || listen != null) {
      throw new CommandFailure(
          ExitCode.USAGE,
          (nodes != null ? "--nodes" : "--listen")
              + " is for starting a devnet; leave it out where a verb changes one that runs");
    }
    return new ApiClient(address(Setting.API, api, NodeSettings.DEFAULT_API), Optional.empty());
  }

  private HostAndPort address(Setting setting, @Nullable String flag, String otherwise)
      throws ConfigurationException {
    String variable = setting.environmentVariable();
    String fromEnvironment = terminal.environment().getOrDefault(variable, "");
    if (flag != null) {
      return NodeSettings.parseBind(setting.flag(), flag);
    }
    return fromEnvironment.isBlank()
        ? NodeSettings.parseBind(setting.flag(), otherwise)
        : NodeSettings.parseBind(variable, fromEnvironment);
  }

  private void tell(List<DevnetNode> nodes, HostAndPort apiAddress) {
    PrintWriter out = terminal.out();
    out.printf(
        "Dolmen devnet   %d nodes, every link real TCP with TLS      data in memory, gone when you"
            + " stop%n",
        nodes.size());
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < nodes.size(); i++) {
      HostAndPort address = nodes.get(i).listenAddress();
      line.append(i % NODES_PER_LINE == 0 ? "  " : "   ")
          .append(nodes.get(i).name())
          .append(' ')
          .append(i == 0 ? address.toString() : ":" + address.getPort());
      if (i % NODES_PER_LINE == NODES_PER_LINE - 1 || i == nodes.size() - 1) {
        out.println(line);
        line.setLength(0);
      }
    }
    out.printf(
        "Explorer  http://%s/      API  http://%s/v1      ready in %s%n",
        apiAddress, apiAddress, StartTime.sinceStart());
    out.printf("Try:  curl -d 'invoice 17 paid' http://%s/v1/transactions%n", apiAddress);
    out.flush();
  }
}
