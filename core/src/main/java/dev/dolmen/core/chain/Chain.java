package dev.dolmen.core.chain;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.StoreChange;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chain, and the only door into it. One thread calls it; what it hands out is immutable.
 *
 * <p>A block that follows the rules is stored, whatever branch it is on, and checked in full before
 * that: once a branch has more work than the best chain, it becomes the best chain in one step.
 * Adding a block costs the same at any height. Rules: {@code docs/protocol.md#rules}.
 *
 * <p>Failures of the disk are thrown as {@link java.io.UncheckedIOException} and leave this object
 * as it was; the owner stops.
 */
public final class Chain {

  private final BlockStore store;
  private final HeaderRules headerRules;
  private final BlockRules blockRules;
  private final VerifiedSignatures verified;
  private final BlockTree tree;
  private final SideBranches sideBranches;
  private final Set<BlockHash> invalid = new LinkedHashSet<>();
  private BlockTree.Node tip;
  private @Nullable Block newest;

  /** The chain as the store has it: opening a store resumes at the tip it was closed with. */
  public Chain(NetworkParameters parameters, BlockStore store) {
    this(parameters, store, new VerifiedSignatures());
  }

  /**
   * The same.
   *
   * @param verified signatures that need not be verified again, shared with the pool that the same
   *     thread owns
   */
  public Chain(NetworkParameters parameters, BlockStore store, VerifiedSignatures verified) {
    this.verified = verified;
    this.store = store;
    this.headerRules = new HeaderRules(parameters);
    this.blockRules = new BlockRules(parameters);
    this.tree = new BlockTree(store);
    this.sideBranches = new SideBranches(store, tree, parameters.expiryWindow());
    this.invalid.addAll(store.invalidBlocks());
    this.tip = tree.get(store.tip().hash());
  }

  /**
   * Checks a block and, if it follows the rules, stores it.
   *
   * @param block from anywhere: nothing is believed of it
   * @param now our clock, which decides only whether a block is from the future
   */
  public AddBlockResult add(Block block, Instant now) {
    Verdict verdict = judge(block, now);
    if (verdict.refusal().isPresent()) {
      if (verdict.invalidForEver()) {
        markInvalid(block.hash());
      }
      return verdict.refusal().get();
    }
    return new AddBlockResult.Added(store(block, tree.get(block.header().previousHash())));
  }

  /**
   * What {@link #add} would refuse the block with, without storing or remembering anything; empty
   * if it would be added.
   */
  public Optional<AddBlockResult> check(Block block, Instant now) {
    return judge(block, now).refusal();
  }

  /**
   * The outcome of all rules.
   *
   * @param invalidForEver whether work stands behind a block that breaks a rule: only such a block
   *     is worth remembering, and only a stranger who works can fill that memory
   */
  private record Verdict(Optional<AddBlockResult> refusal, boolean invalidForEver) {
    static final Verdict GOOD = new Verdict(Optional.empty(), false);

    static Verdict refused(AddBlockResult result) {
      return new Verdict(Optional.of(result), false);
    }

    static Verdict invalid(Violation violation) {
      return new Verdict(Optional.of(new AddBlockResult.Rejected(violation)), true);
    }
  }

  private Verdict judge(Block block, Instant now) {
    BlockHash hash = block.hash();
    if (tree.find(hash).isPresent()) {
      return Verdict.refused(new AddBlockResult.AlreadyKnown());
    }
    if (invalid.contains(hash)) {
      return Verdict.refused(new AddBlockResult.Rejected(Violation.KNOWN_INVALID));
    }
    BlockHash parentHash = block.header().previousHash();
    if (invalid.contains(parentHash)) {
      return Verdict.refused(new AddBlockResult.Rejected(Violation.INVALID_ANCESTOR));
    }
    BlockTree.Node parent = tree.find(parentHash).orElse(null);
    if (parent == null) {
      return Verdict.refused(new AddBlockResult.UnknownParent(parentHash));
    }
    Optional<Violation> badHeader =
        headerRules.check(block.header(), block.seal(), parent.header(), parent.medianTimePast());
    if (badHeader.isPresent()) {
      return Verdict.refused(new AddBlockResult.Rejected(badHeader.get()));
    }
    if (headerRules.checkClock(block.header(), now.toEpochMilli()).isPresent()) {
      return Verdict.refused(
          new AddBlockResult.NotYet(Instant.ofEpochMilli(headerRules.validFrom(block.header()))));
    }
    Optional<Violation> otherBody = blockRules.bodyMatchesHeader(block);
    if (otherBody.isPresent()) {
      return Verdict.refused(new AddBlockResult.BodyMismatch(otherBody.get()));
    }
    return blockRules
        .check(block, verified)
        .or(() -> repeats(block, parent))
        .map(Verdict::invalid)
        .orElse(Verdict.GOOD);
  }

  /**
   * Whether the branch that ends in {@code parent} already holds one of the block's transactions.
   */
  private Optional<Violation> repeats(Block block, BlockTree.Node parent) {
    if (parent.hash().equals(tip.hash())) {
      for (Transaction transaction : block.transactions()) {
        if (store.locate(transaction.id()).isPresent()) {
          return Optional.of(Violation.ALREADY_INCLUDED);
        }
      }
      return Optional.empty();
    }
    return sideBranches.firstIncluded(block, parent).map(id -> Violation.ALREADY_INCLUDED);
  }

  private void markInvalid(BlockHash hash) {
    store.apply(new StoreChange.Builder().markInvalid(hash).build());
    if (invalid.size() == BlockStore.MAX_INVALID_BLOCKS) {
      invalid.remove(invalid.iterator().next());
    }
    invalid.add(hash);
  }

  private ChainUpdate store(Block block, BlockTree.Node parent) {
    Work totalWork = parent.chained().totalWork().plus(headerRules.workOf(block.header()));
    StoreChange.Builder change = new StoreChange.Builder().store(block, totalWork);
    ArrayDeque<BlockHash> disconnected = new ArrayDeque<>();
    ArrayDeque<BlockHash> connected = new ArrayDeque<>();
    boolean extendsTip = parent.hash().equals(tip.hash());
    boolean becomesTip = headerRules.isBetter(totalWork, tip.chained().totalWork());
    if (extendsTip) {
      change.connect(block);
      connected.add(block.hash());
    } else if (becomesTip) {
      reorganise(change, block, parent, disconnected, connected);
    }
    store.apply(change.build());

    ChainedHeader before = tip.chained();
    tree.add(new ChainedHeader(block.header(), block.seal(), totalWork), parent);
    if (connected.isEmpty()) {
      sideBranches.grew(block, parent.hash());
    } else {
      tip = tree.get(block.hash());
      newest = block;
    }
    if (!disconnected.isEmpty()) {
      sideBranches.bestChainChanged();
    }
    return new ChainUpdate(
        before, tip.chained(), List.copyOf(disconnected), List.copyOf(connected));
  }

  /**
   * Walks both branches down to where they part, then writes down the way from one to the other.
   */
  private void reorganise(
      StoreChange.Builder change,
      Block newTip,
      BlockTree.Node parent,
      ArrayDeque<BlockHash> disconnected,
      ArrayDeque<BlockHash> connected) {
    BlockTree.Node ours = tip;
    BlockTree.Node theirs = parent;
    connected.addFirst(newTip.hash());
    while (!ours.hash().equals(theirs.hash())) {
      if (ours.height() >= theirs.height()) {
        change.disconnect(storedBlock(ours.hash()));
        disconnected.addLast(ours.hash());
        ours = tree.parentOf(ours);
      } else {
        connected.addFirst(theirs.hash());
        theirs = tree.parentOf(theirs);
      }
    }
    for (BlockHash hash : connected) {
      change.connect(hash.equals(newTip.hash()) ? newTip : storedBlock(hash));
    }
  }

  private Block storedBlock(BlockHash hash) {
    return block(hash).orElseThrow(() -> new IllegalStateException("no block " + hash));
  }

  /** The best chain's last block's header and work. */
  public ChainedHeader tip() {
    return tip.chained();
  }

  /** What the timestamp of the best chain's next block must exceed, in milliseconds since 1970. */
  public long medianTimePast() {
    return tip.medianTimePast();
  }

  /** A stored block of any branch. */
  public Optional<Block> block(BlockHash hash) {
    Block last = newest;
    return last != null && last.hash().equals(hash) ? Optional.of(last) : store.block(hash);
  }

  /** Whether a block is stored, on whatever branch. */
  public boolean contains(BlockHash hash) {
    return tree.peek(hash).isPresent();
  }

  /** Whether the best chain holds a transaction. */
  public boolean includes(TransactionId id) {
    return store.locate(id).isPresent();
  }

  /** Whether a block broke a rule, or stands on one that did, as far as that is remembered. */
  public boolean isInvalid(BlockHash hash) {
    return invalid.contains(hash);
  }

  /** A stored block's place, of any branch, to check headers from there on; empty if not stored. */
  public Optional<HeaderCursor> cursorAt(BlockHash hash) {
    return tree.find(hash)
        .map(node -> new HeaderCursor(headerRules, node.chained(), node.timestamps()));
  }

  /** Whether a branch with this much work would replace the best chain. */
  public boolean isBetterThanTip(Work totalWork) {
    return headerRules.isBetter(totalWork, tip.chained().totalWork());
  }

  /** The rules of headers, for the one that depends on the clock. */
  public HeaderRules headerRules() {
    return headerRules;
  }

  /** As {@link #locator}, for a chain of headers that ends in one we do not have the block of. */
  public Locator locatorFrom(BlockHash newest) {
    List<BlockHash> hashes = new ArrayList<>();
    hashes.add(newest);
    hashes.addAll(locator().hashes());
    return new Locator(hashes.subList(0, Math.min(hashes.size(), Locator.MAX_HASHES)));
  }

  /** Our best chain in a few hashes, for a peer to find what we share. */
  public Locator locator() {
    return Locator.of(
        tip.height(),
        height ->
            store
                .hashAt(height)
                .orElseThrow(() -> new IllegalStateException("no block at height " + height)));
  }

  /**
   * Height of the newest block of our best chain that a peer's locator names; 0 if it names none,
   * since genesis is shared by all who speak to one another.
   */
  public long forkHeight(Locator locator) {
    for (BlockHash hash : locator.hashes()) {
      Optional<ChainedHeader> known = tree.peek(hash);
      if (known.isPresent()) {
        long height = known.get().height();
        if (store.hashAt(height).filter(hash::equals).isPresent()) {
          return height;
        }
      }
    }
    return 0;
  }

  /** Look-ups for readers of any thread. */
  public BlockReader reader() {
    return store;
  }
}
