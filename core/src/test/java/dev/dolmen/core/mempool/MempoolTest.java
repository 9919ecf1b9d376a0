package dev.dolmen.core.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.mempool.AddTransactionResult.Added;
import dev.dolmen.core.mempool.AddTransactionResult.AlreadyPending;
import dev.dolmen.core.mempool.AddTransactionResult.Expired;
import dev.dolmen.core.mempool.AddTransactionResult.Full;
import dev.dolmen.core.mempool.AddTransactionResult.Rejected;
import dev.dolmen.core.mempool.AddTransactionResult.TooEarly;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MempoolTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final long TIP = 1_000;
  private static final long ROOM = 1 << 20;

  private final Mempool pool = new Mempool(DEV, TIP);

  @Test
  void keepsWhatOneOfTheNextBlocksMayInclude() {
    long furthest = TIP + 1 + 256 + 64;

    assertThat(pool.add(entry("expired", TIP))).isEqualTo(new Expired());
    assertThat(pool.add(entry("last chance", TIP + 1))).isEqualTo(new Added());
    assertThat(pool.add(entry("latest", furthest))).isEqualTo(new Added());
    assertThat(pool.add(entry("too early", furthest + 1))).isEqualTo(new TooEarly(TIP + 1));
    assertThat(pool.add(entry("never", Long.MAX_VALUE)))
        .isEqualTo(new TooEarly(Long.MAX_VALUE - 321));
    assertThat(pool.size()).isEqualTo(2);

    pool.tipIs(TIP + 1);
    assertThat(pool.add(entry("too early", furthest + 1))).isEqualTo(new Added());
  }

  @Test
  void keepsATransactionOnce() {
    Transaction entry = entry("once", TIP + 10);

    assertThat(pool.add(entry)).isEqualTo(new Added());
    assertThat(pool.add(entry)).isEqualTo(new AlreadyPending());
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

    assertThat(pool.add(forged)).isEqualTo(new Rejected(Violation.BAD_SIGNATURE));
    assertThat(members.add(blocks.signed(Blocks.ALICE, "a", TIP + 10)))
        .isEqualTo(new Rejected(Violation.AUTHOR_NOT_ALLOWED));
    assertThat(members.add(entry)).isEqualTo(new Rejected(Violation.AUTHOR_NOT_ALLOWED));
    assertThat(members.add(blocks.signed(Blocks.BOB, "b", TIP + 10))).isEqualTo(new Added());
  }

  /** It would wait until it expires, and a node that mines for what waits would mine in vain. */
  @Test
  void refusesWhatFitsIntoNoBlock() {
    int largest = BlockHeader.BYTES + Transaction.MIN_BYTES + 10;
    NetworkParameters small = DEV.toBuilder().largestBlock(largest).build();
    Blocks blocks = Blocks.on(small);
    Mempool smallPool = new Mempool(small, TIP);

    assertThat(smallPool.add(blocks.signed(Blocks.ALICE, bytes(11), TIP + 10)))
        .isEqualTo(new Rejected(Violation.BLOCK_TOO_LARGE));
    assertThat(smallPool.hasSomethingForNextBlock()).isFalse();
    assertThat(smallPool.add(blocks.signed(Blocks.ALICE, bytes(10), TIP + 10)))
        .isEqualTo(new Added());
    assertThat(smallPool.selectForNextBlock(largest - BlockHeader.BYTES)).hasSize(1);
  }

  @Test
  void holdsItsBoundInBytes() {
    Transaction first = entry("12345", TIP + 10);
    Mempool bounded = new Mempool(DEV, TIP, 2L * first.size());
    bounded.add(first);

    assertThat(bounded.add(entry("123456", TIP + 10))).isEqualTo(new Full());
    assertThat(bounded.add(entry("54321", TIP + 10))).isEqualTo(new Added());
    assertThat(bounded.bytes()).isEqualTo(2L * first.size());
    assertThat(bounded.add(entry("", TIP + 10))).isEqualTo(new Full());

    bounded.connected(block(first));
    assertThat(bounded.add(entry("", TIP + 10))).isEqualTo(new Added());
  }

  @Test
  void givenBackTransactionsFillOnlyWhatRoomThereIs() {
    Transaction first = entry("12345", TIP + 10);
    Transaction second = entry("54321", TIP + 10);
    Mempool bounded = new Mempool(DEV, TIP, first.size());

    assertThat(bounded.disconnected(block(first, second))).hasSize(1);
    assertThat(bounded.bytes()).isEqualTo(first.size());
  }

  @Test
  void theTipLeavesNothingThatHasExpired() {
    Transaction early = entry("early", TIP + 5);
    Transaction late = entry("late", TIP + 6);
    pool.add(late);
    pool.add(early);

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
    List.of(older, newer).forEach(block -> block.transactions().forEach(pool::add));
    pool.add(waiting);
    assertThat(pool.connected(older)).hasSize(2);
    assertThat(pool.connected(newer)).hasSize(3);

    assertThat(pool.disconnected(newer)).isEqualTo(newer.transactions());
    assertThat(pool.disconnected(older)).isEqualTo(older.transactions());
    assertThat(pool.connected(block(inBoth))).containsExactly(inBoth.id());

    List<TransactionId> expected = new ArrayList<>(ours.stream().map(Transaction::id).toList());
    expected.add(waiting.id());
    assertThat(pool.ids()).isEqualTo(expected);
    assertThat(pool.selectForNextBlock(ROOM)).hasSize(5).startsWith(ours.get(0)).endsWith(waiting);
  }

  @Test
  void selectsOldestFirstWhatFits() {
    Transaction small = entry("s", TIP + 10);
    Transaction large = Blocks.transaction(Blocks.ALICE, bytes(1_000), TIP + 10);
    Transaction last = entry("l", TIP + 10);
    List.of(small, large, last).forEach(pool::add);

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
    pool.add(notYet);
    assertThat(pool.hasSomethingForNextBlock()).isFalse();
    assertThat(pool.selectForNextBlock(ROOM)).isEmpty();

    pool.tipIs(TIP + 1);
    assertThat(pool.hasSomethingForNextBlock()).isTrue();
    assertThat(pool.selectForNextBlock(ROOM)).containsExactly(notYet);
  }

  /** Against a list that is searched from end to end. */
  @Test
  void randomStepsKeepItsSumAndItsOrder() {
    for (int seed = 0; seed < 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      long bound = 30L * Transaction.MIN_BYTES;
      long tip = TIP;
      Mempool mempool = new Mempool(DEV, tip, bound);
      List<Transaction> known = new ArrayList<>();
      List<Block> connected = new ArrayList<>();
      Map<TransactionId, Transaction> model = new LinkedHashMap<>();
      for (int step = 0; step < 600; step++) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            boolean again = !known.isEmpty() && random.nextInt(5) == 0;
            Transaction entry =
                again
                    ? known.get(random.nextInt(known.size()))
                    : Blocks.transaction(
                        Blocks.ALICE,
                        "x".repeat(random.nextInt(60)) + known.size(),
                        tip + random.nextInt(40));
            known.add(entry);
            if (mempool.add(entry).equals(new Added())) {
              assertThat(model.put(entry.id(), entry)).isNull();
            }
          }
          case 2 -> {
            List<Transaction> selected = mempool.selectForNextBlock(random.nextInt(2_000));
            Block block = block(selected.toArray(new Transaction[0]));
            assertThat(mempool.connected(block)).hasSameSizeAs(selected);
            selected.forEach(entry -> model.remove(entry.id()));
            connected.add(block);
          }
          case 3 -> {
            if (!connected.isEmpty()) {
              mempool
                  .disconnected(connected.remove(connected.size() - 1))
                  .forEach(entry -> assertThat(model.put(entry.id(), entry)).isNull());
            }
          }
          default -> {
            tip = Math.max(TIP, tip + random.nextInt(-2, 4));
            mempool.tipIs(tip).forEach(entry -> assertThat(model.remove(entry.id())).isNotNull());
            long now = tip;
            assertThat(model.values()).allMatch(entry -> entry.expiryHeight() > now);
          }
        }
        assertThat(mempool.bytes())
            .isEqualTo(model.values().stream().mapToLong(Transaction::size).sum())
            .isLessThanOrEqualTo(bound);
        assertThat(mempool.size()).isEqualTo(model.size());
        assertThat(mempool.ids()).containsExactlyInAnyOrderElementsOf(model.keySet());
      }
    }
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
