package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import java.util.Arrays;
import java.util.List;

/** A network's canonical bytes; whoever reads them can make its genesis block. */
final class ParametersTarget implements FuzzTarget {

  @Override
  public boolean feed(byte[] input) {
    try {
      NetworkParameters network = NetworkParameters.fromBytes(input);
      require(Arrays.equals(network.toBytes(), input), "one encoding of a network");
      require(network.genesis().hash().equals(network.genesisHash()), "its genesis");
      return true;
    } catch (MalformedException declared) {
      return false;
    }
  }

  @Override
  public List<byte[]> examples() {
    return List.of(
        NetworkParameters.dev().toBytes(),
        Blocks.retargeting().toBytes(),
        NetworkParameters.dev().toBuilder()
            .authors(List.of(Blocks.ALICE.publicKey(), Blocks.BOB.publicKey()))
            .build()
            .toBytes());
  }
}
