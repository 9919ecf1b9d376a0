package dev.dolmen.core.mempool;

import static dev.dolmen.core.mempool.Mempool.PEER_SHARES;
import static dev.dolmen.core.mempool.Origin.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Predicates;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.mempool.AddTransactionResult.Added;
import dev.dolmen.core.mempool.AddTransactionResult.AlreadyPending;
import dev.dolmen.core.mempool.AddTransactionResult.Expired;
import dev.dolmen.core.mempool.AddTransactionResult.Full;
import dev.dolmen.core.mempool.AddTransactionResult.Rejected;
import dev.dolmen.core.mempool.AddTransactionResult.TooEarly;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MempoolTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final long TIP = 1_000;
  private static final long ROOM = 1 << 20;

  private static final Added ADDED = new Added(List.of());
  private static final Origin.Peer MALLORY = new Origin.Peer("mallory");
  private static final Origin.Peer TRENT = new Origin.Peer("trent");
  private static final Predicate<TransactionId> NONE = Predicates.alwaysFalse();

  /** Size of each {@link #unit}. */
  private static final int UNIT = Transaction.MIN_BYTES + 1;

  private final Mempool pool = new Mempool(DEV, TIP);

  @Test
  void keepsWhatOneOfTheNextBlocksMayInclude() {
    long furthest = TIP + 1 + 256 + 64;

    assertThat(pool.add(entry("expired", TIP), LOCAL)).isEqualTo(new Expired());
    assertThat(pool.add(entry("last chance", TIP + 1), LOCAL)).isEqualTo(ADDED);
    assertThat(pool.add(entry("latest", furthest), LOCAL)).isEqualTo(ADDED);
    assertThat(pool.add(entry("too early", furthest + 1), LOCAL)).isEqualTo(new TooEarly(TIP + 1));
    assertThat(pool.add(entry("never", Long.MAX_VALUE), LOCAL))
        .isEqualTo(new TooEarly(Long.MAX_VALUE - 321));
    assertThat(pool.size()).isEqualTo(2);

    pool.tipIs(TIP + 1);
    assertThat(pool.add(entry("too early", furthest + 1), LOCAL)).isEqualTo(ADDED);
  }

  @Test
  void whatIsRestoredIsPinnedAsBefore() {
    Transaction waits = entry("waits", TIP + 10);
    Transaction included = entry("included", TIP + 10);
    pool.restore(waits, false);
    pool.restore(waits, false);
    pool.restore(included, true);
    pool.restore(entry("expired", TIP), false);

    assertThat(pool.ids()).containsExactly(waits.id());
    assertThat(pool.isOwn(waits.id())).isTrue();
    Block block = Blocks.childOf(Blocks.genesis()).withTransactions(included).build();
    pool.disconnected(block, NONE);
    assertThat(pool.ids()).containsExactly(included.id(), waits.id());
    assertThat(pool.isOwn(included.id())).isTrue();
  }

  @Test
  void onlyWhatOwnUsersGaveIsOwn() {
    Transaction entry = entry("a", TIP + 10);

    assertThat(pool.isOwn(entry.id())).isFalse();
    pool.add(entry, MALLORY);
    assertThat(pool.isOwn(entry.id())).isFalse();
    pool.add(entry, LOCAL);
    assertThat(pool.isOwn(entry.id())).isTrue();
  }

  @Test
  void keepsATransactionOnce() {
    Transaction entry = entry("once", TIP + 10);

    assertThat(pool.add(entry, LOCAL)).isEqualTo(ADDED);
    assertThat(pool.add(entry, LOCAL)).isEqualTo(new AlreadyPending());
    assertThat(pool.bytes()).isEqualTo(entry.size());
    assertThat(pool.get(entry.id())).contains(entry);
    assertThat(pool.contains(entry.id())).isTrue();
  }

  @Test
  void refusesWhatBreaksARuleAtAnyHeight() {
    Transaction entry = entry("a", TIP + 10);
    Transaction forged =
        Transaction.of(entry.author(), TIP + 10, entry.payload(), entry("b", TIP + 10).signature());
    NetworkParameters membersOnly =
        DEV.toBuilder().authors(List.of(Blocks.BOB.publicKey())).build();
    Blocks blocks = Blocks.on(membersOnly);
    Mempool members = new Mempool(membersOnly, TIP);

    assertThat(pool.add(forged, LOCAL)).isEqualTo(new Rejected(Violation.BAD_SIGNATURE));
    assertThat(members.add(blocks.signed(Blocks.ALICE, "a", TIP + 10), LOCAL))
        .isEqualTo(new Rejected(Violation.AUTHOR_NOT_ALLOWED));
    assertThat(members.add(entry, LOCAL)).isEqualTo(new Rejected(Violation.AUTHOR_NOT_ALLOWED));
    assertThat(members.add(blocks.signed(Blocks.BOB, "b", TIP + 10), LOCAL)).isEqualTo(ADDED);
  }

  /** It would wait until it expires, and a node that mines for what waits would mine in vain. */
  @Test
  void refusesWhatFitsIntoNoBlock() {
    int largest = BlockHeader.BYTES + Transaction.MIN_BYTES + 10;
    NetworkParameters small = DEV.toBuilder().largestBlock(largest).build();
    Blocks blocks = Blocks.on(small);
    Mempool smallPool = new Mempool(small, TIP);

    assertThat(smallPool.add(blocks.signed(Blocks.ALICE, bytes(11), TIP + 10), LOCAL))
        .isEqualTo(new Rejected(Violation.BLOCK_TOO_LARGE));
    assertThat(smallPool.hasSomethingForNextBlock()).isFalse();
    assertThat(smallPool.add(blocks.signed(Blocks.ALICE, bytes(10), TIP + 10), LOCAL))
        .isEqualTo(ADDED);
    assertThat(smallPool.selectForNextBlock(largest - BlockHeader.BYTES)).hasSize(1);
  }

  @Test
  void holdsItsBoundInBytes() {
    Transaction first = entry("12345", TIP + 10);
    Mempool bounded = bounded(2L * first.size());
    bounded.add(first, LOCAL);

    assertThat(bounded.add(entry("123456", TIP + 10), LOCAL)).isEqualTo(new Full());
    assertThat(bounded.add(entry("54321", TIP + 10), LOCAL)).isEqualTo(ADDED);
    assertThat(bounded.bytes()).isEqualTo(2L * first.size());
    assertThat(bounded.add(entry("", TIP + 10), LOCAL)).isEqualTo(new Full());

    bounded.connected(block(first));
    assertThat(bounded.add(entry("", TIP + 10), LOCAL)).isEqualTo(ADDED);
  }

  @Test
  void aPeerHasAtMostAnEighthOfThePool() {
    int size = entry("1", TIP + 10).size();
    Mempool bounded = bounded(PEER_SHARES * 2L * size);

    assertThat(bounded.add(entry("1", TIP + 10), MALLORY)).isEqualTo(ADDED);
    assertThat(bounded.add(entry("2", TIP + 10), MALLORY)).isEqualTo(ADDED);
    assertThat(bounded.add(entry("3", TIP + 10), MALLORY)).isEqualTo(new Full());
    assertThat(bounded.bytesOf(MALLORY)).isEqualTo(2L * size);
    assertThat(bounded.add(entry("3", TIP + 10), TRENT)).isEqualTo(ADDED);
  }

  @Test
  void withinAShareTheAuthorWithTheMostBytesGivesWayWithTheNewest() {
    int size = entry("1", TIP + 10).size();
    Mempool bounded = bounded(PEER_SHARES * 3L * size);
    List<Transaction> alices =
        List.of(entry("1", TIP + 10), entry("2", TIP + 10), entry("3", TIP + 10));
    alices.forEach(entry -> bounded.add(entry, MALLORY));
    Transaction bobs = Blocks.transaction(Blocks.BOB, "4", TIP + 10);

    assertThat(bounded.add(bobs, MALLORY)).isEqualTo(new Added(alices.subList(2, 3)));
    assertThat(bounded.contains(alices.get(2).id())).isFalse();
    assertThat(bounded.get(alices.get(2).id())).isEmpty();
    assertThat(bounded.byLeafPrefix(alices.get(2).leafPrefix())).isEmpty();
    assertThat(bounded.bytesOf(MALLORY)).isEqualTo(3L * size);
  }

  @Test
  void whenThePoolIsFullThePeerWithTheMostBytesGivesWay() {
    Mempool bounded = bounded(2L * PEER_SHARES * UNIT);
    for (int i = 0; i < 2 * (PEER_SHARES - 1); i++) {
      bounded.add(unit(i), new Origin.Peer(i / 2));
    }
    bounded.add(unit(100), LOCAL);
    bounded.add(unit(101), LOCAL);

    // Of equal ones the newest.
    assertThat(bounded.add(unit(102), TRENT))
        .isEqualTo(new Added(List.of(unit(2 * (PEER_SHARES - 1) - 1))));
    assertThat(bounded.bytesOf(LOCAL)).isEqualTo(2 * UNIT);
  }

  @Test
  void whoWouldHaveTheMostMakesNoRoomAtOthersCost() {
    Mempool bounded = bounded(4L * PEER_SHARES * UNIT);
    for (int i = 0; i < 4 * (PEER_SHARES - 1); i++) {
      bounded.add(unit(i), new Origin.Peer(i / 4));
    }
    for (int i = 0; i < 4; i++) {
      bounded.add(unit(100 + i), LOCAL);
    }
    List<TransactionId> before = bounded.ids();
    Transaction asMuch = Blocks.transaction(Blocks.ALICE, bytes(4 * UNIT - 109), TIP + 10);
    Transaction less = Blocks.transaction(Blocks.ALICE, bytes(4 * UNIT - 110), TIP + 10);

    assertThat(bounded.add(asMuch, MALLORY)).isEqualTo(new Full());
    assertThat(bounded.ids()).isEqualTo(before);
    assertThat(bounded.add(less, MALLORY))
        .isInstanceOfSatisfying(Added.class, added -> assertThat(added.evicted()).hasSize(4));
  }

  @Test
  void localOnesPushOutStrangersAndAreNeverPushedOut() {
    Mempool bounded = bounded(PEER_SHARES * 2L * UNIT);
    for (int i = 0; i < 2 * PEER_SHARES; i++) {
      bounded.add(unit(i), new Origin.Peer(i % PEER_SHARES));
    }
    assertThat(bounded.size()).isEqualTo(2 * PEER_SHARES);

    for (int i = 0; i < 2 * PEER_SHARES; i++) {
      assertThat(bounded.add(unit(100 + i), LOCAL))
          .isInstanceOfSatisfying(Added.class, added -> assertThat(added.evicted()).hasSize(1));
    }

    assertThat(bounded.bytesOf(LOCAL)).isEqualTo(bounded.bytes());
    assertThat(bounded.add(entry("l", TIP + 60), LOCAL)).isEqualTo(new Full());
    assertThat(bounded.add(entry("p", TIP + 10), TRENT)).isEqualTo(new Full());
    assertThat(bounded.disconnected(block(entry("g", TIP + 10)), NONE).pending()).isEmpty();
    assertThat(bounded.size()).isEqualTo(2 * PEER_SHARES);
  }

  @Test
  void whatAStrangerSentIsPinnedOnceItIsGivenHereToo() {
    Transaction entry = entry("1", TIP + 10);
    pool.add(entry, MALLORY);

    assertThat(pool.add(entry, LOCAL)).isEqualTo(new AlreadyPending());
    assertThat(pool.bytesOf(LOCAL)).isEqualTo(entry.size());
    assertThat(pool.bytesOf(MALLORY)).isZero();

    assertThat(pool.add(entry, MALLORY)).isEqualTo(new AlreadyPending());
    assertThat(pool.bytesOf(LOCAL)).isEqualTo(entry.size());
  }

  @Test
  void aLocalOneIsPinnedAgainWhenAReorganisationGivesItBack() {
    Transaction local = entry("local", TIP + 10);
    Transaction strange = entry("strange", TIP + 10);
    pool.add(local, LOCAL);
    pool.add(strange, TRENT);
    pool.connected(block(local, strange));
    assertThat(pool.bytes()).isZero();

    pool.disconnected(block(local, strange), NONE);

    assertThat(pool.bytesOf(LOCAL)).isEqualTo(local.size());
    assertThat(pool.bytesOf(TRENT)).isZero();
    assertThat(pool.bytes()).isEqualTo(local.size() + strange.size());
  }

  @Test
  void isListedInPartsThatGoOnWhereTheLastOneEndedThoughThatHasLeft() {
    Transaction first = entry("ripe", TIP + 10);
    Transaction second = entry("not ripe yet", TIP + 1 + 256 + 1);
    Transaction third = entry("ripe too", TIP + 10);
    List.of(first, second, third).forEach(entry -> pool.add(entry, LOCAL));

    Mempool.Page begin = pool.page(Long.MIN_VALUE, 2);
    assertThat(begin.transactions()).containsExactly(first, second);
    pool.connected(block(second));
    Mempool.Page end = pool.page(begin.last().orElseThrow(), 2);

    assertThat(end.transactions()).containsExactly(third);
    assertThat(end.last()).isEmpty();
    assertThat(pool.page(Long.MIN_VALUE, 3).last()).isEmpty();
    assertThat(pool.page(Long.MAX_VALUE, 1).transactions()).isEmpty();
  }

  @Test
  void whatAPeerSentStaysWhenItGoesAndCountsForNoPeer() {
    Transaction mallorys = entry("mallory's", TIP + 10);
    Transaction trents = entry("trent's", TIP + 10);
    pool.add(mallorys, MALLORY);
    pool.add(trents, TRENT);

    pool.peerGone(MALLORY);
    pool.peerGone(TRENT);
    pool.peerGone(TRENT);

    assertThat(pool.ids()).containsExactly(mallorys.id(), trents.id());
    assertThat(pool.bytesOf(MALLORY) + pool.bytesOf(TRENT)).isZero();
    assertThat(pool.bytesOf(Origin.Common.GONE_PEERS)).isEqualTo(pool.bytes());
  }

  /** Room is made before the signature is verified, which costs more. */
  @Test
  void aForgedOnePushesOutNobody() {
    Mempool bounded = bounded(PEER_SHARES * 2L * UNIT);
    for (int i = 0; i < 2 * PEER_SHARES; i++) {
      bounded.add(unit(i), new Origin.Peer(i % PEER_SHARES));
    }
    List<TransactionId> before = bounded.ids();
    Transaction forged =
        Transaction.of(
            Blocks.BOB.publicKey(), TIP + 10, bytes(1), entry("b", TIP + 10).signature());

    assertThat(bounded.add(forged, TRENT)).isEqualTo(new Rejected(Violation.BAD_SIGNATURE));

    assertThat(bounded.ids()).isEqualTo(before);
    assertThat(bounded.bytes()).isEqualTo(PEER_SHARES * 2L * UNIT);
    assertThat(bounded.bytesOf(TRENT)).isZero();
  }

  @Test
  void isSearchedByTheFirstBytesOfTheLeaf() {
    Transaction entry = entry("a", TIP + 10);
    assertThat(entry.leafPrefix()).isEqualTo(ByteBuffer.wrap(entry.leafHash().toBytes()).getLong());
    pool.add(entry, TRENT);

    assertThat(pool.byLeafPrefix(entry.leafPrefix())).contains(entry);
    assertThat(pool.byLeafPrefix(entry.leafPrefix() + 1)).isEmpty();

    pool.connected(block(entry));
    assertThat(pool.byLeafPrefix(entry.leafPrefix())).isEmpty();
  }

  @Test
  void ofTwoWithTheSamePrefixTheOlderIsFound() {
    LeafIndex index = new LeafIndex();
    Transaction older = entry("older", TIP + 10);
    Transaction younger = entry("younger", TIP + 10);
    index.add(7, older);
    index.add(7, younger);

    index.remove(7, younger);
    assertThat(index.find(7)).contains(older);
    index.remove(7, older);
    assertThat(index.find(7)).isEmpty();
  }

  @Test
  void givenBackTransactionsFillOnlyWhatRoomThereIs() {
    Transaction first = entry("12345", TIP + 10);
    Transaction second = entry("54321", TIP + 10);
    Mempool bounded = bounded(first.size());

    assertThat(bounded.disconnected(block(first, second), NONE))
        .isEqualTo(new GivenBack(List.of(first), List.of()));
    assertThat(bounded.bytes()).isEqualTo(first.size());
  }

  @Test
  void givenBackTransactionsMakeRoomAtTheCostOfWhoHasTheMost() {
    Transaction waiting = Blocks.transaction(Blocks.ALICE, bytes(50), TIP + 10);
    Transaction returning = entry("", TIP + 10);
    Mempool bounded = bounded(PEER_SHARES * (long) waiting.size());
    for (int i = 0; i < PEER_SHARES - 1; i++) {
      bounded.add(Blocks.transaction(Blocks.BOB, bytes(50), TIP + 10 + i), new Origin.Peer(i));
    }
    bounded.add(waiting, MALLORY);

    assertThat(bounded.disconnected(block(returning), NONE))
        .isEqualTo(new GivenBack(List.of(returning), List.of(waiting)));
  }

  @Test
  void whatTheBestChainHoldsIsNotGivenBack() {
    Transaction both = entry("both", TIP + 10);
    Transaction lost = entry("lost", TIP + 10);

    assertThat(pool.disconnected(block(both, lost), both.id()::equals).pending())
        .containsExactly(lost);
    assertThat(pool.ids()).containsExactly(lost.id());
  }

  @Test
  void theTipLeavesNothingThatHasExpired() {
    Transaction early = entry("early", TIP + 5);
    Transaction late = entry("late", TIP + 6);
    pool.add(late, LOCAL);
    pool.add(early, LOCAL);

    assertThat(pool.tipIs(TIP + 4)).isEmpty();
    assertThat(pool.tipIs(TIP + 5)).containsExactly(early);
    assertThat(pool.ids()).containsExactly(late.id());
    assertThat(pool.bytes()).isEqualTo(late.size());
    assertThat(pool.tipIs(TIP + 500)).containsExactly(late);
    assertThat(pool.bytes()).isZero();
  }

  @Test
  void aReorganisationGivesBackInTheOldOrderAndTakesWhatTheOtherBranchHolds() {
    Transaction waiting = entry("waiting", TIP + 20);
    Transaction inBoth = entry("both", TIP + 20);
    List<Transaction> ours = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ours.add(entry("ours" + i, TIP + 20));
    }
    Block older = block(ours.get(0), ours.get(1));
    Block newer = block(ours.get(2), inBoth, ours.get(3));
    List.of(older, newer).forEach(block -> block.transactions().forEach(this::addLocal));
    pool.add(waiting, LOCAL);
    assertThat(pool.connected(older)).hasSize(2);
    assertThat(pool.connected(newer)).hasSize(3);

    assertThat(pool.disconnected(newer, NONE).pending()).isEqualTo(newer.transactions());
    assertThat(pool.disconnected(older, NONE).pending()).isEqualTo(older.transactions());
    assertThat(pool.connected(block(inBoth))).containsExactly(inBoth.id());

    List<TransactionId> expected = new ArrayList<>(ours.stream().map(Transaction::id).toList());
    expected.add(waiting.id());
    assertThat(pool.ids()).isEqualTo(expected);
    assertThat(pool.selectForNextBlock(ROOM)).hasSize(5).startsWith(ours.get(0)).endsWith(waiting);
  }

  @Test
  void namesTheYoungestOldestFirstWhetherOrNotTheNextBlockMayIncludeThem() {
    Transaction first = entry("first", TIP + 10);
    Transaction unripe = entry("unripe", TIP + 300);
    Transaction third = entry("third", TIP + 10);
    List.of(first, unripe, third).forEach(this::addLocal);

    assertThat(pool.ids()).containsExactly(first.id(), unripe.id(), third.id());
    assertThat(pool.newest(2)).containsExactly(unripe.id(), third.id());
    assertThat(pool.newest(3)).isEqualTo(pool.ids());
    assertThat(pool.newest(4)).isEqualTo(pool.ids());

    pool.tipIs(TIP + 50); // The first and the third expire, the second may be included now.
    assertThat(pool.newest(4)).containsExactly(unripe.id());
    pool.tipIs(TIP);
    assertThat(pool.newest(4)).containsExactly(unripe.id());
    assertThat(pool.hasSomethingForNextBlock()).isFalse();
  }

  @Test
  void selectsOldestFirstWhatFits() {
    Transaction small = entry("s", TIP + 10);
    Transaction large = Blocks.transaction(Blocks.ALICE, bytes(1_000), TIP + 10);
    Transaction last = entry("l", TIP + 10);
    List.of(small, large, last).forEach(this::addLocal);

    assertThat(pool.selectForNextBlock(ROOM)).containsExactly(small, large, last);
    assertThat(pool.selectForNextBlock(small.size() + large.size())).containsExactly(small, large);
    assertThat(pool.selectForNextBlock(small.size() + large.size() - 1))
        .containsExactly(small, last);
    assertThat(pool.selectForNextBlock(small.size())).containsExactly(small);
    assertThat(pool.selectForNextBlock(small.size() - 1)).isEmpty();
    assertThat(pool.selectForNextBlock(0)).isEmpty();
    assertThat(pool.size()).isEqualTo(3);
  }

  @Test
  void selectsOnlyWhatTheNextHeightAllows() {
    Transaction notYet = entry("not yet", TIP + 1 + 257);
    pool.add(notYet, LOCAL);
    assertThat(pool.hasSomethingForNextBlock()).isFalse();
    assertThat(pool.selectForNextBlock(ROOM)).isEmpty();

    pool.tipIs(TIP + 1);
    assertThat(pool.hasSomethingForNextBlock()).isTrue();
    assertThat(pool.selectForNextBlock(ROOM)).containsExactly(notYet);
  }

  /** Against a list that is searched from end to end. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void randomStepsDoWhatTheModelSays(long seed) {
    new MempoolModel(seed).run(700);
  }

  private static Mempool bounded(long maxBytes) {
    return new Mempool(DEV, TIP, new VerifiedSignatures(), maxBytes);
  }

  private void addLocal(Transaction transaction) {
    assertThat(pool.add(transaction, LOCAL)).isEqualTo(ADDED);
  }

  /** All of the same size, all different. */
  private static Transaction unit(int number) {
    return entry("u", TIP + 10 + number);
  }

  private static Transaction entry(String payload, long expiryHeight) {
    return Blocks.transaction(Blocks.ALICE, payload, expiryHeight);
  }

  private static Bytes bytes(int size) {
    return Bytes.wrap(new byte[size]);
  }

  private static Block block(Transaction... transactions) {
    return Blocks.childOf(Blocks.genesis()).withTransactions(transactions).build();
  }
}
