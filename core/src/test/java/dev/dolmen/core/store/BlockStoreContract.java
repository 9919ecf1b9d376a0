package dev.dolmen.core.store;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Lists;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.PublicKey;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store keeps to. Each store's own test says how one is made. */
public abstract class BlockStoreContract {

  protected static final NetworkParameters DEV = NetworkParameters.dev();

  private static final HeaderRules RULES = new HeaderRules(DEV);
  private static final PublicKey ALICE = Blocks.ALICE.publicKey();
  private static final PublicKey BOB = Blocks.BOB.publicKey();

  /** The store under test, new and empty but for genesis. */
  protected BlockStore store;

  /** A new store of the {@code dev} network. */
  protected abstract BlockStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void beginsWithGenesisAlone() {
    Block genesis = Blocks.genesis();

    assertThat(store.tip())
        .isEqualTo(new ChainedHeader(genesis.header(), Seal.NONE, workOf(genesis)));
    assertThat(store.header(genesis.hash())).contains(store.tip());
    assertThat(store.block(genesis.hash())).contains(genesis);
    assertThat(store.hashAt(0)).contains(genesis.hash());
    assertThat(store.hashAt(1)).isEmpty();
    assertThat(store.invalidBlocks()).isEmpty();
  }

  @Test
  void showsAllOfAChange() {
    Transaction alices = Blocks.transaction(Blocks.ALICE, "a", 10);
    Transaction bobs = Blocks.transaction(Blocks.BOB, "b", 10);
    Block block = Blocks.childOf(Blocks.genesis()).withTransactions(alices, bobs).build();

    extend(block);

    assertThat(store.tip()).isEqualTo(new ChainedHeader(block.header(), Seal.NONE, work(2)));
    assertThat(store.block(block.hash())).contains(block);
    assertThat(store.header(block.hash())).contains(store.tip());
    assertThat(store.hashAt(1)).contains(block.hash());
    assertThat(store.locate(alices.id())).contains(placeOf(block, 0));
    assertThat(store.locate(bobs.id())).contains(placeOf(block, 1));
    assertThat(store.byAuthor(ALICE, 0, 10)).containsExactly(placeOf(block, 0));
    assertThat(store.byAuthor(BOB, 0, 10)).containsExactly(placeOf(block, 1));
  }

  @Test
  void knowsNothingOfWhatWasNeverStored() {
    Block stranger = Blocks.childOf(Blocks.genesis()).build();

    assertThat(store.header(stranger.hash())).isEmpty();
    assertThat(store.block(stranger.hash())).isEmpty();
    assertThat(store.hashAt(-1)).isEmpty();
    assertThat(store.hashAt(Long.MAX_VALUE)).isEmpty();
    assertThat(store.locate(new TransactionId(Hash256.ZERO))).isEmpty();
    assertThat(store.byAuthor(ALICE, 0, 10)).isEmpty();
  }

  @Test
  void keepsOwnEntriesUntilTheyCanNoLongerBeIncluded() {
    Transaction first = Blocks.transaction(Blocks.ALICE, "first", 2);
    Transaction second = Blocks.transaction(Blocks.BOB, "second", 2);
    Transaction earlier = Blocks.transaction(Blocks.ALICE, "earlier", 1);
    List.of(first, second, earlier).forEach(this::keep);
    assertThat(kept()).containsExactly(earlier, first, second);

    Block one = Blocks.childOf(Blocks.genesis()).withTransactions(first).build();
    extend(one);
    assertThat(kept()).as("included or not").containsExactly(first, second);
    keep(earlier);
    assertThat(kept()).as("expired already").containsExactly(first, second);

    extend(Blocks.childOf(one).build());
    assertThat(kept()).isEmpty();
    Transaction later = Blocks.transaction(Blocks.ALICE, "later", 3);
    keep(later);
    assertThat(kept()).containsExactly(later);
  }

  protected final void keep(Transaction own) {
    store.apply(new StoreChange.Builder().keep(own).build());
  }

  protected final List<Transaction> kept() {
    List<Transaction> kept = new ArrayList<>();
    store.forEachKept(kept::add);
    return kept;
  }

