package dev.dolmen.it.simulation;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.SignatureVerifier;
import dev.dolmen.core.encoding.Hash256;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Verifies each signature once for all nodes of all simulations: whether one is good is no secret
 * and depends on nothing else, and in a run of many nodes it would be most of the work.
 */
final class KnownSignatures implements SignatureVerifier {

  private record Signed(BlockHash genesis, Hash256 leaf) {}

  /** Some MB; beyond that, all are forgotten, which costs time only. */
  private static final int MOST = 50_000;

  private static final Set<Signed> GOOD = ConcurrentHashMap.newKeySet();

  @Override
  public int countGood(List<Transaction> transactions, BlockHash genesis) {
    int index = 0;
    while (index < transactions.size() && isGood(transactions.get(index), genesis)) {
      index++;
    }
    return index;
  }

  private static boolean isGood(Transaction transaction, BlockHash genesis) {
    Signed signed = new Signed(genesis, transaction.leafHash());
    if (GOOD.contains(signed)) {
      return true;
    }
    boolean good = transaction.signatureIsValid(genesis);
    if (good) {
      if (GOOD.size() >= MOST) {
        GOOD.clear();
      }
      GOOD.add(signed);
    }
    return good;
  }
}
