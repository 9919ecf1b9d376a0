package dev.dolmen.core.consensus;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What makes a body acceptable below its header, as far as that can be said without looking at
 * other blocks. Pure and expensive, so it may be asked on any thread, except for the questions that
 * use a memory of {@link VerifiedSignatures}: those belong to its owner's thread.
 *
 * <p>Rule: docs/protocol.md#rules
 */
public final class BlockRules {
  private final NetworkParameters network;
  private final BlockHash genesis;

  public BlockRules(NetworkParameters network) {
    this.network = network;
    this.genesis = network.genesisHash();
  }

  /**
   * Whether this body is the one that the header speaks of. If not, the header may still be good.
   */
  public Optional<Violation> bodyMatchesHeader(Block block) {
    if (block.header().transactionCount() != block.transactions().size()) {
      return Optional.of(Violation.TRANSACTION_COUNT_MISMATCH);
    }
    if (!block.header().merkleRoot().equals(block.merkleRoot())) {
      return Optional.of(Violation.MERKLE_ROOT_MISMATCH);
    }
    return Optional.empty();
  }

  /**
   * The first rule that the body breaks, given that it {@linkplain #bodyMatchesHeader matches}:
   * size, authors, expiry, duplicates within the block, and, since they cost the most, signatures
   * last.
   */
  public Optional<Violation> check(Block block) {
    return check(
        block,
        transactions ->
            SignatureVerifier.ONE_BY_ONE.countGood(transactions, genesis) == transactions.size());
  }

  /** The same, without verifying a signature that is known to be good; good ones are noted. */
  public Optional<Violation> check(Block block, VerifiedSignatures verified) {
    return check(block, transactions -> verified.areGood(transactions, genesis));
  }

  private Optional<Violation> check(Block block, Predicate<List<Transaction>> signaturesAreGood) {
    if (block.size() > network.largestBlock()) {
      return Optional.of(Violation.BLOCK_TOO_LARGE);
    }
    Set<TransactionId> seen = new HashSet<>();
    for (Transaction transaction : block.transactions()) {
      if (!network.mayWrite(transaction.author())) {
        return Optional.of(Violation.AUTHOR_NOT_ALLOWED);
      }
      Optional<Violation> expiry = checkExpiry(transaction, block.height());
      if (expiry.isPresent()) {
        return expiry;
      }
      if (!seen.add(transaction.id())) {
        return Optional.of(Violation.DUPLICATE_TRANSACTION);
      }
    }
    return signaturesAreGood.test(block.transactions())
        ? Optional.empty()
        : Optional.of(Violation.BAD_SIGNATURE);
  }

  /** What a transaction breaks by itself, whichever block it may come into. */
  public Optional<Violation> checkTransaction(Transaction transaction) {
    return checkTransaction(transaction, each -> each.signatureIsValid(genesis));
  }

  /** The same, without verifying a signature that is known to be good; a good one is noted. */
  public Optional<Violation> checkTransaction(
      Transaction transaction, VerifiedSignatures verified) {
    return checkTransaction(transaction, each -> verified.areGood(List.of(each), genesis));
  }

  private Optional<Violation> checkTransaction(
      Transaction transaction, Predicate<Transaction> signatureIsGood) {
    if (!network.mayWrite(transaction.author())) {
      return Optional.of(Violation.AUTHOR_NOT_ALLOWED);
    }
    return signatureIsGood.test(transaction)
        ? Optional.empty()
        : Optional.of(Violation.BAD_SIGNATURE);
  }

  /**
   * Whether a block at this height may hold the transaction: {@code height ≤ expiryHeight ≤ height
   * + 256}.
   */
  public Optional<Violation> checkExpiry(Transaction transaction, long height) {
    long blocksLeft = transaction.expiryHeight() - height;
    if (blocksLeft < 0) {
      return Optional.of(Violation.EXPIRED);
    }
    if (blocksLeft > network.expiryWindow()) {
      return Optional.of(Violation.EXPIRES_TOO_LATE);
    }
    return Optional.empty();
  }
}
