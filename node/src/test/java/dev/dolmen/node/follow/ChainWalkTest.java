package dev.dolmen.node.follow;

import static dev.dolmen.node.follow.StartingPoint.after;
import static dev.dolmen.node.follow.StartingPoint.fromHeight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.ChainedHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChainWalkTest {

  private static final List<Block> OURS = Blocks.branch(Blocks.genesis(), 3, "ours");
  private static final List<Block> HEAVIER = Blocks.branch(OURS.get(0), 3, "theirs");

  private final BranchingStore chain = new BranchingStore();

  /** Takes all steps there are. */
  private static List<String> run(ChainWalk walk, ChainLook look) {
    List<String> told = new ArrayList<>();
    for (Optional<ChainWalk.Step> step = walk.next(look);
        step.isPresent();
        step = walk.next(look)) {
      told.add((step.get().undone() ? "-" : "+") + name(step.get().block()));
      walk.took(step.get());
    }
    return told;
  }

  private static String name(Block block) {
    if (block.height() == 0) {
      return "genesis";
    }
    return (OURS.contains(block) ? "ours" : "theirs") + block.height();
  }

  @Test
  void tellsEveryBlockFromGenesisToTheTipInOrder() {
    chain.add(OURS);

    assertEquals(
        List.of("+genesis", "+ours1", "+ours2", "+ours3"),
        run(new ChainWalk(fromHeight(0)), chain.look()));
  }

  @Test
  void beginsAtTheHeightItIsGivenAndWaitsForOneBeyondTheTip() {
    chain.add(OURS.subList(0, 2));
    ChainWalk walk = new ChainWalk(fromHeight(3));

    assertEquals(List.of("+ours2"), run(new ChainWalk(fromHeight(2)), chain.look()));
    assertEquals(List.of(), run(walk, chain.look()));

    chain.add(OURS.subList(2, 3));
    assertEquals(List.of("+ours3"), run(walk, chain.look()));
  }

  @Test
  void repeatsAStepThatWasNotTaken() {
    chain.add(OURS);
    ChainWalk walk = new ChainWalk(fromHeight(1));

    assertEquals(walk.next(chain.look()), walk.next(chain.look()));
    assertEquals(fromHeight(1), walk.position());
  }

  @Test
  void undoesTheNewestFirstDownToTheForkThenTellsTheNewBranch() {
    chain.add(OURS);
    ChainWalk walk = new ChainWalk(fromHeight(0));
    run(walk, chain.look());

    chain.add(HEAVIER);

    assertEquals(
        List.of("-ours3", "-ours2", "+theirs2", "+theirs3", "+theirs4"), run(walk, chain.look()));
    assertEquals(after(4, HEAVIER.get(2).hash()), walk.position());
  }

  @Test
  void undoesNothingThatItNeverTold() {
    chain.add(OURS);
    ChainWalk walk = new ChainWalk(fromHeight(3));
    run(walk, chain.look());

    chain.add(HEAVIER);

    assertEquals(List.of("-ours3", "+theirs3", "+theirs4"), run(walk, chain.look()));
  }

  @Test
  void goesOnAfterABlockThatIsStillOnTheChain() {
    chain.add(OURS);

    assertEquals(List.of("+ours3"), run(new ChainWalk(after(2, OURS.get(1).hash())), chain.look()));
    assertEquals(List.of(), run(new ChainWalk(after(3, OURS.get(2).hash())), chain.look()));
  }

  @Test
  void undoesFirstWhatLeftTheChainSinceItWasHandled() {
    chain.add(OURS);
    chain.add(HEAVIER);

    assertEquals(
        List.of("-ours3", "-ours2", "+theirs2", "+theirs3", "+theirs4"),
        run(new ChainWalk(after(3, OURS.get(2).hash())), chain.look()));
  }

  @Test
  void saysWhenTheWayBackToTheChainIsUnknown() {
    chain.add(OURS);
    BlockHash unknown = HEAVIER.get(0).hash();

    assertThatThrownBy(() -> new ChainWalk(after(2, unknown)).next(chain.look()))
        .isInstanceOf(PositionLostException.class)
        .hasMessageContaining(unknown + " at height 2")
        .hasMessageContaining("fromHeight");
    assertThatThrownBy(() -> new ChainWalk(after(2, OURS.get(2).hash())).next(chain.look()))
        .as("a block of another height")
        .isInstanceOf(PositionLostException.class);
  }

  @Test
  void tellsNothingAboveTheTipThatWasSynced() {
    chain.add(OURS.subList(0, 2));
    ChainedHeader synced = chain.store.tip();
    chain.add(OURS.subList(2, 3));

    assertEquals(
        List.of("+ours1", "+ours2"), run(new ChainWalk(fromHeight(1)), chain.lookFrom(synced)));
  }

  @Test
  void heightsCountFromZero() {
    assertThat(fromHeight(0).last()).isEmpty();
    assertThatThrownBy(() -> fromHeight(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(after(0, Blocks.genesis().hash()).nextHeight()).isEqualTo(1);
    assertThatThrownBy(() -> after(-1, Blocks.genesis().hash()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
