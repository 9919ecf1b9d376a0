package dev.dolmen.node.cli;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.fuzz.FuzzTarget;
import dev.dolmen.fuzz.Samples;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Files of {@code dolmen export}; what is read to its end is written the same. */
public final class ChainFileTarget implements FuzzTarget {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  @Override
  public boolean feed(byte[] input) throws IOException {
    List<Block> blocks = new ArrayList<>();
    try {
      ChainFile.Reader reader = new ChainFile.Reader(new ByteArrayInputStream(input), DEV);
      for (Optional<Block> block = reader.next(); block.isPresent(); block = reader.next()) {
        blocks.add(block.get());
      }
      require(Arrays.equals(write(blocks, reader.last()), input), "one encoding of a chain");
      return true;
    } catch (ChainFile.BadChainFileException declared) {
      return false;
    }
  }

  private static byte[] write(List<Block> blocks, ChainPoint last) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChainFile.Writer writer = new ChainFile.Writer(bytes, DEV);
    for (Block block : blocks) {
      writer.write(block);
    }
    writer.end(last);
    return bytes.toByteArray();
  }

  @Override
  public List<byte[]> examples() {
    List<Block> blocks = new ArrayList<>(List.of(Samples.BLOCK));
    blocks.addAll(Blocks.chainOn(Samples.BLOCK, 1));
    Block last = blocks.get(blocks.size() - 1);
    try {
      return List.of(
          write(blocks, new ChainPoint(last.height(), last.hash())),
          write(List.of(), new ChainPoint(0, DEV.genesisHash())));
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
  }
}
