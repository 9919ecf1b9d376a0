package dev.dolmen.core.mempool;

import dev.dolmen.core.block.Transaction;
import java.util.List;

/**
 * What became of a block's transactions that may wait again.
 *
 * @param pending those that wait now and did not before, in the block's order
 * @param evicted those that waited and had to make room
 */
public record GivenBack(List<Transaction> pending, List<Transaction> evicted) {
  public GivenBack {
    pending = List.copyOf(pending);
    evicted = List.copyOf(evicted);
  }
}
