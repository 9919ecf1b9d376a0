package dev.dolmen.core.proof;

import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.Work;
import java.util.List;

/** Whether a proof file holds, with every step that was taken to see that. */
public sealed interface ProofVerdict {

  /** What was found at one step, in plain words with the values. */
  record Finding(ProofStep step, String sentence) {}

  /**
   * Every rule holds.
   *
   * @param transaction the entry: author and payload
   * @param block header of the block that holds it
   * @param index its place in that block, counted from 0
   * @param anchor the block that all else rests on
   * @param isFromGenesis whether the anchor is the network's genesis; else it is the checkpoint
   *     that the reader trusts
   * @param tip the last header's block
   * @param work of the entry's block and of those on top of it: what had to be spent, on average,
   *     to make this file
   * @param findings one or more for each step
   */
  record Valid(
      Transaction transaction,
      BlockHeader block,
      int index,
      ChainPoint anchor,
      boolean isFromGenesis,
      ChainPoint tip,
      Work work,
      List<Finding> findings)
      implements ProofVerdict {
    /** Copies the list. */
    public Valid {
      findings = List.copyOf(findings);
    }

    /** How many blocks of the file stand on the entry, its own counted. */
    public long confirmations() {
      return tip.height() - block.height() + 1;
    }

    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.valid(this);
    }
  }

  /**
   * A rule is broken, so nothing is proved.
   *
   * @param step where that was seen
   * @param reason one sentence for people
   * @param findings of the steps before
   */
  record Invalid(ProofStep step, String reason, List<Finding> findings) implements ProofVerdict {
    /** Copies the list. */
    public Invalid {
      findings = List.copyOf(findings);
    }

    @Override
    public <T> T deliverTo(Reader<T> reader) {
      return reader.invalid(this);
    }
  }

  /** Hands this verdict to its reader, who must have an answer for both. */
  <T> T deliverTo(Reader<T> reader);

  /** One method for each verdict. */
  interface Reader<T> {
    /** See {@link Valid}. */
    T valid(Valid verdict);

    /** See {@link Invalid}. */
    T invalid(Invalid verdict);
  }

  /** What was found, up to the end or the first rule that is broken. */
  List<Finding> findings();
}
