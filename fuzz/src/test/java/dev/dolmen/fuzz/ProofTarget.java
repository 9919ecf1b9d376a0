package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.Claim;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.core.proof.ProofVerdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Proof files: any that holds is one that we wrote. */
final class ProofTarget implements FuzzTarget {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final List<byte[]> examples = List.of(proof(0), proof(1));

  @Override
  public boolean feed(byte[] input) {
    try {
      ProofFile file = ProofFile.parse(input);
      require(Arrays.equals(file.toBytes(), input), "one encoding of a proof");
      ProofVerdict verdict = file.check(DEV, Optional.empty());
      require(
          !(verdict instanceof ProofVerdict.Valid)
              || examples.stream().anyMatch(example -> Arrays.equals(example, input)),
          "only what was proved is proved");
      file.check(DEV, Optional.of(file.anchor()));
      return true;
    } catch (MalformedException declared) {
      return false;
    }
  }

  private static byte[] proof(int index) {
    Block block = Samples.BLOCK;
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis(), block));
    chain.addAll(Blocks.chainOn(block, 2));
    Block tip = chain.get(chain.size() - 1);
    Claim claim =
        new Claim(
            DEV.hash(),
            block.transactions().get(index),
            block.height(),
            index,
            MerkleTree.proof(
                    block.transactions().stream().map(Transaction::leafHash).toList(), index)
                .path(),
            new ChainPoint(tip.height(), tip.hash()));
    return new ProofFile(claim, chain.stream().map(Block::header).toList()).toBytes();
  }

  @Override
  public List<byte[]> examples() {
    return examples;
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
