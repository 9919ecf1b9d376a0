package dev.dolmen.node.follow;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.TransactionPlace;

/**
 * Where an entry is, and how deep it was when this was found.
 *
 * @param id the entry
 * @param block hash of the block that holds it
 * @param height that block's height
 * @param index the entry's place in the block, counted from 0
 * @param confirmations how many blocks of the best chain stood on it, its own counted
 */
public record Inclusion(
    TransactionId id, BlockHash block, long height, int index, long confirmations) {

  static Inclusion of(TransactionPlace place, long tipHeight) {
    return new Inclusion(
        place.id(), place.block(), place.height(), place.index(), tipHeight - place.height() + 1);
  }
}
