package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.TransactionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is new reaches everybody in time, whatever liars announce. */
@Timeout(value = 3, unit = TimeUnit.MINUTES) // a busy machine
class RelayLiarsTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** Entries wait for a miner here. */
  private static final NetworkParameters GUILD = Faults.GUILD;

  private static List<Transaction> entries(NetworkParameters network, int count) {
    List<Transaction> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(Blocks.on(network).signed(Blocks.ALICE, "entry " + i, 200));
    }
    return entries;
  }

  // Row 25.

  @Test
  void aFloodOfIdsIsAskedForInSmallPartsAndKeepsNoEntryAway() {
    Simulation simulation = new Simulation(1, GUILD);
    SimulatedNode alice = simulation.node("alice");
    SimulatedNode bob = simulation.node("bob");
    bob.connect(alice);
    List<RelayLiars.IdFlooder> flooders = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RelayLiars.IdFlooder flooder = new RelayLiars.IdFlooder(List.of(GUILD.genesis()), 10);
      flooders.add(flooder);
      simulation.villain("flooder" + i, flooder).connect(alice);
    }
    simulation.advance(Duration.ofSeconds(5));
    TransactionId entry = bob.submit("an honest entry");
    simulation.advanceUntil(
        "the entry is here", () -> alice.transaction(entry).isPresent(), Duration.ofSeconds(1));

    simulation.advance(Duration.ofSeconds(4));
    assertThat(flooders).allMatch(flooder -> flooder.asked() <= 100);
    assertThat(flooders).anyMatch(flooder -> flooder.asked() > 0);
    simulation.advance(Duration.ofMinutes(5));
    assertEquals(1, alice.pending());
    simulation.finish();
  }

  // Row 26.

  @Test
  void whatSevenOfEightAnnouncersWithholdIsThereWithinThirtySeconds() {
    List<Transaction> entries = entries(GUILD, 100);
    Simulation simulation = new Simulation(1, GUILD);
    SimulatedNode alice = simulation.node("alice");
    for (int i = 0; i < 7; i++) {
      simulation
          .villain(
              "withholder" + i, new RelayLiars.EntryWithholder(List.of(GUILD.genesis()), entries))
          .connect(alice);
    }
    simulation.advance(Duration.ofSeconds(2));
    SimulatedNode bob = simulation.node("bob");
    entries.forEach(bob::submit);
    bob.connect(alice);

    simulation.advanceUntil(
        "all entries are here", () -> alice.pending() == 100, Duration.ofSeconds(30));
    simulation.finish();
  }

  // Row 28.

  @Test
  void noEntryThatWasMinedOrHasExpiredOrIsOfAnotherChainIsTakenAgain() {
    Transaction mined = Blocks.transaction(Blocks.ALICE, "mined", 100);
    Transaction foreign = Blocks.on(GUILD).signed(Blocks.ALICE, "foreign", 100);
    Transaction expired = Blocks.transaction(Blocks.ALICE, "expired", 5);
    Block first = Blocks.childOf(Blocks.genesis()).withTransactions(mined).build();
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis(), first));
    chain.addAll(Blocks.chainOn(first, 19));
    Simulation simulation = new Simulation(1, DEV);
    SimulatedNode alice = simulation.nodeWith("alice", chain.subList(1, 21));
    List<Transaction> replayed = List.of(mined, foreign, expired);
    for (int i = 0; i < replayed.size(); i++) {
      simulation
          .villain("replayer" + i, new RelayLiars.Replayer(chain, List.of(replayed.get(i))))
          .connect(alice);
    }
    simulation.advance(Duration.ofMinutes(1));
    assertEquals(20, alice.tip().height(), "nothing was worth a block");
    alice.kill();
    simulation.advance(Duration.ofSeconds(10));
    alice.start();
    simulation.advance(Duration.ofMinutes(1));
    assertEquals(20, alice.tip().height());
    assertEquals(0, alice.pending());

    Block other = Blocks.childOf(Blocks.genesis()).withTime(first.header().timestamp() + 1).build();
    List<Block> heavier = new ArrayList<>(List.of(other));
    heavier.addAll(Blocks.chainOn(other, 24));
    alice.connect(simulation.nodeWith("bob", heavier));
    simulation.advance(Duration.ofMinutes(1));

    assertEquals(26, alice.tip().height(), "the one that was given back is mined again, once");
    assertEquals(
        List.of(mined), alice.disk().block(alice.tip().hash()).orElseThrow().transactions());
    assertEquals(TransactionState.INCLUDED, alice.transaction(mined.id()).orElseThrow().state());
    assertTrue(alice.transaction(foreign.id()).isEmpty());
    simulation.finish();
  }

  // Announcements of a block that breaks a rule.

  @Test
  void whatBreaksARuleIsNotPassedOnWhereWorkIsTooCheapToVouchForIt() {
    List<Block> chain = withSecret();
    Transaction again = chain.get(11).transactions().get(0);
    chain.add(Blocks.childOf(chain.get(11)).withTransactions(again).build());
    Simulation simulation = new Simulation(1, DEV);
    SimulatedNode alice = simulation.nodeWith("alice", chain.subList(1, 12));
    SimulatedNode bob = simulation.nodeWith("bob", chain.subList(1, 12));
    bob.connect(alice);
    RelayLiars.WholeAnnouncer liar = new RelayLiars.WholeAnnouncer(chain);
    simulation.villain("liar", liar).connect(alice);
    simulation.advance(Duration.ofSeconds(5)); // Alice would be accused by Bob.

    assertEquals(DisconnectReason.Code.VIOLATION, liar.ends().get(0).code());
    assertEquals(11, bob.tip().height());
    assertEquals(1, bob.network().peers().size());
    simulation.finish();
  }

  // Announcements of half a block.

  static Stream<Arguments> halves() {
    List<Block> chain = withSecret();
    Block other = Blocks.childOf(chain.get(10)).withTransactions(entries(DEV, 3)).build();
    return Stream.of(
        Arguments.of("transactions never come", new RelayLiars.HalfAnnouncer(chain)),
        Arguments.of("leaves do not fit", new RelayLiars.MisfitAnnouncer(chain, other)));
  }

  private static List<Block> withSecret() {
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis()));
    chain.addAll(Blocks.chain(10));
    List<Transaction> secret = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      secret.add(Blocks.transaction(Blocks.BOB, "secret " + i, 100));
    }
    chain.add(Blocks.childOf(chain.get(10)).withTransactions(secret).build());
    return chain;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("halves")
  void halfABlockKeepsNobodyFromTheWholeOne(String what, Behaviour liar) {
    List<Block> chain = withSecret();
    Simulation simulation = new Simulation(1, DEV);
    SimulatedNode alice = simulation.nodeWith("alice", chain.subList(1, 11));
    simulation.villain("liar", liar).connect(alice);
    simulation.advance(Duration.ofMillis(1_500));
    SimulatedNode bob = simulation.nodeWith("bob", chain.subList(1, 12));
    alice.connect(bob);

    simulation.advanceUntil(
        "the block is whole though " + what,
        () -> alice.tip().height() == 11,
        Duration.ofSeconds(10));
    simulation.advance(Duration.ofMinutes(1));
    simulation.finish();
  }
}
