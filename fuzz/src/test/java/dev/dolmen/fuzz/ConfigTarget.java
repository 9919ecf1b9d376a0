package dev.dolmen.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.node.config.Configuration;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NodeSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node's settings file. */
final class ConfigTarget implements FuzzTarget {

  private static final String FILE =
      """
      # node.toml
      name = "alice"
      data-dir = '/var/lib/dolmen'
      listen = "0.0.0.0:8555"
      connect = ["bob.example:8555", "[::1]:8555"]
      api = "127.0.0.1:8080"
      network = "dev"
      mine = false
      no-discovery = true
      log-format = "json"
      """;

  private final Scratch scratch = new Scratch();

  ConfigTarget() throws IOException {}

  @Override
  public boolean feed(byte[] input) throws Exception {
    try {
      NodeSettings.of(
          Configuration.resolve(
              Map.of(), Optional.of(scratch.file("node.toml", input)), Map.of("HOME", "/home/x")));
      return true;
    } catch (ConfigurationException declared) {
      OneLine.check(declared);
      return false;
    }
  }

  @Override
  public List<byte[]> examples() {
    return List.of(FILE.getBytes(UTF_8), "memory = true\n".getBytes(UTF_8));
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
