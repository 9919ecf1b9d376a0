package dev.dolmen.core.store;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.signature.PublicKey;
import java.util.List;
import java.util.Optional;

/**
 * Looks up blocks. Every method is one consistent look: a reorganisation is seen whole or not at
 * all. Any thread may read, also while another writes. What the disk refuses is thrown as {@link
 * java.io.UncheckedIOException}.
 */
public interface BlockReader {

  /** The header of a stored block, of any branch. */
  Optional<ChainedHeader> header(BlockHash hash);

  /**
   * A stored block, of any branch.
   *
   * @throws DamagedBlockException if its header is good and its body is not; the node that owns the
   *     store then asks its peers for it
   */
  Optional<Block> block(BlockHash hash);

  /** The best chain's block at a height; empty beyond the tip. */
  Optional<BlockHash> hashAt(long height);

  /**
   * Hashes of the best chain, ascending.
   *
   * @param height of the first
   * @param limit how many at most; fewer come where the chain ends
   */
  List<BlockHash> hashesFrom(long height, int limit);

  /** Where a transaction stands on the best chain; empty if it does not. */
  Optional<TransactionPlace> locate(TransactionId id);

  /**
   * An author's transactions on the best chain, in chain order.
   *
   * @param author who signed them
   * @param fromHeight height of the first block looked at
   * @param limit how many at most
   */
  default List<TransactionPlace> byAuthor(PublicKey author, long fromHeight, int limit) {
    return byAuthor(author, fromHeight, 0, limit);
  }

  /**
   * An author's transactions on the best chain, in chain order, from a place in a block on.
   *
   * @param author who signed them
   * @param fromHeight height of the first block looked at
   * @param fromIndex the first place looked at in the block at {@code fromHeight}, counted from 0;
   *     later blocks are looked at whole
   * @param limit how many at most
   */
  List<TransactionPlace> byAuthor(PublicKey author, long fromHeight, int fromIndex, int limit);
}
