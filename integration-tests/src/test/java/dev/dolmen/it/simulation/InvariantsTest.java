package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.network.peers.DisconnectReason;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check that never fails would be no check: each is shown what it is there to see. */
class InvariantsTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final Simulation simulation = new Simulation(1, DEV);
  private final Invariants invariants = new Invariants(DEV);
  private SimulatedNode alice;
  private SimulatedNode bob;

  @BeforeEach
  void aliceAndBobMeet() {
    alice = simulation.node("alice");
    bob = simulation.node("bob");
    bob.connect(alice);
    simulation.advance(Duration.ofSeconds(1));
  }

  private static Work workOf(Block block) {
    HeaderRules rules = new HeaderRules(DEV);
    return rules.workOf(DEV.genesis().header()).plus(rules.workOf(block.header()));
  }

  @Test
  void aHeavierBranchThatIsNotTheTipIsSeen() {
    Block block = Blocks.chain(1).get(0);
    assertEquals(Optional.empty(), invariants.tipHasMostWork(alice));
    alice.disk().apply(new StoreChange.Builder().store(block, workOf(block)).build());
    assertTrue(invariants.tipHasMostWork(alice).orElseThrow().startsWith("I1"));
  }

  @Test
  void anInvalidBlockInTheStoreIsSeen() {
    Block forged = Blocks.childOf(DEV.genesis()).buildWithoutWork();
    alice
        .disk()
        .apply(new StoreChange.Builder().store(forged, workOf(forged)).connect(forged).build());
    assertTrue(
        invariants.everyBlockIsValid(alice, Simulation.EPOCH).orElseThrow().startsWith("I1"));
  }

  @Test
  void aTipThatWasToldAndIsGoneIsSeen() {
    alice.submit("told");
    simulation.advance(Duration.ofSeconds(1));
    assertEquals(Optional.empty(), Invariants.whatWasToldIsThere(alice));
    alice.disk().losesEverything();
    assertTrue(Invariants.whatWasToldIsThere(alice).orElseThrow().startsWith("I3"));
  }

  @Test
  void anHonestNodeThatAccusesAnotherFailsTheRun() {
    DisconnectReason accusation =
        new DisconnectReason(DisconnectReason.Code.VIOLATION, "for no reason");
    assertThatThrownBy(
            () -> {
              alice.network().disconnect(bob.id(), accusation);
              simulation.advance(Duration.ofSeconds(1));
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("seed 1: I5");
  }
}
