package dev.dolmen.core.consensus;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import java.util.List;

/**
 * Verifies the signatures of several transactions, one by one or several at once. How makes no
 * difference to the answer.
 */
@FunctionalInterface
public interface SignatureVerifier {

  /** On the caller's thread, in order, up to the first bad one. */
  SignatureVerifier ONE_BY_ONE =
      (transactions, genesis) -> {
        int index = 0;
        while (index < transactions.size() && transactions.get(index).signatureIsValid(genesis)) {
          index++;
        }
        return index;
      };

  /**
   * How many transactions, from the first on, have good signatures.
   *
   * @param genesis of the network they are signed for
   * @return the index of the first bad one, the number of transactions if there is none
   */
  int countGood(List<Transaction> transactions, BlockHash genesis);
}
