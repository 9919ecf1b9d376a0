package dev.dolmen.node.cli;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NetworkFile;
import dev.dolmen.node.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which network a command that asks no node is about. */
final class NetworkFlag {

  private static final String DEV = "dev";

  @Option(
      names = "--network",
      paramLabel = "dev|FILE",
      description = "The network it is about (default: DOLMEN_NETWORK, else dev).")
  private @Nullable String network;

  NetworkParameters parameters(Map<String, String> environment) throws ConfigurationException {
    String chosen =
        network == null
            ? environment.getOrDefault(Setting.NETWORK.environmentVariable(), "")
            : network;
    return chosen.isBlank() ? NetworkParameters.dev() : named(chosen);
  }

  /** The network that {@code dev}, or else a file, describes. */
  static NetworkParameters named(String devOrFile) throws ConfigurationException {
    return devOrFile.equals(DEV) ? NetworkParameters.dev() : NetworkFile.read(Path.of(devOrFile));
  }
}
