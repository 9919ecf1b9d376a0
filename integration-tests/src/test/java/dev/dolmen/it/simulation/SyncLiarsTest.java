package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.Heap;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.network.netty.Conditions;
import dev.dolmen.network.peers.DisconnectReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node catches up among honest peers and liars, and nearly as fast as if these were not there.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES) // a busy machine
class SyncLiarsTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** Bytes a second of each link: so that some megabytes take some seconds. */
  private static final Conditions LINES =
      Conditions.latency(Duration.ofMillis(50)).withBandwidth(250_000);

  private static final int LENGTH = 2_000;

  /** Each block with one entry of 4 kB. */
  private static final List<Block> CHAIN = withEntries(LENGTH, 1, 4_000);

  /** Each block with three small entries. */
  private static final List<Block> SMALL = withEntries(20, 3, 10);

  /** How long it takes without liars. */
  private static final Duration CLEAN = among(List.of());

  private static List<Block> withEntries(int length, int entries, int bytes) {
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis()));
    for (int height = 1; height <= length; height++) {
      List<Transaction> transactions = new ArrayList<>();
      for (int i = 0; i < entries; i++) {
        String payload = height + " " + i + "x".repeat(bytes);
        transactions.add(Blocks.transaction(Blocks.ALICE, payload, height + 100));
      }
      chain.add(Blocks.childOf(chain.get(height - 1)).withTransactions(transactions).build());
    }
    return chain;
  }

  /** Another chain of so many blocks, told apart by a number. */
  private static List<Block> fork(int number, int length) {
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7 + number)
            .build();
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis(), root));
    chain.addAll(Blocks.chainOn(root, length - 1));
    return chain;
  }

  private static Block last(List<Block> chain) {
    return chain.get(chain.size() - 1);
  }

  private static List<Block> withoutGenesis(List<Block> chain) {
    return chain.subList(1, chain.size());
  }

  /** A newcomer that knows the liars first, then so many honest peers with a chain. */
  private static final class Siege {
    private final Simulation simulation;
    private final SimulatedNode newcomer;
    private final List<Block> chain;

    Siege(long seed, int honest, List<Block> chain, List<? extends Behaviour> liars) {
      this.simulation = new Simulation(seed, DEV);
      this.chain = chain;
      simulation.wire().conditions(LINES);
      newcomer = simulation.node("newcomer");
      for (int i = 0; i < liars.size(); i++) {
        join("liar" + i, liars.get(i));
      }
      for (int i = 0; i < honest; i++) {
        newcomer.connect(simulation.nodeWith("n" + i, withoutGenesis(chain)));
      }
    }

    void join(String name, Behaviour behaviour) {
      Villain liar = simulation.villain(name, behaviour);
      if (behaviour instanceof SyncLiars.Boaster) {
        liar.claims(SyncLiars.Boaster.claim(liar.random()));
      }
      newcomer.connect(name);
    }

    Duration sync(Duration limit) {
      simulation.advanceUntil(
          "the newcomer has the chain",
          () -> newcomer.tip().hash().equals(last(chain).hash()),
          limit);
      return simulation.elapsed();
    }
  }

  private static Duration among(List<? extends Behaviour> liars) {
    Siege siege = new Siege(1, 4, CHAIN, liars);
    Duration time = siege.sync(Duration.ofMinutes(10));
    siege.simulation.finish();
    return time;
  }

  // Row 16 and its like.

  @Test
  void fourOfEightThatKeepOneBlockOfEachRequestCostLessThanDouble() {
    List<Behaviour> stallers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      stallers.add(new SyncLiars.Staller(CHAIN));
    }
    Duration eightHonest = new Siege(1, 8, CHAIN, List.of()).sync(Duration.ofMinutes(1));
    assertThat(among(stallers)).isLessThan(eightHonest.multipliedBy(2));
  }

  @Test
  void fourOfEightThatGiveOneBlockASecondCostLessThanDouble() {
    List<Behaviour> tricklers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tricklers.add(new SyncLiars.Trickler(CHAIN));
    }
    assertThat(among(tricklers)).isLessThan(CLEAN.multipliedBy(2));
  }

  @Test
  void eightHeavierBranchesThatNobodyDeliversCostNextToNothing() {
    List<Behaviour> withholders = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      withholders.add(new SyncLiars.Withholder(fork(i, LENGTH + 100 + 10 * i)));
    }
    assertThat(among(withholders)).isLessThan(CLEAN.multipliedBy(5).dividedBy(4));
  }

  @Test
  void eightHeavierBranchesOfWhichOneBlockIsShownCostAShortTurnEach() {
    List<Behaviour> showers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      showers.add(new SyncLiars.Shower(fork(i, LENGTH + 100 + 10 * i)));
    }
    assertThat(among(showers)).isLessThan(CLEAN.multipliedBy(3).dividedBy(2));
  }

  // Row 14.

  @Test
  void endlessHeadersOfEightPeersWhereWorkIsFreeCostNextToNothingAndAreNotAskedFor() {
    List<SyncLiars.Spammer> spammers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      spammers.add(new SyncLiars.Spammer(Blocks.genesis()));
    }
    Siege siege = new Siege(1, 4, CHAIN, spammers);
    assertThat(siege.sync(Duration.ofMinutes(5))).isLessThan(CLEAN.multipliedBy(5).dividedBy(4));
    assertThat(spammers).allMatch(spammer -> spammer.told() <= 16_000);
    siege.simulation.finish();
  }

  @Test
  void lightHeadersOfEightPeersKeepNobodyFromShowingAHeavierBranch() {
    LightHeaders scenario = new LightHeaders(20_000);
    Simulation simulation = new Simulation(1, LightHeaders.network());
    scenario.run(1, simulation, 8);
    simulation.finish();
  }

  // Row 15.

  private static Arguments forged(String field, UnaryOperator<BlockHeader> mutation) {
    return Arguments.of(field, mutation);
  }

  static Stream<Arguments> forgedHeaders() {
    BlockHash genesis = Blocks.genesis().hash();
    Hash256 root = Sha256.hash(new byte[] {1});
    return Stream.of(
        forged("version", h -> copy(h, 2, h.height(), h.timestamp(), h.previousHash(), h.bits())),
        forged("height", h -> copy(h, 1, 4, h.timestamp(), h.previousHash(), h.bits())),
        forged("early", h -> copy(h, 1, h.height(), 0, h.previousHash(), h.bits())),
        forged("parent", h -> copy(h, 1, h.height(), h.timestamp(), genesis, h.bits())),
        forged("bits", h -> copy(h, 1, 3, h.timestamp(), h.previousHash(), 0x207ffffe)),
        forged("nonce", h -> sealed(h, false)),
        forged("root", h -> sealed(withBody(h, root, h.transactionCount()), false)),
        forged("count", h -> sealed(withBody(h, h.merkleRoot(), 9), false)));
  }

  private static BlockHeader copy(
      BlockHeader h, int version, long height, long time, BlockHash parent, int bits) {
    return sealed(
        new BlockHeader(
            version, height, time, parent, h.merkleRoot(), h.transactionCount(), bits, 0),
        true);
  }

  private static BlockHeader withBody(BlockHeader h, Hash256 root, int count) {
    return new BlockHeader(
        h.version(), h.height(), h.timestamp(), h.previousHash(), root, count, h.bits(), 0);
  }

  /** With the first nonce that meets its target, or that does not. */
  private static BlockHeader sealed(BlockHeader header, boolean wanted) {
    Target target = Target.fromCompact(header.bits()).orElseThrow();
    BlockHeader next = header.withNonce(0);
    while (target.isMetBy(next.hash()) != wanted) {
      next = next.withNonce(next.nonce() + 1);
    }
    return next;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgedHeaders")
  void aForgedHeaderCostsTheLinkAndNothingIsStored(
      String field, UnaryOperator<BlockHeader> mutation) {
    SyncLiars.HeaderForger liar =
        new SyncLiars.HeaderForger(
            SMALL.subList(0, 4), h -> h.height() == 3 ? mutation.apply(h) : h);
    Siege siege = new Siege(1, 0, SMALL, List.of(liar));
    siege.simulation.advance(Duration.ofMillis(900));

    assertEquals(DisconnectReason.Code.VIOLATION, liar.ends().get(0).code(), field);
    assertThat(siege.newcomer.disk().blocks()).isEmpty();
    siege.simulation.finish();
  }

  // Row 17.

  @Test
  void noClaimKeepsANodeFromCatchingUp() {
    List<Block> chain = fork(0, 50);
    List<Block> longer = fork(1, 60);
    LongStream.rangeClosed(1, 1_000)
        .parallel()
        .forEach(
            seed -> {
              List<Behaviour> liars =
                  new ArrayList<>(
                      List.of(
                          new SyncLiars.Boaster(chain),
                          new SyncLiars.Boaster(List.of(Blocks.genesis())),
                          new SyncLiars.Forgetter(longer),
                          new SyncLiars.Repeater(chain),
                          new SyncLiars.Promiser(chain),
                          new SyncLiars.Mute(chain)));
              Collections.rotate(liars, new SplittableRandom(seed).nextInt(6));
              Siege siege = new Siege(seed, 2, chain, liars.subList(0, 4));
              siege.sync(Duration.ofSeconds(30));
              siege.simulation.finish();
            });
  }

  @Test
  void headersThatAreKnownAndNeverEndAreNotAskedForForever() {
    List<Block> chain = fork(0, 2_500);
    SyncLiars.Repeater liar = new SyncLiars.Repeater(chain);
    Siege siege = new Siege(1, 2, chain, List.of(liar));
    siege.sync(Duration.ofMinutes(1));
    int before = liar.questions();
    siege.simulation.advance(Duration.ofMinutes(10));

    assertThat(liar.questions() - before).isLessThan(100);
    siege.simulation.finish();
  }

  // Row 18.

  private static Arguments body(String name, UnaryOperator<List<Transaction>> mutation) {
    return Arguments.of(
        name, (UnaryOperator<Block>) b -> Block.of(b.header(), mutation.apply(b.transactions())));
  }

  static Stream<Arguments> forgedBodies() {
    Transaction other = Blocks.transaction(Blocks.BOB, "another", 50);
    return Stream.of(
        body("none", t -> List.of()),
        body("one less", t -> t.subList(1, 3)),
        body("one more", t -> List.of(t.get(0), t.get(1), t.get(2), other)),
        body("another", t -> List.of(t.get(0), t.get(1), other)),
        body("one twice", t -> List.of(t.get(0), t.get(1), t.get(1))),
        body("last one again", t -> List.of(t.get(0), t.get(1), t.get(2), t.get(2))),
        body("reordered", t -> List.of(t.get(1), t.get(0), t.get(2))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgedBodies")
  void aForgedBodyCostsItsSenderTheLinkAndTheHonestOneConnects(
      String name, UnaryOperator<Block> mutation) {
    SyncLiars.BodyForger liar =
        new SyncLiars.BodyForger(SMALL, b -> b.height() == 5 ? mutation.apply(b) : b);
    Siege siege = new Siege(1, 0, SMALL, List.of(liar));
    siege.simulation.advance(Duration.ofSeconds(2));
    assertEquals(DisconnectReason.Code.VIOLATION, liar.ends().get(0).code(), name);
    assertThat(siege.newcomer.tip().height()).isLessThan(5);

    siege.newcomer.connect(siege.simulation.nodeWith("honest", withoutGenesis(SMALL)));
    siege.sync(Duration.ofSeconds(10));
    siege.simulation.finish();
  }

  @Test
  void fieldsThatNobodyKnowsInABlockCostTheLink() {
    SyncLiars.FieldAdder liar = new SyncLiars.FieldAdder(SMALL);
    Siege siege = new Siege(1, 1, SMALL, List.of(liar));
    siege.sync(Duration.ofSeconds(10));

    assertEquals(DisconnectReason.Code.VIOLATION, liar.ends().get(0).code());
    siege.simulation.finish();
  }

  // Row 19.

  static Stream<Arguments> invalidBlocks() {
    Block parent = SMALL.get(10);
    Transaction good = Blocks.transaction(Blocks.BOB, "good", 50);
    Transaction forged = Transaction.of(good.author(), 51, good.payload(), good.signature());
    List<Transaction> large = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      large.add(Blocks.transaction(Blocks.BOB, i + "y".repeat(99_990), 50));
    }
    large.add(Blocks.transaction(Blocks.BOB, "y".repeat(48_000), 50));
    return Stream.of(
        Arguments.of("bad signature", childOf(parent, List.of(forged))),
        Arguments.of(
            "expired", childOf(parent, List.of(Blocks.transaction(Blocks.BOB, "late", 10)))),
        Arguments.of(
            "expires too late",
            childOf(parent, List.of(Blocks.transaction(Blocks.BOB, "never", 11 + 257)))),
        Arguments.of("twice", childOf(parent, List.of(good, good))),
        Arguments.of(
            "included before", childOf(parent, List.of(SMALL.get(4).transactions().get(0)))),
        Arguments.of("too large", childOf(parent, large)));
  }

  private static Block childOf(Block parent, List<Transaction> transactions) {
    return Blocks.childOf(parent).withTransactions(transactions).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidBlocks")
  void aHeavierBranchOnAnInvalidBlockIsRefusedOnce(String rule, Block invalid) {
    List<Block> branch = new ArrayList<>(SMALL.subList(0, 11));
    branch.add(invalid);
    branch.addAll(Blocks.chainOn(invalid, 30));
    SyncLiars.BlockCounter first = new SyncLiars.BlockCounter(branch);
    Siege siege = new Siege(1, 1, SMALL, List.of(first));
    siege.sync(Duration.ofSeconds(40));
    siege.simulation.advance(Duration.ofSeconds(10));
    siege.newcomer.kill(); // What is known to be invalid stays so.
    siege.newcomer.start();
    SyncLiars.BlockCounter second = new SyncLiars.BlockCounter(branch);
    siege.join("second", second);
    siege.simulation.advance(Duration.ofMinutes(2));

    assertEquals(DisconnectReason.Code.VIOLATION, first.ends().get(0).code(), rule);
    assertThat(first.given()).isLessThanOrEqualTo(2 * branch.size());
    assertEquals(0, second.given(), "its headers say enough");
    assertEquals(last(SMALL).hash(), siege.newcomer.tip().hash());
    siege.simulation.finish();
  }

  // Row 20.

  @Test
  void tenThousandParentlessBlocksLeaveNothing() {
    List<Block> strangers = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      strangers.add(Blocks.childOf(SMALL.get(i % 20)).withTime(1_790_000_000_000L + i).build());
    }
    SyncLiars.Announcer liar =
        new SyncLiars.Announcer(
            List.of(Blocks.genesis()),
            strangers.stream().map(block -> Blocks.childOf(block).build()).toList());
    Siege siege = new Siege(1, 1, SMALL, List.of(liar));
    siege.sync(Duration.ofSeconds(10));
    long before = Heap.used();
    siege.simulation.advance(Duration.ofMinutes(1));

    assertThat(Heap.used() - before).isLessThan(1024 * 1024);
    assertEquals(SMALL.size() - 1, siege.newcomer.disk().blocks().size());
    siege.simulation.finish();
  }

  @Test
  void anAnswerToNoQuestionCostsTheLink() {
    SyncLiars.Presenter liar = new SyncLiars.Presenter(SMALL);
    Siege siege = new Siege(1, 0, SMALL, List.of(liar));
    siege.simulation.advance(Duration.ofSeconds(1));

    assertEquals(DisconnectReason.Code.VIOLATION, liar.ends().get(0).code());
    siege.simulation.finish();
  }

  // Row 21.

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000})
  void aReorganisationOfAnyDepthGivesEntriesBackOnce(int depth) {
    List<Block> lighter = new ArrayList<>(fork(0, depth));
    Block parent = lighter.get(depth - 1);
    Transaction entry = Blocks.transaction(Blocks.ALICE, "given back", depth + 200);
    lighter.set(depth, childOf(parent, List.of(entry)));
    List<Block> heavier = fork(1, depth + 1);
    Simulation simulation = new Simulation(depth, DEV);
    SimulatedNode alice = simulation.nodeWith("alice", withoutGenesis(lighter));
    SimulatedNode bob = simulation.nodeWith("bob", withoutGenesis(heavier));
    alice.connect(bob);
    simulation.advanceUntil(
        "the entry is in one chain for both",
        () -> alice.tip().height() == depth + 2 && simulation.allOnOneTip(),
        Duration.ofSeconds(60));
    simulation.advance(Duration.ofSeconds(20));

    assertEquals(depth + 2, bob.tip().height());
    assertEquals(List.of(entry), bob.disk().block(bob.tip().hash()).orElseThrow().transactions());
    assertEquals(0, alice.pending());
    simulation.finish();
  }
}
