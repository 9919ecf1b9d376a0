package dev.dolmen.node.wire;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableLongArray;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;

/**
 * A block as it is announced: its header, a short name for each of its transactions, and some of
 * them in full. Nothing in it is believed before it is checked.
 *
 * @param leaves {@link Transaction#leafPrefix} of each, in the block's order
 * @param placed transactions that came along, by index
 */
public record BlockAnnouncement(
    BlockHeader header,
    ImmutableLongArray leaves,
    ImmutableSortedMap<Integer, Transaction> placed) {

  public BlockAnnouncement {
    checkArgument(
        header.transactionCount() == leaves.length(), "a leaf for each of the transactions");
    checkArgument(placed.isEmpty() || placed.lastKey() < leaves.length(), "no such place");
  }

  /** The announced block's hash. */
  public BlockHash hash() {
    return header.hash();
  }
}
