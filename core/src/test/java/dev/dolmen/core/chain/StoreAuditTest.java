package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.StoreChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreAuditTest {
  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final BlockStore store = new MemoryBlockStore(DEV);
  private final HeaderRules rules = new HeaderRules(DEV);

  /** Puts blocks on the tip without asking a rule, as a damaged disk would have them. */
  private void putOnTip(Block... blocks) {
    ChainedHeader tip = store.tip();
    Work work = tip.totalWork();
    StoreChange.Builder change = new StoreChange.Builder();
    for (Block block : blocks) {
      work = work.plus(rules.workOf(block.header()));
      change.store(block, work).connect(block);
    }
    store.apply(change.build());
  }

  private Optional<StoreAudit.Damage> audit() {
    return new StoreAudit(DEV, store).run(height -> {});
  }

  private void assertDamage(Block block, String what) {
    assertThat(audit())
        .hasValueSatisfying(
            damage -> {
              assertThat(damage.height()).isEqualTo(block.height());
              assertThat(damage.hash()).contains(block.hash());
              assertThat(damage.what()).contains(what);
              assertThat(damage)
                  .hasToString(
                      "block " + block.height() + " " + block.hash() + ": " + damage.what());
            });
  }

  @Test
  void nothingIsWrongWithAChainThatCameThroughTheDoor() {
    List<Block> best = Blocks.branch(Blocks.genesis(), 15, "best");
    putOnTip(best.toArray(Block[]::new));
    Block side = Blocks.branch(best.get(4), 1, "side").get(0);
    store.apply(
        new StoreChange.Builder()
            .store(
                side,
                store
                    .header(best.get(4).hash())
                    .orElseThrow()
                    .totalWork()
                    .plus(rules.workOf(side.header())))
            .build());
    List<Long> told = new ArrayList<>();

    assertThat(new StoreAudit(DEV, store).run(told::add)).isEmpty();
    assertThat(told).hasSize(15).startsWith(1L).endsWith(15L);
  }

  @Test
  void aLoneGenesisIsAWholeChain() {
    assertThat(audit()).isEmpty();
  }

  @Test
  void aHeaderWithoutWorkIsNamed() {
    putOnTip(Blocks.branch(Blocks.genesis(), 3, "best").toArray(Block[]::new));
    Block cheap = Blocks.childOf(store.tip().header()).buildWithoutWork();
    putOnTip(cheap);
    putOnTip(Blocks.childOf(cheap).build());

    assertDamage(cheap, "above its target");
  }

  @Test
  void aBodyOfAnotherHeaderIsNamed() {
    Block block = Blocks.childOf(Blocks.genesis()).withTransactionCount(1).build();
    putOnTip(block);

    assertDamage(block, "another number of transactions");
  }

  @Test
  void aBadSignatureIsNamed() {
    Transaction foreign = Blocks.on(Blocks.retargeting()).signed(Blocks.ALICE, "elsewhere", 20);
    Block block = Blocks.childOf(Blocks.genesis()).withTransactions(foreign).build();
    putOnTip(block);

    assertDamage(block, "signature is not its author's");
  }

  @Test
  void anEntryThatIsOnTheChainTwiceIsNamed() {
    Transaction entry = Blocks.transaction("alice", "once", 20);
    Block first = Blocks.childOf(Blocks.genesis()).withTransactions(entry).build();
    Block second = Blocks.childOf(first).withTransactions(entry).build();
    putOnTip(first, second);

    assertDamage(first, "is said to be in block 2");
  }

  @Test
  void anotherAmountOfWorkThanTheBlocksHaveIsNamed() {
    Block block = Blocks.childOf(Blocks.genesis()).build();
    store.apply(new StoreChange.Builder().store(block, Work.ZERO).connect(block).build());

    assertDamage(block, "the work of its branch is stored otherwise");
  }

  @Test
  void aSideBlockThatBreaksARuleIsNamed() {
    Transaction foreign = Blocks.on(Blocks.retargeting()).signed(Blocks.ALICE, "elsewhere", 20);
    Block side = Blocks.childOf(Blocks.genesis()).withTransactions(foreign).build();
    store.apply(
        new StoreChange.Builder()
            .store(side, store.tip().totalWork().plus(rules.workOf(side.header())))
            .build());

    assertDamage(side, "signature is not its author's");
  }
}
