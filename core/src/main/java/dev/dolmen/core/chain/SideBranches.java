package dev.dolmen.core.chain;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.BlockReader;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which transactions the recent blocks of a side branch hold, as a difference to the best chain,
 * whose own are in the store's index. Only as many blocks matter as a transaction may live.
 * Branches that grew most recently are kept; another is read from the store again.
 */
final class SideBranches {

  /** Branches that may grow at the same time without being read again. */
  static final int MAX_BRANCHES = 8;

  /**
   * Ids kept for all branches together, some 110 bytes each. The branch that is being asked about
   * is kept whole even if it alone has more: the window bounds it.
   */
  static final int MAX_IDS = 500_000;

  private final BlockReader store;
  private final BlockTree tree;
  private final long window;

  /** Used least recently first. */
  private final Map<BlockHash, Branch> byTip = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Ids of the branch's own blocks, none older than the window, and where it left the best chain.
   */
  private static final class Branch {
    private final long forkHeight;
    private final ArrayDeque<List<TransactionId>> blocks = new ArrayDeque<>();
    private final Set<TransactionId> ids = new HashSet<>();

    Branch(long forkHeight) {
      this.forkHeight = forkHeight;
    }

    void addNewest(Block block) {
      List<TransactionId> added = idsOf(block);
      blocks.addLast(added);
      ids.addAll(added);
    }

    void addOldest(Block block) {
      List<TransactionId> added = idsOf(block);
      blocks.addFirst(added);
      ids.addAll(added);
    }

    void forgetOlderThan(long window) {
      while (blocks.size() > window) {
        blocks.removeFirst().forEach(ids::remove);
      }
    }

    private static List<TransactionId> idsOf(Block block) {
      return block.transactions().stream().map(Transaction::id).toList();
    }
  }

  SideBranches(BlockReader store, BlockTree tree, long window) {
    this.store = store;
    this.tree = tree;
    this.window = window;
  }

  /**
   * The first of the block's transactions that its branch already holds.
   *
   * @param parent the block's parent, which is not the best chain's tip
   */
  Optional<TransactionId> firstIncluded(Block block, BlockTree.Node parent) {
    if (block.transactions().isEmpty()) {
      return Optional.empty();
    }
    Branch branch = branchAt(parent);
    for (Transaction transaction : block.transactions()) {
      TransactionId id = transaction.id();
      if (branch.ids.contains(id)
          || store.locate(id).filter(place -> place.height() <= branch.forkHeight).isPresent()) {
        return Optional.of(id);
      }
    }
    return Optional.empty();
  }

  /** Notes that a block was stored on a side branch. */
  void grew(Block block, BlockHash parent) {
    Branch branch = byTip.remove(parent);
    if (branch != null) {
      branch.addNewest(block);
      branch.forgetOlderThan(window);
      keep(block.hash(), branch);
    }
  }

  /** Forgets everything: after a reorganisation the differences are to another chain. */
  void bestChainChanged() {
    byTip.clear();
  }

  private Branch branchAt(BlockTree.Node tip) {
    Branch known = byTip.get(tip.hash());
    if (known != null) {
      return known;
    }
    BlockTree.Node node = tip;
    ArrayDeque<BlockHash> own = new ArrayDeque<>();
    while (own.size() < window && !isOnBestChain(node)) {
      own.addLast(node.hash());
      node = tree.parentOf(node);
    }
    // Where the window ends before the fork, nothing below the fork may be included any more.
    Branch branch = new Branch(isOnBestChain(node) ? node.height() : -1);
    for (BlockHash hash : own) {
      branch.addOldest(
          store.block(hash).orElseThrow(() -> new IllegalStateException("no block " + hash)));
    }
    keep(tip.hash(), branch);
    return branch;
  }

  private void keep(BlockHash tip, Branch branch) {
    byTip.put(tip, branch);
    long ids = byTip.values().stream().mapToLong(kept -> kept.ids.size()).sum();
    Iterator<Branch> eldest = byTip.values().iterator();
    while (byTip.size() > 1 && (byTip.size() > MAX_BRANCHES || ids > MAX_IDS)) {
      ids -= eldest.next().ids.size();
      eldest.remove();
    }
  }

  private boolean isOnBestChain(BlockTree.Node node) {
    return store.hashAt(node.height()).filter(node.hash()::equals).isPresent();
  }
}
