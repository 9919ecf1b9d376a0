package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NetworkFile;
import java.io.IOException;
import java.util.List;

/** A network file; what can be read can be passed on. */
final class NetworkFileTarget implements FuzzTarget {

  private final Scratch scratch = new Scratch();

  NetworkFileTarget() throws IOException {}

  @Override
  public boolean feed(byte[] input) throws Exception {
    NetworkParameters network;
    try {
      network = NetworkFile.read(scratch.file("network.toml", input));
    } catch (ConfigurationException declared) {
      OneLine.check(declared);
      return false;
    }
    byte[] again = NetworkFile.write(network).getBytes(UTF_8);
    require(
        NetworkFile.read(scratch.file("again.toml", again)).equals(network),
        "the same network again");
    return true;
  }

  @Override
  public List<byte[]> examples() {
    return List.of(
        NetworkFile.write(Blocks.retargeting()).getBytes(UTF_8),
        NetworkFile.write(
                NetworkParameters.dev().toBuilder()
                    .authors(List.of(Blocks.ALICE.publicKey(), Blocks.BOB.publicKey()))
                    .build())
            .getBytes(UTF_8));
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
