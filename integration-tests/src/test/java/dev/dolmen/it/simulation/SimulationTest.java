package dev.dolmen.it.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.node.TransactionStatus;
import dev.dolmen.node.action.TransactionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios on virtual time; a failure names the seed that shows it again. */
class SimulationTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aLateJoinerCatchesUp(long seed) {
    catchUp(seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void twoSidesOfACutBecomeOneChainWithEveryEntryOnce(long seed) {
    partitionAndHeal(seed);
  }

  @Test
  void oneSeedGivesOneRunToTheByte() {
    assertEquals(catchUp(7).traceHash(), catchUp(7).traceHash());
    Simulation first = partitionAndHeal(7);
    Simulation second = partitionAndHeal(7);
    assertEquals(first.traceHash(), second.traceHash());
    assertNotEquals(first.traceHash(), partitionAndHeal(8).traceHash());
  }

  /** Nothing that is damaged is given to anybody; peers that have it heal it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void damagedBlocksAreHealedByAPeerAndServedAfterwards(long seed) {
    Simulation simulation = new Simulation(seed, NetworkParameters.dev());
    SimulatedNode alice = simulation.node("alice");
    SimulatedNode bob = simulation.node("bob");
    bob.connect(alice);
    simulation.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 60; i++) {
      alice.submit("entry " + i);
      simulation.advance(Duration.ofMillis(20));
    }
    simulation.advanceUntil("bob follows", simulation::allOnOneTip, LIMIT);
    List<BlockHash> chain = bob.chain();
    for (int height : List.of(0, 1, 17, 18, 40, 60)) {
      bob.disk().damage(chain.get(height));
    }

    SimulatedNode carol = simulation.node("carol");
    carol.connect(bob);
    carol.connect(alice);
    simulation.advanceUntil("carol has caught up", () -> carol.tip().equals(alice.tip()), LIMIT);
    for (BlockHash hash : chain.subList(1, chain.size())) { // As a reader of bob's API.
      try {
        assertTrue(bob.disk().block(hash).isPresent());
      } catch (DamagedBlockException found) {
        assertEquals(hash, found.hash());
      }
    }
    alice.submit("one more wakes him");
    simulation.advanceUntil(
        "bob is healed",
        () -> bob.disk().damagedBlocks().isEmpty() && bob.tip().equals(alice.tip()),
        LIMIT);

    alice.stop();
    for (BlockHash hash : chain.subList(1, chain.size())) {
      assertEquals(alice.disk().block(hash), bob.disk().block(hash));
    }
    SimulatedNode dave = simulation.node("dave");
    dave.connect(bob);
    simulation.advanceUntil("bob serves all of it", () -> dave.tip().equals(bob.tip()), LIMIT);
  }

  private static Simulation catchUp(long seed) {
    Simulation simulation = new Simulation(seed, NetworkParameters.dev());
    SimulatedNode alice = simulation.node("alice");
    SimulatedNode bob = simulation.node("bob");
    bob.connect(alice);
    simulation.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 300; i++) {
      alice.submit("entry " + i);
      simulation.advance(Duration.ofMillis(20));
    }
    simulation.advanceUntil("bob follows", simulation::allOnOneTip, LIMIT);

    SimulatedNode carol = simulation.node("carol");
    carol.connect(bob);
    simulation.advanceUntil("carol has caught up", () -> carol.tip().equals(alice.tip()), LIMIT);
    assertEquals(300, carol.tip().height());
    return simulation;
  }

  private static Simulation partitionAndHeal(long seed) {
    Simulation simulation = new Simulation(seed, NetworkParameters.dev());
    List<SimulatedNode> left = List.of(simulation.node("alice"), simulation.node("bob"));
    List<SimulatedNode> right = List.of(simulation.node("carol"), simulation.node("dave"));
    for (SimulatedNode one : simulation.nodes()) {
      for (SimulatedNode other : simulation.nodes()) {
        if (one.name().compareTo(other.name()) < 0) {
          one.connect(other);
        }
      }
    }
    simulation.advance(Duration.ofSeconds(2));
    List<TransactionId> entries = new ArrayList<>();
    entries.add(left.get(0).submit("before the cut"));
    simulation.advanceUntil("all have the first entry", simulation::allOnOneTip, LIMIT);

    simulation.cut(left, right);
    for (int i = 0; i < 10; i++) {
      entries.add(left.get(i % 2).submit("left " + i));
      simulation.advance(Duration.ofMillis(300));
    }
    for (int i = 0; i < 20; i++) {
      entries.add(right.get(i % 2).submit("right " + i));
      simulation.advance(Duration.ofMillis(300));
    }
    assertNotEquals(left.get(0).tip(), right.get(0).tip(), "the cut holds");
    simulation.advance(Duration.ofSeconds(30));

    simulation.heal(left, right);
    simulation.advanceUntil(
        "nothing waits",
        () -> simulation.nodes().stream().allMatch(node -> node.pending() == 0),
        LIMIT);
    // Two nodes may have made the last block at once; the next one dissolves such a tie.
    entries.add(left.get(0).submit("after the cut"));
    simulation.advanceUntil(
        "both sides agree and nothing waits",
        () ->
            simulation.allOnOneTip()
                && simulation.nodes().stream().allMatch(node -> node.pending() == 0),
        LIMIT);
    for (SimulatedNode node : simulation.nodes()) {
      assertEquals(new LinkedHashSet<>(node.chain()).size(), node.chain().size());
      for (TransactionId entry : entries) {
        assertTrue(
            node.transaction(entry)
                .map(TransactionStatus::state)
                .filter(TransactionState.INCLUDED::equals)
                .isPresent(),
            node.name() + " has " + entry);
      }
    }
    return simulation;
  }
}
