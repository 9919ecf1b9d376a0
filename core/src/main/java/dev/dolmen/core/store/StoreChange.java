package dev.dolmen.core.store;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.signature.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything one step of the chain changes in the store: applied whole or not at all. A
 * reorganisation of any depth is one change; it holds ids and places, not the blocks it moves.
 *
 * @param blocks blocks to store, of whatever branch, with the work of their branch
 * @param disconnected transactions that leave the best chain
 * @param connected transactions that enter it
 * @param order the best chain's new hashes, ascending from {@code order.firstHeight()}; everything
 *     stored at or above that height is replaced. Empty if the best chain stays as it is
 * @param newSide blocks that are stored, and not or no longer on the best chain
 * @param noLongerSide blocks that were, and are on the best chain now
 * @param forgotten blocks off the best chain to delete, with their headers
 * @param invalid blocks found invalid
 * @param kept entries of this node's own users, to be there until they can no longer be included
 * @param restored blocks that are stored, whose damaged bodies these replace
 */
public record StoreChange(
    List<NewBlock> blocks,
    List<Entry> disconnected,
    List<Entry> connected,
    Optional<Order> order,
    List<SideBlock> newSide,
    List<BlockHash> noLongerSide,
    List<BlockHash> forgotten,
    List<BlockHash> invalid,
    List<Transaction> kept,
    List<Block> restored) {

  public StoreChange {
    blocks = List.copyOf(blocks);
    disconnected = List.copyOf(disconnected);
    connected = List.copyOf(connected);
    newSide = List.copyOf(newSide);
    noLongerSide = List.copyOf(noLongerSide);
    forgotten = List.copyOf(forgotten);
    invalid = List.copyOf(invalid);
    kept = List.copyOf(kept);
    restored = List.copyOf(restored);
  }

  /** A block and the accumulated work of its branch, itself included. */
  public record NewBlock(Block block, Work totalWork) {
    /** The header as the store will answer for it. */
    public ChainedHeader chained() {
      return new ChainedHeader(block.header(), block.seal(), totalWork);
    }
  }

  /** A transaction's place and author. */
  public record Entry(TransactionPlace place, PublicKey author) {}

  /**
   * The upper part of the best chain.
   *
   * @param firstHeight height of the first hash
   * @param hashes ascending, never empty; the last is the new tip
   */
  public record Order(long firstHeight, List<BlockHash> hashes) {
    public Order {
      hashes = List.copyOf(hashes);
      checkState(!hashes.isEmpty(), "an order without hashes would leave no tip");
    }

    /** The new tip. */
    public BlockHash tip() {
      return hashes.get(hashes.size() - 1);
    }

    /** Height of the new tip. */
    public long tipHeight() {
      return firstHeight + hashes.size() - 1;
    }
  }

  /** Collects a change step by step. */
  public static final class Builder {
    private final Map<BlockHash, NewBlock> blocks = new LinkedHashMap<>();
    private final List<Entry> disconnected = new ArrayList<>();
    private final List<Entry> connected = new ArrayList<>();
    private final List<BlockHash> order = new ArrayList<>();
    private final List<SideBlock> left = new ArrayList<>();
    private final List<BlockHash> noLongerSide = new ArrayList<>();
    private final List<BlockHash> forgotten = new ArrayList<>();
    private final List<BlockHash> invalid = new ArrayList<>();
    private final List<Transaction> kept = new ArrayList<>();
    private final List<Block> restored = new ArrayList<>();
    private @Nullable Block lowest;

    /** Stores a block, which is a side block unless it is connected too. */
    public Builder store(Block block, Work totalWork) {
      blocks.put(block.hash(), new NewBlock(block, totalWork));
      return this;
    }

    /** Takes a block off the best chain: it is a side block now. */
    public Builder disconnect(Block block) {
      left.add(SideBlock.of(block));
      disconnected.addAll(entries(block));
      return this;
    }

    /**
     * Puts a block at the end of the best chain; call in ascending order. One that this change does
     * not {@link #store} before is a side block until now.
     */
    public Builder connect(Block block) {
      if (lowest == null) {
        lowest = block;
      }
      checkState(
          block.height() == lowest.height() + order.size(),
          "block %s does not follow the one connected before it",
          block.height());
      connected.addAll(entries(block));
      order.add(block.hash());
      if (!blocks.containsKey(block.hash())) {
        noLongerSide.add(block.hash());
      }
      return this;
    }

    /** Deletes a side block; no other that is stored may have it as its parent. */
    public Builder forget(BlockHash hash) {
      forgotten.add(hash);
      return this;
    }

    /** Remembers that a block is invalid. */
    public Builder markInvalid(BlockHash hash) {
      invalid.add(hash);
      return this;
    }

    /** Keeps an entry of this node's own users until the tip has reached its expiry height. */
    public Builder keep(Transaction own) {
      kept.add(own);
      return this;
    }

    /** Replaces the body of a stored block, which was found damaged, by this one. */
    public Builder restore(Block sound) {
      restored.add(sound);
      return this;
    }

    /** The finished change. */
    public StoreChange build() {
      Optional<Order> newOrder =
          lowest == null ? Optional.empty() : Optional.of(new Order(lowest.height(), order));
      Set<BlockHash> onBestChain = new HashSet<>(order);
      List<SideBlock> newSide = new ArrayList<>(left);
      for (NewBlock stored : blocks.values()) {
        if (!onBestChain.contains(stored.block().hash())) {
          newSide.add(SideBlock.of(stored.block()));
        }
      }
      return new StoreChange(
          List.copyOf(blocks.values()),
          disconnected,
          connected,
          newOrder,
          newSide,
          noLongerSide,
          forgotten,
          invalid,
          kept,
          restored);
    }

    private static List<Entry> entries(Block block) {
      List<Entry> entries = new ArrayList<>(block.transactions().size());
      int index = 0;
      for (Transaction transaction : block.transactions()) {
        entries.add(
            new Entry(
                new TransactionPlace(transaction.id(), block.height(), block.hash(), index++),
                transaction.author()));
      }
      return entries;
    }
  }
}
