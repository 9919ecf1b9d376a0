package dev.dolmen.node.cli;

import dev.dolmen.node.config.ApiToken;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of every command that asks a running node. */
final class ApiFlags {

  @Option(
      names = "--api",
      paramLabel = "HOST:PORT",
      description = "Where the node's API answers (default: DOLMEN_API, else 127.0.0.1:8080).")
  private @Nullable String api;

  @Option(
      names = "--api-token-file",
      paramLabel = "FILE",
      description =
          "The file with the API's token, where it wants one (default: DOLMEN_API_TOKEN_FILE).")
  private @Nullable Path apiTokenFile;

  @Option(names = "--json", description = "Print the API's JSON.")
  private boolean json;

  boolean json() {
    return json;
  }

  ApiClient client(Map<String, String> environment) throws ConfigurationException {
    Optional<ApiToken> token = token(environment);
    if (api != null) {
      return new ApiClient(NodeSettings.parseBind(Setting.API.flag(), api), token);
    }
    String variable = Setting.API.environmentVariable();
    String fromEnvironment = environment.getOrDefault(variable, "");
    return new ApiClient(
        fromEnvironment.isBlank()
            ? NodeSettings.parseBind(Setting.API.flag(), NodeSettings.DEFAULT_API)
            : NodeSettings.parseBind(variable, fromEnvironment),
        token);
  }

  private Optional<ApiToken> token(Map<String, String> environment) throws ConfigurationException {
    if (apiTokenFile != null) {
      return Optional.of(ApiToken.read(apiTokenFile));
    }
    String fromEnvironment =
        environment.getOrDefault(Setting.API_TOKEN_FILE.environmentVariable(), "");
    return fromEnvironment.isBlank()
        ? Optional.empty()
        : Optional.of(ApiToken.read(Path.of(fromEnvironment)));
  }
}