  @Test
  void keepsSideBlocksReadableAndOffTheBestChain() {
    Transaction entry = Blocks.transaction(Blocks.ALICE, "a", 10);
    Block best = Blocks.childOf(Blocks.genesis()).build();
    Block side = Blocks.childOf(Blocks.genesis()).withTransactions(entry).build();
    extend(best);

    store.apply(new StoreChange.Builder().store(side, work(2)).build());

    assertThat(store.block(side.hash())).contains(side);
    assertThat(store.header(side.hash()))
        .contains(new ChainedHeader(side.header(), Seal.NONE, work(2)));
    assertThat(store.tip().hash()).isEqualTo(best.hash());
    assertThat(store.hashAt(1)).contains(best.hash());
    assertThat(store.locate(entry.id())).isEmpty();
    assertThat(store.byAuthor(ALICE, 0, 10)).isEmpty();
  }

  @Test
  void putsABodyBackAndChangesNothingElse() {
    Block block =
        Blocks.childOf(Blocks.genesis())
            .withTransactions(Blocks.transaction(Blocks.ALICE, "a", 10))
            .build();
    extend(block);
    ChainedHeader tip = store.tip();
    assertThat(store.damagedBlocks()).isEmpty();

    store.apply(new StoreChange.Builder().restore(block).build());
    store.sync();

    assertThat(store.block(block.hash())).contains(block);
    assertThat(store.header(block.hash())).contains(tip);
    assertThat(store.tip()).isEqualTo(tip);
    assertThat(store.sideBlocks()).isEmpty();
    assertThat(store.byAuthor(ALICE, 0, 10)).containsExactly(placeOf(block, 0));
  }

  @Test
  void listsSideBlocks() {
    List<Block> ours = branch(Blocks.genesis(), 2, "ours", ALICE);
    List<Block> theirs = branch(Blocks.genesis(), 3, "theirs", BOB);
    ours.forEach(this::extend);
    assertThat(store.sideBlocks()).isEmpty();

    theirs.subList(0, 2).forEach(this::storeAside);
    assertThat(store.sideBlocks())
        .containsExactlyInAnyOrder(sideBlock(theirs.get(0)), sideBlock(theirs.get(1)));

    StoreChange.Builder change = new StoreChange.Builder().store(theirs.get(2), work(4));
    Lists.reverse(ours).forEach(change::disconnect);
    theirs.forEach(change::connect);
    store.apply(change.build());
    assertThat(store.sideBlocks())
        .containsExactlyInAnyOrder(sideBlock(ours.get(0)), sideBlock(ours.get(1)));
    assertThat(store.hashesFrom(0, 10)).isEqualTo(orderOf(theirs));
  }

  @Test
  void forgetsSideBlocksWithTheirHeaders() {
    Block best = Blocks.childOf(Blocks.genesis()).build();
    List<Block> side = branch(Blocks.genesis(), 3, "side", ALICE);
    extend(best);
    side.forEach(this::storeAside);

    Block another = Blocks.childOf(best).build();
    store.apply(
        new StoreChange.Builder()
            .forget(side.get(2).hash())
            .forget(side.get(1).hash())
            .store(another, work(3))
            .connect(another)
            .build());

    assertThat(store.sideBlocks()).containsExactly(sideBlock(side.get(0)));
    assertThat(store.block(side.get(0).hash())).contains(side.get(0));
    for (Block gone : side.subList(1, 3)) {
      assertThat(store.block(gone.hash())).isEmpty();
      assertThat(store.header(gone.hash())).isEmpty();
    }
    assertThat(store.tip().hash()).isEqualTo(another.hash());

    storeAside(side.get(1));
    assertThat(store.block(side.get(1).hash())).contains(side.get(1));
    assertThat(store.sideBlocks()).hasSize(2);
  }

  @Test
  void passesASealThrough() {
    Seal seal = new Seal(Bytes.fromHex("00ff10"));
    Block sealed = Blocks.childOf(Blocks.genesis()).withSeal(seal).build();

    extend(sealed);

    assertThat(store.block(sealed.hash())).contains(sealed);
    assertThat(store.tip().seal()).isEqualTo(seal);
    assertThat(store.header(sealed.hash())).contains(store.tip());
  }

