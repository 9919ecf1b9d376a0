package dev.dolmen.core.chain;

import static dev.dolmen.core.chain.Standing.PROVED_HEAVIER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Lists;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.chain.AddBlockResult.AlreadyKnown;
import dev.dolmen.core.chain.AddBlockResult.BodyMismatch;
import dev.dolmen.core.chain.AddBlockResult.NotYet;
import dev.dolmen.core.chain.AddBlockResult.Rejected;
import dev.dolmen.core.chain.AddBlockResult.TooFarBehind;
import dev.dolmen.core.chain.AddBlockResult.UnknownParent;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.RottenStore;
import dev.dolmen.core.store.SideBlock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChainTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Block GENESIS = Blocks.genesis();

  /** Long after all blocks of these tests. */
  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(9));

  private MemoryBlockStore store = new MemoryBlockStore(DEV);
  private Chain chain = new Chain(DEV, store);

  @Test
  void beginsAtGenesis() {
    assertThat(chain.tip().hash()).isEqualTo(GENESIS.hash());
    assertThat(chain.block(GENESIS.hash())).contains(GENESIS);
    assertThat(chain.contains(GENESIS.hash())).isTrue();
    assertThat(chain.medianTimePast()).isEqualTo(GENESIS.header().timestamp());
    assertThat(chain.add(GENESIS, NOW)).isEqualTo(new AlreadyKnown());
  }

  /** It is in memory, but whoever follows the reorganisation reads it from the store. */
  @Test
  void aTipThatIsDamagedIsNotReorganisedAwayBeforeItIsHealed() {
    RottenStore rotten = new RottenStore(DEV);
    Chain onRotten = new Chain(DEV, rotten);
    Block old = Blocks.branch(GENESIS, 1, "old").get(0);
    List<Block> heavier = Blocks.chain(2);
    onRotten.add(old, NOW);
    onRotten.add(heavier.get(0), NOW);
    rotten.damage(old.hash());

    assertThatThrownBy(() -> onRotten.add(heavier.get(1), NOW))
        .isInstanceOf(DamagedBlockException.class);
    assertThat(onRotten.tip().hash()).isEqualTo(old.hash());

    onRotten.restore(old);
    assertThat(onRotten.add(heavier.get(1), NOW)).isInstanceOf(Added.class);
    assertThat(onRotten.tip().hash()).isEqualTo(heavier.get(1).hash());
  }

  @Test
  void aBlockOnTheTipBecomesTheTip() {
    Block block = Blocks.childOf(GENESIS).build();

    ChainUpdate update = added(block);

    assertThat(update.before().hash()).isEqualTo(GENESIS.hash());
    assertThat(update.after()).isEqualTo(chain.tip());
    assertThat(update.disconnected()).isEmpty();
    assertThat(update.connected()).containsExactly(block.hash());
    assertThat(update.movedTip()).isTrue();
    assertThat(update.isReorganisation()).isFalse();
    assertThat(chain.tip().header()).isEqualTo(block.header());
    assertThat(chain.block(block.hash())).contains(block);
  }

  @Test
  void aKnownBlockChangesNothing() {
    List<Block> blocks = Blocks.chain(3);
    addAll(blocks);
    Block side = Blocks.childOf(GENESIS).withTime(after(GENESIS, 7)).build();
    added(side);

    for (Block known : Lists.asList(side, blocks.toArray(new Block[0]))) {
      assertThat(chain.add(known, NOW)).isEqualTo(new AlreadyKnown());
    }
    assertThat(chain.tip().hash()).isEqualTo(blocks.get(2).hash());
  }

  @Test
  void anUnknownParentIsNamedAndNothingIsRemembered() {
    List<Block> blocks = Blocks.chain(3);

    assertThat(chain.add(blocks.get(2), NOW)).isEqualTo(new UnknownParent(blocks.get(1).hash()));
    assertThat(chain.contains(blocks.get(2).hash())).isFalse();

    addAll(blocks);
    assertThat(chain.tip().hash()).isEqualTo(blocks.get(2).hash());
  }

  @Test
  void aBlockFromTheFutureIsWelcomeOnceItsTimeHasCome() {
    Block block = Blocks.childOf(GENESIS).build();
    long ahead = DEV.maxFutureMillis();
    Instant validFrom = Instant.ofEpochMilli(block.header().timestamp() - ahead);

    assertThat(chain.add(block, validFrom.minusMillis(1))).isEqualTo(new NotYet(validFrom));
    assertThat(chain.contains(block.hash())).isFalse();
    assertThat(store.invalidBlocks()).isEmpty();
    assertThat(chain.add(block, validFrom)).isInstanceOf(Added.class);
  }

  @Test
  void aTimeAtTheEndOfTimeIsNotYet() {
    Block block = Blocks.childOf(GENESIS).withTime(Long.MAX_VALUE).build();

    assertThat(chain.add(block, NOW)).isInstanceOf(NotYet.class);
  }

  @Test
  void aTimestampMustExceedTheMedianOfElevenAncestors() {
    List<Block> blocks = Blocks.chain(12);
    addAll(blocks);
    // Of heights 2 to 12 the median is height 7's.
    long median = blocks.get(6).header().timestamp();
    assertThat(chain.medianTimePast()).isEqualTo(median);

    Block atMedian = Blocks.childOf(blocks.get(11)).withTime(median).build();
    Block aboveMedian = Blocks.childOf(blocks.get(11)).withTime(median + 1).build();
    assertThat(chain.add(atMedian, NOW))
        .isEqualTo(new Rejected(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN));
    added(aboveMedian);
  }

  @Test
  void theMedianIsTheSameAfterReopening() {
    addAll(Blocks.chain(30));
    long median = chain.medianTimePast();

    reopen();

    assertThat(chain.medianTimePast()).isEqualTo(median);
    assertThat(chain.tip().height()).isEqualTo(30);
  }

  static Stream<Block> badHeaders() {
    Blocks.Builder base = Blocks.childOf(GENESIS);
    return Stream.of(
        base.buildWithoutWork(),
        Blocks.childOf(GENESIS).withVersion(2).build(),
        Blocks.childOf(GENESIS).withHeight(2).build(),
        Blocks.childOf(GENESIS).withHeight(0).build(),
        Blocks.childOf(GENESIS).withTime(GENESIS.header().timestamp()).build(),
        Blocks.childOf(GENESIS).withBits(0x1f7fffff).build(),
        Blocks.childOf(GENESIS).withSeal(new Seal(Bytes.fromHex("01"))).build());
  }

  /** Nobody need work to make such headers, so they must not fill the memory of invalid blocks. */
  @ParameterizedTest
  @MethodSource("badHeaders")
  void aBadHeaderLeavesNoMark(Block block) {
    AddBlockResult first = chain.add(block, NOW);

    assertThat(first).isInstanceOf(Rejected.class);
    assertThat(chain.add(block, NOW)).isEqualTo(first);
    assertThat(store.invalidBlocks()).isEmpty();
    assertThat(chain.contains(block.hash())).isFalse();
  }

  /** Every way to change a body below its header. */
  static Stream<UnaryOperator<List<Transaction>>> mutators() {
    Transaction other = entry("other", 10);
    return Stream.of(
        body -> List.of(),
        body -> body.subList(1, body.size()),
        body -> body.subList(0, body.size() - 1),
        body -> Lists.reverse(body),
        body -> replaced(body, 1, other),
        body -> replaced(body, 1, body.get(0)),
        body -> appended(body, other),
        // Trees that copy an odd last leaf cannot tell these apart.
        body -> appended(body, body.get(body.size() - 1)),
        body -> appended(body, body.toArray(new Transaction[0])),
        body -> replaced(body, 0, withSignatureOf(body.get(0), other)),
        body -> replaced(body, 0, withSignatureOf(body.get(0), body.get(1))),
        body -> replaced(body, 2, Blocks.transaction(Blocks.BOB, "2", 10)),
        body -> replaced(body, 2, entry("2", 11)));
  }

  private static List<Transaction> replaced(
      List<Transaction> body, int index, Transaction transaction) {
    List<Transaction> changed = new ArrayList<>(body);
    changed.set(index, transaction);
    return changed;
  }

  private static List<Transaction> appended(List<Transaction> body, Transaction... more) {
    return Stream.concat(body.stream(), Stream.of(more)).toList();
  }

  private static Transaction withSignatureOf(Transaction transaction, Transaction other) {
    return Transaction.of(
        transaction.author(), transaction.expiryHeight(), transaction.payload(), other.signature());
  }

  @ParameterizedTest
  @MethodSource("mutators")
  void aBodyThatIsNotTheHeadersLeavesTheHeaderGood(UnaryOperator<List<Transaction>> mutator) {
    List<Transaction> body = List.of(entry("0", 10), entry("1", 10), entry("2", 10));
    Block honest = Blocks.childOf(GENESIS).withTransactions(body).build();
    Block mutated = Block.of(honest.header(), mutator.apply(body));

    assertThat(chain.add(mutated, NOW)).isInstanceOf(BodyMismatch.class);

    assertThat(store.invalidBlocks()).isEmpty();
    assertThat(chain.contains(honest.hash())).isFalse();
    added(honest);
    assertThat(store.block(honest.hash())).contains(honest);
  }

  /** A body's bytes may not go on either; there is no block to be judged then. */
  @Test
  void bytesAfterABodyMakeNoBlock() {
    Block honest = Blocks.childOf(GENESIS).withTransactions(entry("0", 10)).build();
    byte[] bytes = honest.toBytes();

    assertThatThrownBy(() -> Block.fromBytes(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Block.fromBytes(Arrays.copyOf(bytes, bytes.length - 1)))
        .isInstanceOf(MalformedException.class);
    added(honest);
  }

  /** A block that has work and a body that breaks a rule, and the blocks below it. */
  private record Invalid(
      Violation rule, NetworkParameters network, List<Block> below, Block block) {

    Block parent() {
      return below.isEmpty() ? network.genesis() : below.get(below.size() - 1);
    }

    @Override
    public String toString() {
      return rule.name();
    }
  }

  private static Invalid invalid(Violation rule, Transaction... body) {
    return new Invalid(
        rule, DEV, List.of(), Blocks.childOf(GENESIS).withTransactions(body).build());
  }

  static Stream<Invalid> invalidBlocks() {
    Transaction entry = entry("a", 10);
    Transaction forged =
        Transaction.of(entry.author(), 10, entry.payload(), entry("b", 10).signature());
    Transaction[] tooMuch =
        Stream.iterate(0, i -> i + 1)
            .limit(11)
            .map(i -> Blocks.transaction(Blocks.ALICE, payload(i), 10))
            .toArray(Transaction[]::new);
    Block first = Blocks.childOf(GENESIS).withTransactions(entry).build();
    NetworkParameters closed = DEV.toBuilder().authors(List.of(Blocks.ALICE.publicKey())).build();
    Block byBob =
        Blocks.on(closed)
            .after(closed.genesis())
            .withTransactions(Blocks.on(closed).signed(Blocks.BOB, "a", 10))
            .build();
    return Stream.of(
        invalid(Violation.BLOCK_TOO_LARGE, tooMuch),
        new Invalid(Violation.AUTHOR_NOT_ALLOWED, closed, List.of(), byBob),
        invalid(Violation.BAD_SIGNATURE, forged),
        invalid(Violation.EXPIRED, entry("late", 0)),
        invalid(Violation.EXPIRES_TOO_LATE, entry("early", 258)),
        invalid(Violation.DUPLICATE_TRANSACTION, entry, entry),
        new Invalid(
            Violation.ALREADY_INCLUDED,
            DEV,
            List.of(first),
            Blocks.childOf(first).withTransactions(entry).build()));
  }

  @Test
  void everyRuleThatABodyCanBreakIsAmongThese() {
    Set<Violation> rules = EnumSet.range(Violation.BLOCK_TOO_LARGE, Violation.ALREADY_INCLUDED);
    // Bytes that break these make no block that could be judged.
    rules.removeAll(EnumSet.of(Violation.TRANSACTION_FORM, Violation.PAYLOAD_TOO_LARGE));

    assertThat(invalidBlocks().map(Invalid::rule)).containsExactlyInAnyOrderElementsOf(rules);
  }

  private static Bytes payload(int first) {
    byte[] bytes = new byte[Transaction.MAX_PAYLOAD_BYTES];
    bytes[0] = (byte) first;
    return Bytes.wrap(bytes);
  }

  @ParameterizedTest
  @MethodSource("invalidBlocks")
  void anInvalidBlockStaysInvalidAndSoDoesAllThatStandsOnIt(Invalid broken) {
    Block invalid = broken.block();
    List<Block> standing = Blocks.on(broken.network()).chainAfter(invalid, 4);
    List<BlockHash> marks = new ArrayList<>(List.of(invalid.hash()));
    marks.addAll(Blocks.hashes(standing));
    store = new MemoryBlockStore(broken.network());
    reopen(broken.network());
    addAll(broken.below());

    assertThat(chain.check(invalid, NOW)).contains(new Rejected(broken.rule()));
    assertThat(store.invalidBlocks()).isEmpty();
    assertThat(chain.add(invalid, NOW)).isEqualTo(new Rejected(broken.rule()));
    for (int i = 0; i < 2; i++) {
      assertThat(chain.add(invalid, NOW)).isEqualTo(new Rejected(Violation.KNOWN_INVALID));
      for (Block block : standing) {
        assertThat(chain.add(block, NOW)).isEqualTo(new Rejected(Violation.INVALID_ANCESTOR));
        assertThat(chain.isInvalid(block.hash())).isTrue();
      }
      assertThat(store.invalidBlocks()).isEqualTo(marks);
      reopen(broken.network());
    }
    assertThat(chain.tip().hash()).isEqualTo(broken.parent().hash());
    assertThat(chain.contains(invalid.hash())).isFalse();
  }

  /** Nobody need work to make them, so they must not fill the memory of invalid blocks. */
  @Test
  void whatStandsOnAnInvalidBlockWithoutWorkLeavesNoMark() {
    Block invalid = Blocks.childOf(GENESIS).withTransactions(entry("expired", 0)).build();
    chain.add(invalid, NOW);
    Block workless = Blocks.childOf(invalid).buildWithoutWork();
    Block easier = Blocks.childOf(invalid).withBits(0x2100ffff).build();
    Block harder = Blocks.childOf(invalid).withBits(0x203fffff).build();

    for (Block free : List.of(workless, easier)) {
      assertThat(chain.add(free, NOW)).isEqualTo(new Rejected(Violation.INVALID_ANCESTOR));
      assertThat(chain.isInvalid(free.hash())).isFalse();
    }
    assertThat(chain.add(harder, NOW)).isEqualTo(new Rejected(Violation.INVALID_ANCESTOR));
    assertThat(store.invalidBlocks()).containsExactly(invalid.hash(), harder.hash());
  }

  /** A better branch that breaks a rule is refused at once, each time it comes, and for nothing. */
  @ParameterizedTest
  @MethodSource("invalidBlocks")
  void whatIsRefusedLeavesTheTipWhereANodeThatNeverSawItHasIt(Invalid broken) {
    NetworkParameters network = broken.network();
    Block invalid = broken.block();
    List<Block> honest = new ArrayList<>(broken.below());
    honest.addAll(Blocks.on(network).chainAfter(broken.parent(), 3));
    int known = honest.size() - 2;
    store = new MemoryBlockStore(network);
    CountingBlockStore counting = new CountingBlockStore(store);
    chain = new Chain(network, counting);
    addAll(honest.subList(0, known));
    List<Block> heavier = Blocks.on(network).chainAfter(invalid, 6);
    chain.add(invalid, NOW);
    heavier.forEach(block -> chain.add(block, NOW));
    int changes = counting.changes();
    int looks = counting.looks();
    for (int i = 0; i < 5; i++) {
      assertThat(chain.add(invalid, NOW)).isInstanceOf(Rejected.class);
      heavier.forEach(block -> assertThat(chain.add(block, NOW)).isInstanceOf(Rejected.class));
    }
    assertThat(counting.changes()).isEqualTo(changes);
    assertThat(counting.looks() - looks).as("one each, whether it is stored").isEqualTo(5 * 7);
    addAll(honest.subList(known, honest.size()));

    MemoryBlockStore fresh = new MemoryBlockStore(network);
    Chain reference = new Chain(network, fresh);
    honest.forEach(block -> reference.add(block, NOW));
    assertThat(chain.tip()).isEqualTo(reference.tip());
    StoreLooks.expectSameBestChain(store, fresh, honest);
  }

  @Test
  void whatIsForgottenAsInvalidIsCheckedAgain() {
    Block first = Blocks.childOf(GENESIS).withTransactions(entry("expired", 0)).build();
    chain.add(first, NOW);
    for (int i = 1; i < BlockStore.MAX_INVALID_BLOCKS; i++) {
      chain.add(
          Blocks.childOf(GENESIS)
              .withTime(after(GENESIS, 1_000 + i))
              .withTransactions(first.transactions())
              .build(),
          NOW);
    }
    assertThat(chain.add(first, NOW)).isEqualTo(new Rejected(Violation.KNOWN_INVALID));

    chain.add(
        Blocks.childOf(GENESIS)
            .withTime(after(GENESIS, 999))
            .withTransactions(first.transactions())
            .build(),
        NOW);

    assertThat(chain.add(first, NOW)).isEqualTo(new Rejected(Violation.EXPIRED));
    assertThat(store.invalidBlocks())
        .hasSize(BlockStore.MAX_INVALID_BLOCKS)
        .doesNotHaveDuplicates();
  }

  @Test
  void checkingStoresNothing() {
    Block block = Blocks.childOf(GENESIS).build();

    assertThat(chain.check(block, NOW)).isEmpty();
    assertThat(chain.contains(block.hash())).isFalse();
    assertThat(chain.tip().height()).isZero();
  }

  @Test
  void ofEqualWorkTheFirstSeenWins() {
    List<Block> ours = Blocks.branch(GENESIS, 5, "ours");
    List<Block> theirs = Blocks.branch(GENESIS, 5, "theirs");
    addAll(ours);

    addAll(theirs);
    assertThat(chain.tip().hash()).isEqualTo(ours.get(4).hash());

    ChainUpdate update = added(Blocks.childOf(theirs.get(4)).build());
    assertThat(update.disconnected()).hasSize(5);
    assertThat(update.connected()).hasSize(6);
  }

  @Test
  void afterATieReopeningKeepsTheFirstSeen() {
    List<Block> ours = Blocks.branch(GENESIS, 3, "ours");
    addAll(ours);
    addAll(Blocks.branch(GENESIS, 3, "theirs"));

    reopen();

    assertThat(chain.tip().hash()).isEqualTo(ours.get(2).hash());
  }

  @Test
  void switchingBackAndForthEndsLikeAFreshNode() {
    List<Block> ours = Blocks.branch(GENESIS, 30, "ours");
    List<Block> theirs = Blocks.branch(GENESIS, 30, "theirs");
    // Whoever was behind adds two blocks and leads by one.
    added(ours.get(0));
    for (int i = 0; i < 29; i++) {
      List<Block> behind = i % 2 == 0 ? theirs : ours;
      assertThat(added(behind.get(i)).movedTip()).isFalse();
      assertThat(added(behind.get(i + 1)).disconnected()).hasSize(i + 1);
    }

    MemoryBlockStore fresh = new MemoryBlockStore(DEV);
    Chain freshChain = new Chain(DEV, fresh);
    theirs.forEach(block -> freshChain.add(block, NOW));
    StoreLooks.expectSameBestChain(
        store, fresh, Stream.of(ours, theirs).flatMap(List::stream).toList());
  }

  @Test
  void aShorterBranchWithMoreWorkWins() {
    NetworkParameters quick =
        Blocks.retargeting().toBuilder().halfLife(Duration.ofSeconds(1)).build();
    Blocks blocks = Blocks.on(quick);
    store = new MemoryBlockStore(quick);
    chain = new Chain(quick, store);
    List<Block> easy = blocks.chainAfter(blocks.first(), 5);
    addAll(easy);
    List<Block> hard = new ArrayList<>();
    Block last = blocks.first();
    for (int i = 0; i < 3; i++) {
      last = blocks.after(last).withTime(after(last, 1)).build();
      hard.add(last);
    }

    added(hard.get(0));
    added(hard.get(1));
    ChainUpdate update = added(hard.get(2));

    assertThat(update.disconnected()).isEqualTo(Lists.reverse(Blocks.hashes(easy)));
    assertThat(update.connected()).isEqualTo(Blocks.hashes(hard));
    assertThat(chain.tip().height()).isEqualTo(3);
    assertThat(store.hashAt(4)).isEmpty();
    reopen(quick);
    assertThat(chain.tip().hash()).isEqualTo(hard.get(2).hash());
  }

  @Test
  void aTransactionIsIncludedOnceOnTheBestChain() {
    Transaction entry = entry("once", 200);
    Block first = Blocks.childOf(GENESIS).withTransactions(entry).build();
    Block second = Blocks.childOf(first).build();
    addAll(List.of(first, second));

    Block again = Blocks.childOf(second).withTransactions(entry("x", 200), entry).build();

    assertThat(chain.includes(entry.id())).isTrue();
    assertThat(chain.add(again, NOW)).isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
    assertThat(store.invalidBlocks()).containsExactly(again.hash());
  }

  @Test
  void aTransactionMayStandOnTwoBranchesAtOnce() {
    Transaction entry = entry("both", 200);
    Block ours = Blocks.childOf(GENESIS).withTransactions(entry).build();
    Block side = Blocks.childOf(GENESIS).withTime(after(GENESIS, 5)).build();
    Block sideWithEntry = Blocks.childOf(side).withTransactions(entry).build();
    addAll(List.of(ours, side));

    ChainUpdate update = added(sideWithEntry);

    assertThat(update.isReorganisation()).isTrue();
    assertThat(store.locate(entry.id()).orElseThrow().block()).isEqualTo(sideWithEntry.hash());
    assertThat(chain.add(Blocks.childOf(sideWithEntry).withTransactions(entry).build(), NOW))
        .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSideBranchHoldsATransactionOnceToo(boolean reopened) {
    Transaction shared = entry("shared", 200);
    Transaction ours = entry("ours", 200);
    Transaction theirs = entry("theirs", 200);
    Block fork = Blocks.childOf(GENESIS).withTransactions(shared).build();
    addAll(List.of(fork));
    addAll(List.of(Blocks.childOf(fork).withTransactions(ours).build()));
    addAll(Blocks.branch(last(), 5, "best"));
    Block side = Blocks.childOf(fork).withTime(after(fork, 3)).withTransactions(theirs).build();
    added(side);
    if (reopened) {
      reopen();
    }

    for (Transaction included : List.of(shared, theirs)) {
      assertThat(chain.add(Blocks.childOf(side).withTransactions(included).build(), NOW))
          .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
    }
    Block withOurs = Blocks.childOf(side).withTransactions(ours).build();
    added(withOurs);
    assertThat(chain.add(Blocks.childOf(withOurs).withTransactions(ours).build(), NOW))
        .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theWindowEndsExactlyWhereExpiryForbidsARepeat(boolean onSideBranch) {
    // In height 1 already; height 257 is the last that its expiry allows.
    Transaction entry = entry("edge", 257);
    if (onSideBranch) {
      addAll(Blocks.branch(GENESIS, 300, "best"));
    }
    Block first =
        Blocks.childOf(GENESIS).withTime(after(GENESIS, 5)).withTransactions(entry).build();
    addedProved(first);
    Block parent = first;
    for (Block block : Blocks.branch(first, 254, "branch")) {
      addedProved(block);
      parent = block;
    }
    assertThat(parent.height()).isEqualTo(255);
    expectRepeatRefused(parent, entry, Violation.ALREADY_INCLUDED);
    parent = Blocks.childOf(parent).build();
    addedProved(parent);
    expectRepeatRefused(parent, entry, Violation.ALREADY_INCLUDED);
    parent = Blocks.childOf(parent).build();
    addedProved(parent);
    expectRepeatRefused(parent, entry, Violation.EXPIRED);
  }

  private void expectRepeatRefused(Block parent, Transaction entry, Violation violation) {
    Block repeat = Blocks.childOf(parent).withTransactions(entry).build();
    assertThat(new Chain(DEV, store).add(repeat, NOW, PROVED_HEAVIER))
        .isEqualTo(new Rejected(violation));
  }

  @Test
  void aSideBranchWhoseForkIsBelowTheWindowMayHoldWhatTheBestChainHolds() {
    Transaction entry = entry("theirs", 256);
    addAll(List.of(Blocks.childOf(GENESIS).withTransactions(entry).build()));
    addAll(Blocks.branch(last(), 300, "best"));
    List<Block> side = Blocks.branch(GENESIS, 255, "side");
    side.forEach(this::addedProved);

    Block again = Blocks.childOf(side.get(254)).withTransactions(entry).build();

    assertThat(addedProved(again).movedTip()).isFalse();
    List<Block> longer = Blocks.branch(again, 50, "more");
    longer.forEach(this::addedProved);
    assertThat(chain.tip().hash()).isEqualTo(longer.get(49).hash());
    assertThat(store.locate(entry.id()).orElseThrow().height()).isEqualTo(256);
  }

  /** What is kept of a third branch is its difference to a best chain that is none any more. */
  @Test
  void aThirdBranchIsJudgedByItsOwnBlocksAfterAReorganisation() {
    List<Block> ours = Blocks.branch(GENESIS, 5, "ours");
    List<Block> theirs = Blocks.branch(GENESIS, 7, "theirs");
    addAll(ours);
    Block third = Blocks.childOf(ours.get(3)).withTransactions(entry("third", 20)).build();
    added(third);
    addAll(theirs);
    assertThat(chain.tip().hash()).isEqualTo(theirs.get(6).hash());

    Transaction below = ours.get(2).transactions().get(0);
    Transaction elsewhere = theirs.get(2).transactions().get(0);

    assertThat(chain.add(Blocks.childOf(third).withTransactions(below).build(), NOW))
        .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
    added(Blocks.childOf(third).withTransactions(elsewhere).build());
  }

  @Test
  void manyBranchesMayGrowInTurn() {
    int branches = 2 * SideBranches.MAX_BRANCHES + 3;
    addAll(Blocks.branch(GENESIS, 20, "best"));
    List<Block> tips = new ArrayList<>();
    List<Transaction> firsts = new ArrayList<>();
    for (int i = 0; i < branches; i++) {
      Transaction entry = entry("first of " + i, 100);
      firsts.add(entry);
      tips.add(
          Blocks.childOf(GENESIS).withTime(after(GENESIS, 2 + i)).withTransactions(entry).build());
      added(tips.get(i));
    }
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < branches; i++) {
        Block parent = tips.get(i);
        assertThat(chain.add(Blocks.childOf(parent).withTransactions(firsts.get(i)).build(), NOW))
            .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
        // Each branch may hold what begins another.
        Transaction others = firsts.get((i + 1 + round) % branches);
        tips.set(i, Blocks.childOf(parent).withTransactions(others).build());
        added(tips.get(i));
        assertThat(chain.add(Blocks.childOf(tips.get(i)).withTransactions(others).build(), NOW))
            .isEqualTo(new Rejected(Violation.ALREADY_INCLUDED));
      }
    }
  }

  @Test
  void aBranchMayForkFarBelowWhatIsInMemoryAndWin() {
    int length = BlockTree.MAX_HEADERS_IN_MEMORY + 500;
    List<Block> ours = Blocks.chain(length);
    addAll(ours);
    List<Block> theirs = new ArrayList<>();
    theirs.add(Blocks.childOf(ours.get(9)).withTime(after(ours.get(9), 3)).build());
    theirs.addAll(Blocks.on(DEV).chainAfter(theirs.get(0), length - 10));

    for (Block block : theirs.subList(0, length - 10)) {
      assertThat(addedProved(block).movedTip()).isFalse();
    }
    ChainUpdate update = added(theirs.get(length - 10));

    assertThat(update.disconnected())
        .isEqualTo(Lists.reverse(Blocks.hashes(ours.subList(10, length))));
    assertThat(update.connected()).isEqualTo(Blocks.hashes(theirs));
    assertThat(store.hashesFrom(11, length)).isEqualTo(Blocks.hashes(theirs));
    assertThat(addedProved(Blocks.childOf(ours.get(3)).withTime(after(ours.get(3), 1)).build()))
        .matches(side -> !side.movedTip());
  }

  @Test
  void aBlockFarBehindTheTipIsNotStoredUnlessItsBranchIsProvedHeavier() {
    List<Block> ours = Blocks.chain(SideBlocks.MAX_DEPTH + 5);
    addAll(ours);
    Block near = Blocks.childOf(ours.get(3)).withTime(after(ours.get(3), 1)).build();
    Block far = Blocks.childOf(ours.get(2)).withTime(after(ours.get(2), 1)).build();
    Block farInvalid = Blocks.childOf(ours.get(2)).withTransactions(entry("expired", 0)).build();

    assertThat(near.height()).isEqualTo(chain.tip().height() - SideBlocks.MAX_DEPTH);
    added(near);
    assertThat(chain.check(far, NOW)).contains(new TooFarBehind());
    assertThat(chain.add(far, NOW)).isEqualTo(new TooFarBehind());
    assertThat(chain.contains(far.hash())).isFalse();
    assertThat(chain.add(farInvalid, NOW)).isEqualTo(new TooFarBehind());
    assertThat(store.invalidBlocks()).isEmpty();
    addedProved(far);
    assertThat(chain.contains(far.hash())).isTrue();
  }

  @Test
  void theEndOfTheBranchWithTheLeastWorkIsForgottenFirst() {
    chain = withRoomFor(5);
    List<Block> best = Blocks.branch(GENESIS, 6, "best");
    List<Block> low = Blocks.branch(GENESIS, 2, "low");
    List<Block> high = Blocks.branch(best.get(2), 2, "high");
    addAll(best);
    addAll(low);
    addAll(high);
    Block fifth = Blocks.childOf(high.get(1)).withTime(after(high.get(1), 9)).build();
    added(fifth);

    added(Blocks.childOf(best.get(3)).withTime(after(best.get(3), 9)).build());
    expectForgotten(low.get(1));
    assertThat(chain.contains(low.get(0).hash())).isTrue();
    added(Blocks.childOf(best.get(3)).withTime(after(best.get(3), 8)).build());
    expectForgotten(low.get(0));

    assertThat(chain.add(low.get(1), NOW)).isEqualTo(new UnknownParent(low.get(0).hash()));
    assertThat(chain.add(low.get(0), NOW)).isEqualTo(new TooFarBehind());
    high.forEach(block -> assertThat(chain.contains(block.hash())).isTrue());
    expectEachParentStored();
    List<SideBlock> before = store.sideBlocks();
    reopen();
    assertThat(store.sideBlocks()).isEqualTo(before).hasSize(5);
  }

  private void expectForgotten(Block block) {
    assertThat(chain.contains(block.hash())).isFalse();
    assertThat(chain.block(block.hash())).isEmpty();
    assertThat(store.header(block.hash())).isEmpty();
  }

  private void expectEachParentStored() {
    for (SideBlock side : store.sideBlocks()) {
      Block block = store.block(side.hash()).orElseThrow();
      assertThat(block.size()).isEqualTo(side.size());
      assertThat(store.header(block.header().previousHash())).isPresent();
      assertThat(store.hashAt(block.height())).isNotEqualTo(Optional.of(block.hash()));
    }
  }

  @Test
  void bytesOfSideBlocksAreBoundedToo() {
    Block best = Blocks.childOf(GENESIS).build();
    Block small = Blocks.childOf(GENESIS).withTransactions(entry("s", 9)).build();
    Block large = Blocks.childOf(GENESIS).withTransactions(entry("larger", 9)).build();
    for (int spare : new int[] {0, -1}) {
      store = new MemoryBlockStore(DEV);
      SideBlocks bounded = new SideBlocks(100, (long) small.size() + large.size() + spare);
      chain = new Chain(DEV, store, new VerifiedSignatures(), bounded);
      added(best);
      added(small);

      AddBlockResult result = chain.add(large, NOW);

      assertThat(store.sideBlocks()).hasSize(2 + spare);
      // Of equal work the lower hash stays.
      boolean largeStays = spare == 0 || large.hash().compareTo(small.hash()) < 0;
      assertThat(result instanceof Added).isEqualTo(largeStays);
    }
  }

  @Test
  void aBranchProvedHeavierTakesNobodysRoomAndLosesNoBlock() {
    chain = withRoomFor(3);
    List<Block> best = Blocks.branch(GENESIS, 12, "best");
    addAll(best);
    List<Block> low = Blocks.branch(GENESIS, 3, "low");
    addAll(low);
    List<Block> proved = Blocks.branch(GENESIS, 13, "proved");
    proved.subList(0, 8).forEach(this::addedProved);
    low.forEach(block -> assertThat(chain.contains(block.hash())).isTrue());

    // Blocks with more work come, and push out the lowest that count.
    List<Block> spam = Blocks.branch(best.get(8), 3, "spam");
    addAll(spam);
    low.forEach(this::expectForgotten);
    proved.subList(0, 8).forEach(block -> assertThat(chain.contains(block.hash())).isTrue());

    proved.subList(8, 13).forEach(this::addedProved);
    assertThat(chain.tip().hash()).isEqualTo(proved.get(12).hash());
    expectEachParentStored();
  }

  @Test
  void aProvedBranchThatIsAbandonedCountsAgainWhenOthersCome() {
    chain = withRoomFor(3);
    List<Block> best = Blocks.branch(GENESIS, 12, "best");
    addAll(best);
    List<Block> proved = Blocks.branch(GENESIS, 8, "proved");
    proved.forEach(this::addedProved);

    List<Block> spam = Blocks.branch(best.get(2), 3, "spam");
    addAll(spam);
    assertThat(store.sideBlocks()).hasSize(8 + 3);
    added(Blocks.childOf(best.get(9)).withTime(after(best.get(9), 9)).build());
    added(Blocks.childOf(best.get(9)).withTime(after(best.get(9), 8)).build());

    assertThat(store.sideBlocks()).hasSize(3);
    expectEachParentStored();
  }

  @Test
  void blocksThatAReorganisationLeavesBehindAreSideBlocksUntilTheyReturn() {
    List<Block> ours = Blocks.branch(GENESIS, 3, "ours");
    List<Block> theirs = Blocks.branch(GENESIS, 4, "theirs");
    addAll(ours);
    assertThat(store.sideBlocks()).isEmpty();
    addAll(theirs.subList(0, 3));
    assertThat(sideHashes())
        .containsExactlyInAnyOrderElementsOf(Blocks.hashes(theirs.subList(0, 3)));
    added(theirs.get(3));
    assertThat(sideHashes()).containsExactlyInAnyOrderElementsOf(Blocks.hashes(ours));

    addAll(Blocks.branch(ours.get(2), 2, "more"));
    assertThat(sideHashes()).containsExactlyInAnyOrderElementsOf(Blocks.hashes(theirs));
  }

  private List<BlockHash> sideHashes() {
    return store.sideBlocks().stream().map(SideBlock::hash).toList();
  }

  private Chain withRoomFor(int sideBlocks) {
    return new Chain(
        DEV, store, new VerifiedSignatures(), new SideBlocks(sideBlocks, SideBlocks.MAX_BYTES));
  }

  @Test
  void theForkIsTheNewestOfOurBestChainThatALocatorNames() {
    List<Block> ours = Blocks.branch(GENESIS, 20, "ours");
    List<Block> side = Blocks.branch(ours.get(9), 5, "side");
    addAll(ours);
    addAll(side);
    BlockHash unknown = new BlockHash(new Hash256(1, 2, 3, 4));
    BlockHash genesis = GENESIS.hash();

    assertThat(fork(genesis)).isZero();
    assertThat(fork(unknown)).isZero();
    assertThat(fork(unknown, genesis)).isZero();
    assertThat(fork(side.get(4).hash(), side.get(0).hash(), genesis)).isZero();
    assertThat(fork(side.get(4).hash(), ours.get(9).hash(), genesis)).isEqualTo(10);
    assertThat(fork(unknown, ours.get(19).hash(), ours.get(3).hash(), genesis)).isEqualTo(20);
    assertThat(chain.forkHeight(chain.locator())).isEqualTo(20);
  }

  private long fork(BlockHash... hashes) {
    return chain.forkHeight(new Locator(List.of(hashes)));
  }

  private static long after(Block block, long millis) {
    return block.header().timestamp() + millis;
  }

  private static Transaction entry(String payload, long expiryHeight) {
    return Blocks.transaction(Blocks.ALICE, payload, expiryHeight);
  }

  private Block last() {
    return chain.block(chain.tip().hash()).orElseThrow();
  }

  private ChainUpdate added(Block block) {
    AddBlockResult result = chain.add(block, NOW);
    assertThat(result).isInstanceOf(Added.class);
    return ((Added) result).update();
  }

  private ChainUpdate addedProved(Block block) {
    AddBlockResult result = chain.add(block, NOW, PROVED_HEAVIER);
    assertThat(result).isInstanceOf(Added.class);
    return ((Added) result).update();
  }

  private void addAll(List<Block> blocks) {
    blocks.forEach(this::added);
  }

  private void reopen() {
    reopen(DEV);
  }

  private void reopen(NetworkParameters network) {
    chain = new Chain(network, store);
  }
}
