package dev.dolmen.node.follow;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;
import java.util.Optional;

/**
 * What one look at the chain sees. The store may be ahead of the tip that was last synced; these
 * methods show nothing above it.
 *
 * @param tip the best chain's last block, as last synced
 * @param reader for blocks of any branch, and for what is asked at heights up to the tip's
 */
public record ChainLook(ChainedHeader tip, BlockReader reader) {

  /** Height of the tip. */
  public long tipHeight() {
    return tip.height();
  }

  /** A block of the best chain; empty above the tip. */
  public Optional<Block> blockAt(long height) {
    return height > tipHeight() ? Optional.empty() : reader.hashAt(height).flatMap(reader::block);
  }

  /** A block that must be there, since the store itself gave its hash. */
  public Block stored(BlockHash hash) {
    return reader.block(hash).orElseThrow(() -> absent(hash));
  }

  /** The header of such a block. */
  public ChainedHeader storedHeader(BlockHash hash) {
    return reader.header(hash).orElseThrow(() -> absent(hash));
  }

  private static IllegalStateException absent(BlockHash hash) {
    return new IllegalStateException("block " + hash + " is not in the store");
  }

  /** Whether the best chain has this block at this height. */
  public boolean isOnBestChain(long height, BlockHash hash) {
    return height <= tipHeight() && reader.hashAt(height).equals(Optional.of(hash));
  }

  /** Where an entry stands on the best chain; empty if it does not. */
  public Optional<TransactionPlace> locate(TransactionId id) {
    return reader.locate(id).filter(place -> place.height() <= tipHeight());
  }

  /** How many blocks of the best chain stand on this height, its own counted. */
  public long confirmations(long height) {
    return tipHeight() - height + 1;
  }
}
