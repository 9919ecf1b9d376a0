package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.chain.AddBlockResult.Rejected;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.mempool.AddTransactionResult;
import dev.dolmen.core.mempool.AddTransactionResult.Expired;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.mempool.Origin;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change of branch does, on every store. Each store's own test says how one is made. */
public abstract class ReorganisationContract {

  protected static final NetworkParameters DEV = NetworkParameters.dev();

  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(9));

  private BlockStore store;
  private Chain chain;

  /** A new store of the {@code dev} network. */
  protected abstract BlockStore open() throws IOException;

  /** The same store, after it was closed if it can be. */
  protected abstract BlockStore reopen(BlockStore open) throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
    chain = new Chain(DEV, store);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void reopen() throws IOException {
    store = reopen(store);
    chain = new Chain(DEV, store);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000})
  void aReorganisationOfAnyDepthIsOneUpdateAndEndsLikeAFreshNode(int depth) throws IOException {
    List<Block> shared = Blocks.branch(Blocks.genesis(), 3, "shared");
    List<Block> ours = Blocks.branch(shared.get(2), depth, "ours");
    List<Block> theirs = Blocks.branch(shared.get(2), depth + 1, "theirs");
    Stream.of(shared, ours).flatMap(List::stream).forEach(this::add);
    for (Block block : theirs.subList(0, depth)) {
      assertThat(add(block).movedTip()).as("of equal work the first seen stays").isFalse();
    }

    ChainUpdate update = add(theirs.get(depth));

    assertThat(update.before().hash()).isEqualTo(ours.get(depth - 1).hash());
    assertThat(update.after().hash()).isEqualTo(theirs.get(depth).hash());
    assertThat(update.disconnected()).isEqualTo(Lists.reverse(Blocks.hashes(ours)));
    assertThat(update.connected()).isEqualTo(Blocks.hashes(theirs));
    expectLikeAFreshNode(Stream.concat(shared.stream(), theirs.stream()).toList(), ours);
    reopen();
    expectLikeAFreshNode(Stream.concat(shared.stream(), theirs.stream()).toList(), ours);
  }

  private void expectLikeAFreshNode(List<Block> best, List<Block> others) {
    MemoryBlockStore fresh = new MemoryBlockStore(DEV);
    Chain freshChain = new Chain(DEV, fresh);
    best.forEach(block -> assertThat(freshChain.add(block, NOW)).isInstanceOf(Added.class));
    StoreLooks.expectSameBestChain(
        store, fresh, Stream.of(best, others).flatMap(List::stream).toList());
    assertThat(chain.tip()).isEqualTo(freshChain.tip());
    assertThat(chain.locator()).isEqualTo(freshChain.locator());
    assertThat(chain.medianTimePast()).isEqualTo(freshChain.medianTimePast());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000})
  void whatTheOldBranchHeldWaitsOnceAgainAndNothingElseDoes(int depth) {
    Mempool pool = new Mempool(DEV, 0);
    List<Block> ours = Blocks.branch(Blocks.genesis(), depth, "ours");
    ours.forEach(block -> follow(pool, add(block)));
    List<Block> theirs = new ArrayList<>();
    Block last = Blocks.genesis();
    for (int i = 0; i <= depth; i++) {
      // Every other one holds what ours of the same height holds.
      boolean same = i % 2 == 1 && i < depth;
      last =
          Blocks.childOf(last)
              .withTransactions(
                  same
                      ? ours.get(i).transactions()
                      : List.of(entry("theirs" + i, last.height() + 20)))
              .build();
      theirs.add(last);
    }

    theirs.forEach(block -> follow(pool, add(block)));

    List<TransactionId> waiting = new ArrayList<>();
    for (int i = 0; i < depth; i += 2) {
      Transaction entry = ours.get(i).transactions().get(0);
      if (entry.expiryHeight() > chain.tip().height()) {
        waiting.add(entry.id());
      }
    }
    assertThat(chain.tip().hash()).isEqualTo(last.hash());
    assertThat(waiting).isNotEmpty();
    assertThat(pool.ids()).isEqualTo(waiting);
  }

  /** A mined, an expired and another network's entry come again, by themselves and in a block. */
  @Test
  void aReplayIsRefusedAlsoAfterAReorganisationAndAfterReopening() throws IOException {
    Transaction mined = entry("mined", 30);
    Transaction moved = entry("moved", 30);
    Transaction expired = entry("expired", 5);
    Transaction foreign =
        Blocks.on(Blocks.retargeting()).signed(Blocks.ALICE, "from another chain", 30);
    Block shared = Blocks.childOf(Blocks.genesis()).withTransactions(mined).build();
    Block ours = Blocks.childOf(shared).withTransactions(moved).build();
    add(shared);
    add(ours);
    Blocks.chainOn(ours, 6).forEach(this::add);
    expectNoReplay(List.of(mined, moved), expired, foreign);

    Block first = Blocks.childOf(shared).build();
    Block second = Blocks.childOf(first).withTransactions(moved).build();
    add(first);
    add(second);
    Blocks.chainOn(second, 8).forEach(this::add);
    assertThat(store.locate(moved.id()).orElseThrow().block()).isEqualTo(second.hash());
    expectNoReplay(List.of(mined, moved), expired, foreign);

    reopen();
    expectNoReplay(List.of(mined, moved), expired, foreign);
  }

  private void expectNoReplay(List<Transaction> mined, Transaction expired, Transaction foreign) {
    Block tip = store.block(chain.tip().hash()).orElseThrow();
    for (Transaction entry : mined) {
      // The pool leaves this question to the chain, and a node asks both.
      assertThat(chain.includes(entry.id())).isTrue();
      expectRefused(tip, entry, Violation.ALREADY_INCLUDED);
    }
    expectRefused(tip, expired, Violation.EXPIRED);
    expectRefused(tip, foreign, Violation.BAD_SIGNATURE);
    Mempool pool = new Mempool(DEV, tip.height());
    assertThat(pool.add(expired, Origin.LOCAL)).isEqualTo(new Expired());
    assertThat(pool.add(foreign, Origin.LOCAL))
        .isEqualTo(new AddTransactionResult.Rejected(Violation.BAD_SIGNATURE));
    assertThat(pool.size()).isZero();
  }

  private void expectRefused(Block tip, Transaction entry, Violation violation) {
    Block replay = Blocks.childOf(tip).withTransactions(entry).build();
    assertThat(chain.check(replay, NOW)).contains(new Rejected(violation));
  }

  private void follow(Mempool pool, ChainUpdate update) {
    if (update.movedTip()) {
      update.disconnected().forEach(hash -> pool.disconnected(blockOf(hash), chain::includes));
      update.connected().forEach(hash -> pool.connected(blockOf(hash)));
      pool.tipIs(update.after().height());
    }
  }

  private Block blockOf(BlockHash hash) {
    return chain.block(hash).orElseThrow();
  }

  private ChainUpdate add(Block block) {
    AddBlockResult result = chain.add(block, NOW, Standing.PROVED_HEAVIER);
    assertThat(result).isInstanceOf(Added.class);
    return ((Added) result).update();
  }

  private static Transaction entry(String payload, long expiryHeight) {
    return Blocks.transaction(Blocks.ALICE, payload, expiryHeight);
  }
}
