package dev.dolmen.node.cli;

import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.config.ApiToken;
import dev.dolmen.node.config.NodeSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One node, until it is stopped. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Runs one node until it is stopped.",
    footer = {
      "",
      "Examples:",
      "  dolmen run --name alice --data-dir data/alice",
      "  dolmen run --memory --listen 127.0.0.1:8556 --api 127.0.0.1:8081 --connect 127.0.0.1:8555",
      "",
      "Every flag can also be set by a DOLMEN_* environment variable (--data-dir is DOLMEN_DATA_DIR)"
          + " or in the --config file; 'dolmen config' shows the outcome."
    })
final class RunCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private NodeFlags flags = new NodeFlags();

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    NodeSettings settings = flags.settings(terminal.environment());
    Optional<ApiToken> token = Optional.empty();
    if (settings.apiTokenFile().isPresent()) {
      token = Optional.of(ApiToken.read(settings.apiTokenFile().get()));
    }
    LogOutput.start(settings, terminal);
    Dolmen node = start(settings);
    ApiServer api;
    try {
      api = ApiServer.start(node, settings.api(), token);
    } catch (IOException e) {
      node.close();
      throw new CommandFailure(ExitCode.USAGE, e);
    }
    tell(settings, node, api);
    return new Lifetime(node.ended(), node::close, api)
        .await(terminal.isWatched() ? Optional.of(progress(node)) : Optional.empty());
  }

  private Runnable progress(Dolmen node) {
    SyncProgress progress = new SyncProgress(terminal.err());
    return () ->
        progress.draw(
            node.view(),
            node.peers().peers().stream().map(peer -> peer.hello().getTipHeight()).toList(),
            Instant.now());
  }

  private static Dolmen start(NodeSettings settings) throws CommandFailure {
    Dolmen.Builder builder =
        Dolmen.builder()
            .network(settings.network())
            .name(settings.name())
            .listen(settings.listen())
            .httpHint("Its API is at http://" + settings.api() + "/v1.")
            .mine(settings.mine())
            .discovery(settings.discovery())
            .allow(settings.allow())
            .peerLimits(settings.peerLimits())
            .settings(settings.lines());
    settings.dataDirectory().ifPresent(builder::dataDirectory);
    settings.connect().forEach(peer -> builder.connect(peer.toString()));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, e);
    }
  }

  private void tell(NodeSettings settings, Dolmen node, ApiServer api) {
    PrintWriter out = terminal.out();
    out.printf(
        "Dolmen %s   network %s, height %d   %s%n",
        node.name(),
        settings.network().name(),
        node.view().tip().height(),
        settings
            .dataDirectory()
            .map(directory -> "data in " + directory)
            .orElse("data in memory, gone when you stop"));
    out.printf("  peers  %s   id %s%n", node.listenAddress(), node.id());
    out.printf("  API    http://%s/v1   ready in %s%n", api.address(), StartTime.sinceStart());
    out.flush();
  }
}