  @Test
  void keepsABlockOfTheLargestSizeAndAWorkOf256Bits() {
    List<Transaction> entries =
        IntStream.range(0, 10)
            .mapToObj(
                i -> {
                  byte[] payload = new byte[Transaction.MAX_PAYLOAD_BYTES];
                  payload[0] = (byte) i;
                  return Blocks.transaction(Blocks.ALICE, Bytes.wrap(payload), 10);
                })
            .toList();
    Block large = Blocks.childOf(Blocks.genesis()).withTransactions(entries).build();
    Work most = new Work(BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE));

    store.apply(new StoreChange.Builder().store(large, most).connect(large).build());

    assertThat(store.block(large.hash())).contains(large);
    assertThat(store.header(large.hash()).orElseThrow().totalWork()).isEqualTo(most);
  }

  @Test
  void replacesTheUpperPartByALongerOne() {
    List<Block> ours = branch(Blocks.genesis(), 5, "ours", Blocks.ALICE.publicKey());
    List<Block> theirs = branch(ours.get(1), 6, "theirs", BOB);
    ours.forEach(this::extend);

    reorganise(ours.subList(2, 5), theirs);

    List<Block> best = new ArrayList<>(ours.subList(0, 2));
    best.addAll(theirs);
    expectBestChain(best);
    expectGone(ours.subList(2, 5));
  }

  @Test
  void replacesTheUpperPartByAShorterOne() {
    List<Block> ours = branch(Blocks.genesis(), 9, "ours", ALICE);
    List<Block> theirs = branch(ours.get(3), 2, "theirs", ALICE);
    ours.forEach(this::extend);

    reorganise(ours.subList(4, 9), theirs);

    List<Block> best = new ArrayList<>(ours.subList(0, 4));
    best.addAll(theirs);
    expectBestChain(best);
    expectGone(ours.subList(4, 9));
  }

  @Test
  void movesATransactionThatBothBranchesHold() {
    Transaction both = Blocks.transaction(Blocks.ALICE, "both", 10);
    Block ours = Blocks.childOf(Blocks.genesis()).withTransactions(both).build();
    Block first = Blocks.childOf(Blocks.genesis()).build();
    Block second =
        Blocks.childOf(first)
            .withTransactions(Blocks.transaction(Blocks.BOB, "other", 10), both)
            .build();
    extend(ours);

    reorganise(List.of(ours), List.of(first, second));

    assertThat(store.locate(both.id())).contains(placeOf(second, 1));
    assertThat(store.byAuthor(ALICE, 0, 10)).containsExactly(placeOf(second, 1));
  }

  @Test
  void listsHashesWithinTheirBounds() {
    List<Block> chain = Blocks.chain(9);
    chain.forEach(this::extend);
    List<BlockHash> all = new ArrayList<>(List.of(Blocks.genesis().hash()));
    chain.forEach(block -> all.add(block.hash()));

    assertThat(store.hashesFrom(0, 10)).isEqualTo(all);
    assertThat(store.hashesFrom(0, Integer.MAX_VALUE)).isEqualTo(all);
    assertThat(store.hashesFrom(3, 4)).isEqualTo(all.subList(3, 7));
    assertThat(store.hashesFrom(9, 5)).isEqualTo(all.subList(9, 10));
    assertThat(store.hashesFrom(10, 5)).isEmpty();
    assertThat(store.hashesFrom(Long.MAX_VALUE, Integer.MAX_VALUE)).isEmpty();
    assertThat(store.hashesFrom(-1, 5)).isEmpty();
    assertThat(store.hashesFrom(Long.MIN_VALUE, 5)).isEmpty();
    assertThat(store.hashesFrom(4, 0)).isEmpty();
    assertThatThrownBy(() -> store.hashesFrom(4, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listsAnAuthorsTransactionsInChainOrder() {
    Block parent = Blocks.genesis();
    List<TransactionPlace> alices = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Block block =
          Blocks.childOf(parent)
              .withTransactions(
                  Blocks.transaction(Blocks.BOB, "b" + i, i + 10L),
                  Blocks.transaction(Blocks.ALICE, "a" + i, i + 10L),
                  Blocks.transaction(Blocks.ALICE, "A" + i, i + 10L))
              .build();
      extend(block);
      alices.add(placeOf(block, 1));
      alices.add(placeOf(block, 2));
      parent = block;
    }

    assertThat(store.byAuthor(ALICE, 0, 1_000)).isEqualTo(alices);
    assertThat(store.byAuthor(ALICE, -5, 1_000)).isEqualTo(alices);
    assertThat(store.byAuthor(ALICE, 255, 3)).isEqualTo(alices.subList(508, 511));
    assertThat(store.byAuthor(ALICE, 255, 0, 3)).isEqualTo(alices.subList(508, 511));
    assertThat(store.byAuthor(ALICE, 255, 1, 3)).isEqualTo(alices.subList(508, 511));
    assertThat(store.byAuthor(ALICE, 255, 2, 3)).isEqualTo(alices.subList(509, 512));
    assertThat(store.byAuthor(ALICE, 255, 3, 3)).isEqualTo(alices.subList(510, 513));
    assertThat(store.byAuthor(ALICE, -5, 2, 1_000)).isEqualTo(alices);
    assertThat(store.byAuthor(ALICE, 300, 3, 10)).isEmpty();
    assertThat(store.byAuthor(ALICE, 300, 10)).isEqualTo(alices.subList(598, 600));
    assertThat(store.byAuthor(ALICE, 301, 10)).isEmpty();
    assertThat(store.byAuthor(ALICE, 1, 0)).isEmpty();
    assertThat(store.byAuthor(Blocks.key("carol").publicKey(), 0, 10)).isEmpty();
    assertThatThrownBy(() -> store.byAuthor(ALICE, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void remembersInvalidBlocksUpToTheirBoundAndForgetsTheOldestFirst() {
    int bound = BlockStore.MAX_INVALID_BLOCKS;
    List<BlockHash> marks = marks(0, bound);
    marks.subList(0, 3).forEach(this::mark);
    StoreChange.Builder many = new StoreChange.Builder();
    marks.subList(3, bound).forEach(many::markInvalid);
    store.apply(many.build());
    assertThat(store.invalidBlocks()).isEqualTo(marks);

    marks(bound, bound + 2).forEach(this::mark);

    assertThat(store.invalidBlocks()).isEqualTo(marks(2, bound + 2));
  }

  @Test
  void invalidMarksLeaveTheChainAlone() {
    mark(new BlockHash(Hash256.ZERO));

    assertThat(store.tip().hash()).isEqualTo(Blocks.genesis().hash());
    assertThat(store.hashesFrom(0, 10)).hasSize(1);
  }

  /**
   * Two branches replace one another while readers look: what they see is one branch or the other.
   */
  @Test
  void readersNeverSeeHalfAReorganisation() throws Exception {
    List<Block> ours = branch(Blocks.genesis(), 20, "ours", ALICE);
    List<Block> theirs = branch(Blocks.genesis(), 20, "theirs", ALICE);
    ours.forEach(this::extend);
    Set<List<BlockHash>> orders = Set.of(orderOf(ours), orderOf(theirs));
    Set<List<TransactionPlace>> authored = Set.of(placesOf(ours), placesOf(theirs));
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> reading =
          IntStream.range(0, 2)
              .<Future<?>>mapToObj(
                  i ->
                      readers.submit(
                          () -> {
                            while (!done.get()) {
                              assertThat(orders).contains(store.hashesFrom(0, 100));
                              assertThat(authored).contains(store.byAuthor(ALICE, 0, 100));
                              assertThat(store.header(store.hashAt(20).orElseThrow())).isPresent();
                            }
                          }))
              .collect(toList());
      for (int i = 0; i < 250; i++) {
        reorganise(ours, theirs);
        reorganise(theirs, ours);
      }
      done.set(true);
      for (Future<?> reader : reading) {
        reader.get();
      }
    } finally {
      done.set(true);
      readers.shutdownNow();
    }
  }

  @Test
  void anInterruptedCallerDoesNoHarm() {
    List<Block> chain = branch(Blocks.genesis(), 50, "entry", ALICE);
    for (Block block : chain) {
      Thread.currentThread().interrupt();
      extend(block);
      store.sync();
      assertThat(store.block(block.hash())).contains(block);
      assertThat(Thread.interrupted()).isTrue();
    }
    expectBestChain(chain);
  }

  @Test
  void closesTwice() {
    store.close();
    store.close();
  }

  /** Extends the best chain by one block. */
  protected final void extend(Block block) {
    store.apply(
        new StoreChange.Builder().store(block, work(block.height() + 1)).connect(block).build());
  }

  /** Stores a block and leaves the best chain alone. */
  protected final void storeAside(Block block) {
    store.apply(new StoreChange.Builder().store(block, work(block.height() + 1)).build());
  }

  protected static SideBlock sideBlock(Block block) {
    return new SideBlock(block.hash(), block.size());
  }

  protected final void mark(BlockHash hash) {
    store.apply(new StoreChange.Builder().markInvalid(hash).build());
  }

  /** Hashes that are all different, numbered from {@code first} to before {@code end}. */
  protected static List<BlockHash> marks(long first, long end) {
    return LongStream.range(first, end)
        .mapToObj(number -> new BlockHash(new Hash256(0, 0, 0, number)))
        .toList();
  }

  /** Blocks with one transaction of the author each. */
  protected static List<Block> branch(Block parent, int length, String name, PublicKey author) {
    var key = author.equals(ALICE) ? Blocks.ALICE : Blocks.BOB;
    List<Block> blocks = new ArrayList<>();
    Block last = parent;
    for (int i = 0; i < length; i++) {
      last =
          Blocks.childOf(last)
              .withTransactions(Blocks.transaction(key, name + i, last.height() + 10))
              .build();
      blocks.add(last);
    }
    return blocks;
  }

  /** Takes blocks off the best chain and puts others in their place, as one change. */
  private void reorganise(List<Block> leaving, List<Block> entering) {
    StoreChange.Builder change = new StoreChange.Builder();
    Lists.reverse(leaving).forEach(change::disconnect);
    for (Block block : entering) {
      change.store(block, work(block.height() + 1)).connect(block);
    }
    store.apply(change.build());
  }

  private void expectBestChain(List<Block> chain) {
    Block last = chain.get(chain.size() - 1);
    assertThat(store.tip().hash()).isEqualTo(last.hash());
    assertThat(store.hashesFrom(0, chain.size() + 10)).isEqualTo(orderOf(chain));
    assertThat(store.hashAt(last.height())).contains(last.hash());
    assertThat(store.hashAt(last.height() + 1)).isEmpty();
    for (Block block : chain) {
      assertThat(store.locate(block.transactions().get(0).id())).contains(placeOf(block, 0));
    }
    List<TransactionPlace> authored = new ArrayList<>(store.byAuthor(ALICE, 0, 1_000));
    authored.addAll(store.byAuthor(BOB, 0, 1_000));
    assertThat(authored).containsExactlyInAnyOrderElementsOf(placesOf(chain));
  }

  /** Off the best chain, but still stored. */
  private void expectGone(List<Block> blocks) {
    for (Block block : blocks) {
      assertThat(store.locate(block.transactions().get(0).id())).isEmpty();
      assertThat(store.block(block.hash())).contains(block);
      assertThat(store.header(block.hash())).isPresent();
    }
  }

  private static List<BlockHash> orderOf(List<Block> chain) {
    List<BlockHash> order = new ArrayList<>(List.of(Blocks.genesis().hash()));
    chain.forEach(block -> order.add(block.hash()));
    return order;
  }

  private static List<TransactionPlace> placesOf(List<Block> chain) {
    return chain.stream().map(block -> placeOf(block, 0)).toList();
  }

  private static TransactionPlace placeOf(Block block, int index) {
    return new TransactionPlace(
        block.transactions().get(index).id(), block.height(), block.hash(), index);
  }

  private static Work workOf(Block block) {
    return RULES.workOf(block.header());
  }

  /** On this network every block is worth the same. */
  private static Work work(long blocks) {
    return new Work(workOf(Blocks.genesis()).value().multiply(BigInteger.valueOf(blocks)));
  }
}
