package dev.dolmen.node.devnet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On a real chain, whose every change is told. */
final class StorytellerTest {

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final Block GENESIS = Blocks.genesis();

  private final NetworkParameters network = NetworkParameters.dev();
  private final Chain chain = new Chain(network, new MemoryBlockStore(network));
  private final Storyteller storyteller = new Storyteller("alice", chain.reader());

  private List<Happening> add(Block block) {
    ChainUpdate update = ((AddBlockResult.Added) chain.add(block, NOW)).update();
    return update.movedTip() ? storyteller.tipMoved(update) : List.of();
  }

  private List<Happening> add(List<Block> blocks) {
    List<Happening> story = List.of();
    for (Block block : blocks) {
      story = add(block);
    }
    return story;
  }

  private static Transaction entry(String text) {
    return Blocks.transaction("bob", text, 200);
  }

  private static Block with(Block parent, Transaction... entries) {
    return Blocks.childOf(parent).withTransactions(entries).build();
  }

  @Test
  void aBlockMoreIsOnlyANewTip() {
    Block block = with(GENESIS, entry("a"));

    assertThat(add(block)).containsExactly(new Happening.Tip("alice", 1, block.hash()));
  }

  @Test
  void aReorganisationTellsWhatWasGivenUpAndEachEntryThatComesAgain() {
    Transaction here = entry("on this side");
    Block ours = with(GENESIS, here);
    add(ours);
    List<Block> theirs = Blocks.branch(GENESIS, 2, "there");

    List<Happening> story = add(theirs);

    assertThat(story).hasSize(2);
    Happening.Reorganisation told = (Happening.Reorganisation) story.get(0);
    assertThat(told.text())
        .isEqualTo(
            "alice gives up block 1 for blocks 1 to 2, which have more work; one entry goes back to"
                + " the pool: “on this side”");
    assertThat(told.height()).isEqualTo(2);
    assertThat(told.disconnected()).containsExactly(ours.hash());
    assertThat(told.connected()).isEqualTo(Blocks.hashes(theirs));
    assertThat(told.givenBack()).containsExactly(here.id());
    assertThat(story.get(1)).isEqualTo(new Happening.Tip("alice", 2, theirs.get(1).hash()));

    Block again = with(theirs.get(1), here);
    assertThat(add(again))
        .containsExactly(
            new Happening.Tip("alice", 3, again.hash()),
            new Happening.Return(
                "alice",
                here.id(),
                3,
                "the entry “on this side”, which alice had to give back, is in block 3"));
    assertThat(add(with(again, entry("more")))).hasSize(1);
  }

  @Test
  void anEntryThatBothSidesHaveIsNotGivenBack() {
    Transaction both = entry("both");
    add(with(GENESIS, both));
    Block other = with(Blocks.branch(GENESIS, 1, "there").get(0), both);
    add(Blocks.branch(GENESIS, 1, "there"));

    List<Happening> story = add(other);

    Happening.Reorganisation told = (Happening.Reorganisation) story.get(0);
    assertThat(told.givenBack()).isEmpty();
    assertThat(told.text()).endsWith("which have more work; no entry is lost or waits");
  }

  @Test
  void ofManyEntriesThreeAreQuoted() {
    add(with(GENESIS, entry("a"), entry("b"), entry("c"), entry("d")));

    Happening.Reorganisation told =
        (Happening.Reorganisation) add(Blocks.branch(GENESIS, 2, "there")).get(0);

    assertThat(told.text()).endsWith("4 entries go back to the pool: “a”, “b”, “c”, …");
    assertThat(told.givenBack()).hasSize(4);
  }

  @Test
  void listsOfADeepReorganisationAreBounded() {
    List<Block> ours = Blocks.branch(GENESIS, Storyteller.MAX_LISTED + 1, "here");
    add(ours);

    Happening.Reorganisation told =
        (Happening.Reorganisation)
            add(Blocks.branch(GENESIS, Storyteller.MAX_LISTED + 2, "there")).get(0);

    assertThat(told.disconnected())
        .isEqualTo(Lists.reverse(Blocks.hashes(ours)).subList(0, Storyteller.MAX_LISTED));
    assertThat(told.connected()).hasSize(Storyteller.MAX_LISTED);
    assertThat(told.givenBack()).hasSize(Storyteller.MAX_LISTED);
    assertThat(told.text()).startsWith("alice gives up blocks 1 to 101 for blocks 1 to 102");
  }

  @Test
  void theReturnOfTheOldestOfTooManyIsNotWaitedFor() {
    List<Transaction> entries = new ArrayList<>();
    for (int i = 0; i <= Storyteller.MAX_AWAITED; i++) {
      entries.add(entry("entry " + i));
    }
    add(with(GENESIS, entries.toArray(Transaction[]::new)));
    List<Block> theirs = Blocks.branch(GENESIS, 2, "there");
    add(theirs);

    List<Happening> story = add(with(theirs.get(1), entries.get(0), entries.get(1)));

    assertThat(Iterables.filter(story, Happening.Return.class))
        .extracting(Happening.Return::entry)
        .containsExactly(entries.get(1).id());
  }
}
