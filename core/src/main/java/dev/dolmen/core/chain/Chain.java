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
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.StoreChange;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The chain, and the only door into it. One thread calls it; what it hands out is immutable.
 *
 * <p>A block that follows the rules is stored, whatever branch it is on, and checked in full before
 * that: once a branch has more work than the best chain, it becomes the best chain in one step.
 * Adding a block costs the same at any height. Rules: {@code docs/protocol.md#rules}.
 *
 * <p>Failures of the disk are thrown as {@link java.io.UncheckedIOException} and leave this object
 * as it was; the owner stops, unless a block's body is damaged that can be {@linkplain #restore
 * restored}.
 */
public final class Chain {

  private final BlockStore store;
  private final HeaderRules headerRules;
  private final BlockRules blockRules;
  private final VerifiedSignatures verified;
  private final BlockTree tree;
  private final SideBranches sideBranches;
  private final SideBlocks sideBlocks;
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
    this(parameters, store, verified, new SideBlocks());
  }

  Chain(
      NetworkParameters parameters,
      BlockStore store,
      VerifiedSignatures verified,
      SideBlocks empty) {
    this.verified = verified;
    this.store = store;
    this.headerRules = new HeaderRules(parameters);
    this.blockRules = new BlockRules(parameters);
    this.tree = new BlockTree(store);
    this.sideBranches = new SideBranches(store, tree, parameters.expiryWindow());
    this.invalid.addAll(store.invalidBlocks());
    this.tip = tree.get(store.tip().hash());
    this.sideBlocks = empty;
    for (SideBlock side : store.sideBlocks()) {
      sideBlocks.add(tree.header(side.hash()), side.size());
    }
  }

  /** The same as below, for a block of whose branch nothing is known. */
  public AddBlockResult add(Block block, Instant now) {
    return add(block, now, Standing.ORDINARY);
  }

  /**
   * Checks a block and, if it follows the rules, stores it. Where it goes to a side branch there
   * must be room, for which blocks of lighter ones are forgotten.
   *
   * @param block from anywhere: nothing is believed of it
   * @param now our clock, which decides only whether a block is from the future
   * @param standing what is known of its branch
   */
  public AddBlockResult add(Block block, Instant now, Standing standing) {
    Verdict verdict = judge(block, now, standing);
    if (verdict.refusal().isPresent()) {
      if (verdict.invalidForEver()) {
        markInvalid(block.hash());
      }
      return verdict.refusal().get();
    }
    BlockTree.Node parent = tree.get(block.header().previousHash());
    return new AddBlockResult.Added(store(block, parent, standing, verdict.forgotten()));
  }

  /**
   * What {@link #add(Block, Instant)} would refuse the block with, without storing or remembering
   * anything; empty if it would be added.
   */
  public Optional<AddBlockResult> check(Block block, Instant now) {
    return judge(block, now, Standing.ORDINARY).refusal();
  }

  /**
   * The outcome of all rules.
   *
   * @param invalidForEver whether work stands behind a block that breaks a rule: only such a block
   *     is worth remembering, and only a stranger who works can fill that memory
   * @param forgotten what makes room for a good one
   */
  private record Verdict(
      Optional<AddBlockResult> refusal, boolean invalidForEver, List<BlockHash> forgotten) {

    static Verdict good(List<BlockHash> forgotten) {
      return new Verdict(Optional.empty(), false, forgotten);
    }

    static Verdict refused(AddBlockResult result) {
      return new Verdict(Optional.of(result), false, List.of());
    }

    static Verdict invalid(Violation violation) {
      return new Verdict(Optional.of(new AddBlockResult.Rejected(violation)), true, List.of());
    }
  }

  private Verdict judge(Block block, Instant now, Standing standing) {
    BlockHash hash = block.hash();
    if (tree.find(hash).isPresent()) {
      return Verdict.refused(new AddBlockResult.AlreadyKnown());
    }
    BlockHash parentHash = block.header().previousHash();
    if (invalid.contains(parentHash)) {
      return headerRules.carriesWork(block.header()) && !invalid.contains(hash)
          ? Verdict.invalid(Violation.INVALID_ANCESTOR)
          : Verdict.refused(new AddBlockResult.Rejected(Violation.INVALID_ANCESTOR));
    }
    if (invalid.contains(hash)) {
      return Verdict.refused(new AddBlockResult.Rejected(Violation.KNOWN_INVALID));
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
    ChainedHeader chained = chained(block, parent);
    boolean bounded = standing == Standing.ORDINARY && staysAside(chained, parent);
    if (bounded
        && headerRules.isFarBehind(
            chained.totalWork(), tip.chained().totalWork(), tip.header(), SideBlocks.MAX_DEPTH)) {
      return Verdict.refused(new AddBlockResult.TooFarBehind());
    }
    if (headerRules.checkClock(block.header(), now.toEpochMilli()).isPresent()) {
      return Verdict.refused(
          new AddBlockResult.NotYet(Instant.ofEpochMilli(headerRules.validFrom(block.header()))));
    }
    Optional<Violation> otherBody = blockRules.bodyMatchesHeader(block);
    if (otherBody.isPresent()) {
      return Verdict.refused(new AddBlockResult.BodyMismatch(otherBody.get()));
    }
    Optional<Violation> broken = blockRules.check(block, verified).or(() -> repeats(block, parent));
    if (broken.isPresent()) {
      return Verdict.invalid(broken.get());
    }
    if (!bounded) {
      return Verdict.good(List.of());
    }
    return sideBlocks
        .roomFor(chained, block.size())
        .map(Verdict::good)
        .orElse(Verdict.refused(new AddBlockResult.TooFarBehind()));
  }

  private ChainedHeader chained(Block block, BlockTree.Node parent) {
    Work totalWork = parent.chained().totalWork().plus(headerRules.workOf(block.header()));
    return new ChainedHeader(block.header(), block.seal(), totalWork);
  }

  /** Whether the best chain stays as it is when this block is added. */
  private boolean staysAside(ChainedHeader chained, BlockTree.Node parent) {
    return !parent.hash().equals(tip.hash())
        && !headerRules.isBetter(chained.totalWork(), tip.chained().totalWork());
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

  /**
   * Keeps an entry of this node's own users in the store, from its next sync on through any
   * restart, until it can no longer be included.
   */
  public void keep(Transaction own) {
    store.apply(new StoreChange.Builder().keep(own).build());
  }

  /** Shows what is kept, as {@link BlockStore#forEachKept} does. */
  public void forEachKept(Consumer<Transaction> viewer) {
    store.forEachKept(viewer);
  }

  /** Stored blocks whose bodies are damaged, as {@link BlockStore#damagedBlocks} says. */
  public List<BlockHash> damagedBlocks() {
    return store.damagedBlocks();
  }

  /**
   * Puts a damaged block back, if this is the one: its header is the stored one and commits to all
   * of its body, which was checked when it was first stored. One that was forgotten meanwhile stays
   * forgotten.
   *
   * @return what tells this body from the block's; empty if it is stored again now
   */
  public Optional<Violation> restore(Block sound) {
    Optional<Violation> otherBody = blockRules.bodyMatchesHeader(sound);
    if (otherBody.isEmpty() && contains(sound.hash())) {
      store.apply(new StoreChange.Builder().restore(sound).build());
    }
    return otherBody;
  }

  /** How many bytes can still be stored, as {@link BlockStore#room} says. */
  public long room() {
    return store.room();
  }

  private ChainUpdate store(
      Block block, BlockTree.Node parent, Standing standing, List<BlockHash> forgotten) {
    ChainedHeader chained = chained(block, parent);
    StoreChange.Builder change = new StoreChange.Builder().store(block, chained.totalWork());
    ArrayDeque<BlockHash> disconnected = new ArrayDeque<>();
    ArrayDeque<BlockHash> connected = new ArrayDeque<>();
    if (parent.hash().equals(tip.hash())) {
      change.connect(block);
      connected.add(block.hash());
    } else if (!staysAside(chained, parent)) {
      reorganise(change, block, parent, disconnected, connected);
    }
    forgotten.forEach(change::forget);
    StoreChange complete = change.build();
    store.apply(complete);

    ChainedHeader before = tip.chained();
    tree.add(chained, parent);
    follow(complete, standing);
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

  /** Which blocks are off the best chain now. */
  private void follow(StoreChange change, Standing standing) {
    for (BlockHash hash : change.forgotten()) {
      sideBlocks.remove(hash);
      tree.forget(hash);
    }
    change.noLongerSide().forEach(sideBlocks::remove);
    for (SideBlock side : change.newSide()) {
      ChainedHeader chained = tree.header(side.hash());
      // What a reorganisation leaves behind was never proved to be more than it is.
      if (standing == Standing.PROVED_HEAVIER && change.order().isEmpty()) {
        sideBlocks.addProved(chained, side.size());
      } else {
        sideBlocks.add(chained, side.size());
      }
    }
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

  /** Read even if it is in memory: who follows a reorganisation reads it, and it may be damaged. */
  private Block storedBlock(BlockHash hash) {
    return store.block(hash).orElseThrow(() -> new IllegalStateException("no block " + hash));
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

  /**
   * Branches that are stored off the best chain, the one with the most work first.
   *
   * @param limit how many at most; there are no more than blocks off the best chain
   */
  public List<Fork> forks(int limit) {
    return sideBlocks.heaviest(limit);
  }

  /** Look-ups for readers of any thread. */
  public BlockReader reader() {
    return store;
  }
}
