package dev.dolmen.core.mining;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.mempool.Mempool;
import java.time.Instant;
import java.util.List;

/**
 * A block that lacks only its nonce.
 *
 * @param header with nonce 0
 * @param transactions what it includes
 */
public record BlockTemplate(BlockHeader header, List<Transaction> transactions) {

  public BlockTemplate {
    transactions = List.copyOf(transactions);
  }

  /**
   * The best chain's next block: as many pending transactions as fit, oldest first.
   *
   * @param now the maker's clock; the block's time is this, or just above the median of its
   *     ancestors if the clock is behind
   */
  public static BlockTemplate next(
      NetworkParameters parameters, Chain chain, Mempool mempool, Instant now) {
    return next(
        parameters,
        chain,
        mempool.selectForNextBlock(parameters.largestBlock() - BlockHeader.BYTES),
        now);
  }

  /** The best chain's next block with given transactions. */
  public static BlockTemplate next(
      NetworkParameters parameters, Chain chain, List<Transaction> transactions, Instant now) {
    BlockHeader header =
        new HeaderRules(parameters)
            .template(
                chain.tip().header(),
                chain.medianTimePast(),
                now.toEpochMilli(),
                MerkleTree.root(transactions.stream().map(Transaction::leafHash).toList()),
                transactions.size());
    return new BlockTemplate(header, transactions);
  }

  /** The finished block. */
  public Block withNonce(long nonce) {
    return Block.of(header.withNonce(nonce), transactions);
  }
}
