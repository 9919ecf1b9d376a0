package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import java.util.Arrays;
import java.util.List;

/** A block's canonical bytes; 100 of them may be a header. */
final class BlockTarget implements FuzzTarget {

  private final BlockRules rules = new BlockRules(NetworkParameters.dev());
  private int read;

  @Override
  public boolean feed(byte[] input) {
    try {
      BlockHeader header =
          BlockHeader.fromBytes(Arrays.copyOf(input, Math.min(input.length, BlockHeader.BYTES)));
      require(
          Arrays.equals(header.toBytes(), Arrays.copyOf(input, BlockHeader.BYTES)),
          "one encoding of a header");
      Block block = Block.fromBytes(input);
      require(Arrays.equals(block.toBytes(), input), "one encoding of a block");
      require(block.size() == input.length, "its size is its length");
      rules.bodyMatchesHeader(block);
      if (read++ % 16 == 0) { // signatures cost far more than reading
        rules.check(block);
      }
      return true;
    } catch (MalformedException declared) {
      return false;
    }
  }

  @Override
  public List<byte[]> examples() {
    return List.of(Samples.BLOCK.toBytes(), Blocks.genesis().toBytes());
  }
}
