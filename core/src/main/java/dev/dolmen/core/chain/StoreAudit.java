package dev.dolmen.core.chain;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.TransactionPlace;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Holds all that a store says against every rule, our clock aside: each block of the best chain
 * from genesis on, the accumulated work, where each entry is said to be, and the blocks of other
 * branches. It believes nothing and changes nothing, and holds one block at a time.
 */
public final class StoreAudit {

  private final NetworkParameters network;
  private final HeaderRules headerRules;
  private final BlockRules blockRules;
  private final BlockStore store;

  /**
   * An audit of one store.
   *
   * @param store that nobody writes to meanwhile
   */
  public StoreAudit(NetworkParameters network, BlockStore store) {
    this.network = network;
    this.headerRules = new HeaderRules(network);
    this.blockRules = new BlockRules(network);
    this.store = store;
  }

  /**
   * The first thing that is wrong.
   *
   * @param height of the block it was found at; for a side block that cannot be read, the tip's
   * @param hash of that block, unless the store names none
   * @param what is wrong, for people
   */
  public record Damage(long height, Optional<BlockHash> hash, String what) {
    /** {@code block 7 HASH: what is wrong}. */
    @Override
    public String toString() {
      return "block " + height + hash.map(known -> " " + known).orElse("") + ": " + what;
    }
  }

  /** Ends an audit at the first damage. Goes no further than {@link #run}. */
  private static final class Found extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Damage damage;

    Found(Damage damage) {
      super(damage.what(), null, false, false);
      this.damage = damage;
    }
  }

  /**
   * Looks at everything.
   *
   * @param progress is told the height of each block of the best chain that is good
   * @return what is damaged, the lowest block first; empty if all is well
   */
  public Optional<Damage> run(LongConsumer progress) {
    try {
      auditBestChain(progress);
      for (SideBlock side : store.sideBlocks()) {
        auditSideBlock(side);
      }
      return Optional.empty();
    } catch (Found found) {
      return Optional.of(found.damage);
    }
  }

  private void auditBestChain(LongConsumer progress) throws Found {
    Block genesis = network.genesis();
    auditOrder(0, Optional.of(genesis.hash()));
    read(0, genesis.hash());
    HeaderCursor place = HeaderCursor.atGenesis(network);
    auditChained(place.last());
    long tipHeight = store.tip().height();
    for (long height = 1; height <= tipHeight; height++) {
      place = auditNext(place);
      progress.accept(height);
    }
    if (!store.tip().equals(place.last())) {
      throw found(place.height(), place.hash(), "it is not the tip that the store speaks of");
    }
    auditOrder(tipHeight + 1, Optional.empty());
  }

  private HeaderCursor auditNext(HeaderCursor place) throws Found {
    long height = place.height() + 1;
    BlockHash hash = auditOrder(height);
    Block block = read(height, hash);
    Optional<Violation> violation =
        place
            .check(block.header(), block.seal())
            .or(() -> blockRules.bodyMatchesHeader(block))
            .or(() -> blockRules.check(block));
    if (violation.isPresent()) {
      throw found(height, hash, violation.get().sentence());
    }
    HeaderCursor next = place.next(block.header(), block.seal());
    auditChained(next.last());
    auditPlaces(block);
    return next;
  }

  private BlockHash auditOrder(long height) throws Found {
    Optional<BlockHash> hash = attempt(height, Optional.empty(), () -> store.hashAt(height));
    if (hash.isEmpty()) {
      throw new Found(
          new Damage(height, Optional.empty(), "the order of the best chain does not have it"));
    }
    return hash.get();
  }

  private void auditOrder(long height, Optional<BlockHash> wanted) throws Found {
    Optional<BlockHash> there = attempt(height, wanted, () -> store.hashAt(height));
    if (!there.equals(wanted)) {
      throw new Found(
          new Damage(height, there, "the order of the best chain has another block than it must"));
    }
  }

  private Block read(long height, BlockHash hash) throws Found {
    Optional<Block> block = attempt(height, Optional.of(hash), () -> store.block(hash));
    if (block.isEmpty()) {
      throw found(height, hash, "it is not in the store");
    }
    if (!block.get().hash().equals(hash)) {
      throw found(height, hash, "another block is stored under its hash");
    }
    return block.get();
  }

  private void auditChained(ChainedHeader wanted) throws Found {
    Optional<ChainedHeader> there =
        attempt(wanted.height(), Optional.of(wanted.hash()), () -> store.header(wanted.hash()));
    if (!there.equals(Optional.of(wanted))) {
      throw found(
          wanted.height(),
          wanted.hash(),
          "its header or the work of its branch is stored otherwise than it is");
    }
  }

  /** An entry that is on the chain twice shows here too: only one place can be stored for it. */
  private void auditPlaces(Block block) throws Found {
    Map<PublicKey, List<TransactionPlace>> byAuthor = new LinkedHashMap<>();
    for (int index = 0; index < block.transactions().size(); index++) {
      Transaction transaction = block.transactions().get(index);
      TransactionPlace place =
          new TransactionPlace(transaction.id(), block.height(), block.hash(), index);
      Optional<TransactionPlace> there =
          attempt(block.height(), Optional.of(block.hash()), () -> store.locate(transaction.id()));
      if (!there.equals(Optional.of(place))) {
        throw found(
            block.height(),
            block.hash(),
            "its entry "
                + transaction.id()
                + there
                    .map(other -> " is said to be in block " + other.height())
                    .orElse(" is not found by its id"));
      }
      byAuthor.computeIfAbsent(transaction.author(), author -> new ArrayList<>()).add(place);
    }
    for (Map.Entry<PublicKey, List<TransactionPlace>> author : byAuthor.entrySet()) {
      List<TransactionPlace> wanted = author.getValue();
      List<TransactionPlace> there =
          attempt(
              block.height(),
              Optional.of(block.hash()),
              () -> store.byAuthor(author.getKey(), block.height(), wanted.size()));
      if (!there.equals(wanted)) {
        throw found(
            block.height(),
            block.hash(),
            "its entries of author " + author.getKey() + " are not found by their author");
      }
    }
  }

  private void auditSideBlock(SideBlock side) throws Found {
    long near = store.tip().height();
    Block block = read(near, side.hash());
    long height = block.height();
    BlockHash parentHash = block.header().previousHash();
    Optional<ChainedHeader> parent =
        attempt(height, Optional.of(side.hash()), () -> store.header(parentHash));
    if (parent.isEmpty()) {
      throw found(height, side.hash(), "it is a side block whose parent is not in the store");
    }
    Optional<Violation> violation =
        blockRules.bodyMatchesHeader(block).or(() -> blockRules.check(block));
    if (violation.isPresent()) {
      throw found(height, side.hash(), violation.get().sentence());
    }
    if (!headerRules.carriesWork(block.header())) {
      throw found(height, side.hash(), Violation.NOT_ENOUGH_WORK.sentence());
    }
    auditChained(
        new ChainedHeader(
            block.header(),
            block.seal(),
            parent.get().totalWork().plus(headerRules.workOf(block.header()))));
  }

  private interface Look<T> {
    T look();
  }

  /** What the store cannot read is damage of the block that it was asked for. */
  private static <T> T attempt(long height, Optional<BlockHash> hash, Look<T> look) throws Found {
    try {
      return look.look();
    } catch (UncheckedIOException unreadable) {
      throw new Found(new Damage(height, hash, String.valueOf(unreadable.getMessage())));
    }
  }

  private static Found found(long height, BlockHash hash, String what) {
    return new Found(new Damage(height, Optional.of(hash), what));
  }
}
