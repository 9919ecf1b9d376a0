package dev.dolmen.core.chain;

import static com.google.common.base.Verify.verifyNotNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult.Added;
import dev.dolmen.core.chain.AddBlockResult.AlreadyKnown;
import dev.dolmen.core.chain.AddBlockResult.BodyMismatch;
import dev.dolmen.core.chain.AddBlockResult.NotYet;
import dev.dolmen.core.chain.AddBlockResult.Rejected;
import dev.dolmen.core.chain.AddBlockResult.TooFarBehind;
import dev.dolmen.core.chain.AddBlockResult.UnknownParent;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.mempool.Origin;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.TransactionPlace;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Random blocks on random parents, some of them broken, given to a chain and to a model that knows
 * only a list of blocks and computes everything from it again each time. After every step both say
 * the same. One seed is one run.
 */
public final class ChainModel {

  /** Its difficulty doubles within seconds, so that branches of equal length differ in work. */
  public static final NetworkParameters NETWORK =
      NetworkParameters.dev().toBuilder()
          .firstBits(0x203fffff)
          .fixedTarget(false)
          .halfLife(Duration.ofSeconds(15))
          .build();

  /** Few, so that some are forgotten all the time. */
  private static final int MAX_SIDE_BLOCKS = 25;

  private static final List<SigningKey> AUTHORS =
      List.of(Blocks.ALICE, Blocks.BOB, Blocks.key("carol"));

  private final Blocks blocks = Blocks.on(NETWORK);
  private final SplittableRandom random;
  private final String run;

  private BlockStore store;
  private Chain chain;
  private final Mempool pool = new Mempool(NETWORK, 0);

  /** What the model knows. */
  private final Map<BlockHash, Block> accepted = new LinkedHashMap<>();

  private final Set<BlockHash> invalid = new LinkedHashSet<>();
  private final List<Block> refused = new ArrayList<>();
  private final List<Block> forgotten = new ArrayList<>();
  private final List<Transaction> transactions = new ArrayList<>();
  private Block best = blocks.first();

  /** The end of the branch that is being grown against the best one. */
  private Block rival = blocks.first();

  /** How often what happened, so that a test can say that its run was not an empty one. */
  private int reorganisations;

  private int verdicts;

  public ChainModel(BlockStore empty, long seed) {
    this.store = empty;
    this.chain = open(empty);
    this.random = new SplittableRandom(seed);
    this.run = "seed " + seed;
    accepted.put(best.hash(), best);
  }

  private static Chain open(BlockStore store) {
    return new Chain(
        NETWORK,
        store,
        new VerifiedSignatures(),
        new SideBlocks(MAX_SIDE_BLOCKS, SideBlocks.MAX_BYTES));
  }

  /**
   * Takes so many steps, then closes the store.
   *
   * @param reopen closes a store and opens it again
   */
  public void run(int steps, UnaryOperator<BlockStore> reopen) {
    for (int step = 0; step < steps; step++) {
      String where = run + ", step " + step;
      if (random.nextInt(60) == 0) {
        store = reopen.apply(store);
        chain = open(store);
      }
      step(where);
      compare(where);
    }
    compareAll(run);
    store.close();
  }

  public int reorganisations() {
    return reorganisations;
  }

  public int verdicts() {
    return verdicts;
  }

  public int forgottenBlocks() {
    return forgotten.size();
  }

  private void step(String where) {
    Candidate candidate = candidate();
    Block block = candidate.block();
    Instant now = Instant.ofEpochMilli(block.header().timestamp() + candidate.clockAhead());
    AddBlockResult expected = expected(candidate, now);
    Block before = best;

    assertThat(chain.check(block, now).isEmpty()).as(where).isEqualTo(expected instanceof Added);
    AddBlockResult result = chain.add(block, now);

    if (expected instanceof Added) {
      assertThat(result).as(where).isInstanceOf(Added.class);
      List<Block> makingRoom = staysAside(block) ? firstToGo(block) : List.of();
      accepted.put(block.hash(), block);
      makingRoom.forEach(gone -> accepted.remove(gone.hash()));
      forgotten.addAll(makingRoom);
      if (makingRoom.contains(rival)) {
        rival = best;
      }
      if (block.header().previousHash().equals(rival.hash())) {
        rival = block;
      }
      if (totalWork(block).compareTo(totalWork(best)) > 0) {
        best = block;
        if (best.equals(rival)) {
          rival = before;
        }
      }
      expectUpdate(((Added) result).update(), before, where);
    } else {
      verdicts++;
      assertThat(result).as(where).isEqualTo(expected);
      refused.add(block);
      if (candidate.worthAMark(expected)
          || (expected.equals(new Rejected(Violation.INVALID_ANCESTOR)) && carriesWork(block))) {
        invalid.add(block.hash());
      }
    }
  }

  /**
   * A block that is broken in at most one way, and what that way is answered with.
   *
   * @param clockAhead milliseconds from the block's time to the clock's
   */
  private record Candidate(
      Block block, Optional<Violation> header, Optional<Violation> body, long clockAhead) {

    boolean worthAMark(AddBlockResult result) {
      return result instanceof Rejected rejected
          && Set.of(
                  Violation.BAD_SIGNATURE,
                  Violation.DUPLICATE_TRANSACTION,
                  Violation.EXPIRED,
                  Violation.EXPIRES_TOO_LATE,
                  Violation.ALREADY_INCLUDED)
              .contains(rejected.violation());
    }
  }

  private Candidate candidate() {
    if (!forgotten.isEmpty() && random.nextInt(25) == 0) {
      Block again = forgotten.get(random.nextInt(forgotten.size()));
      return new Candidate(again, Optional.empty(), Optional.empty(), 0);
    }
    if (!refused.isEmpty() && random.nextInt(25) == 0) {
      Block again = refused.get(random.nextInt(refused.size()));
      if (expectedOfParent(again).isPresent()) {
        return new Candidate(again, Optional.empty(), Optional.empty(), 0);
      }
    }
    Block parent = parent();
    Blocks.Builder builder = blocks.after(parent);
    long time = parent.header().timestamp() + random.nextLong(-1_500, 3_500);
    builder.withTime(Math.max(time, 0));
    List<Transaction> included = included(parent.height() + 1);
    builder.withTransactions(included);
    long safe = Math.max(time, median(parent) + 1);
    switch (random.nextInt(40)) {
      case 0 -> {
        Block without = builder.withTime(safe).buildWithoutWork();
        return broken(without, Violation.NOT_ENOUGH_WORK);
      }
      case 1 -> {
        return broken(builder.withTime(safe).withVersion(2).build(), Violation.UNKNOWN_VERSION);
      }
      case 2 -> {
        long height = parent.height() + 2;
        return broken(builder.withTime(safe).withHeight(height).build(), Violation.WRONG_HEIGHT);
      }
      case 3 -> {
        Block ahead = builder.withTime(safe).build();
        return new Candidate(
            ahead, Optional.empty(), Optional.empty(), -NETWORK.maxFutureMillis() - 1);
      }
      case 4 -> {
        Block ahead = builder.withTime(safe).build();
        return new Candidate(ahead, Optional.empty(), Optional.empty(), -NETWORK.maxFutureMillis());
      }
      case 5 -> {
        Block block = builder.build();
        List<Transaction> more = new ArrayList<>(included);
        more.add(entry(parent.height() + 5));
        return new Candidate(
            Block.of(block.header(), more),
            Optional.empty(),
            Optional.of(Violation.TRANSACTION_COUNT_MISMATCH),
            0);
      }
      case 6 -> {
        Transaction foreign = Blocks.transaction(Blocks.ALICE, "elsewhere", parent.height() + 5);
        return new Candidate(
            builder.withTime(safe).withTransactions(foreign).build(),
            Optional.empty(),
            Optional.of(Violation.BAD_SIGNATURE),
            0);
      }
      default -> {
        return new Candidate(builder.build(), Optional.empty(), Optional.empty(), 0);
      }
    }
  }

  private static Candidate broken(Block block, Violation violation) {
    return new Candidate(block, Optional.of(violation), Optional.empty(), 0);
  }

  /** Mostly the best tip or its rival, now and then anywhere, also where no chain can be. */
  private Block parent() {
    List<Block> all = new ArrayList<>(accepted.values());
    if (random.nextInt(40) == 0) {
      rival = all.get(Math.max(0, all.size() - 1 - random.nextInt(40)));
    }
    int kind = random.nextInt(100);
    if (kind < 25) {
      return best;
    }
    if (kind < 80) {
      return rival;
    }
    if (kind < 90) {
      return all.get(Math.max(0, all.size() - 1 - random.nextInt(25)));
    }
    if (kind < 97 || refused.isEmpty()) {
      return all.get(random.nextInt(all.size()));
    }
    return refused.get(random.nextInt(refused.size()));
  }

  private List<Transaction> included(long height) {
    List<Transaction> included = new ArrayList<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      boolean old = !transactions.isEmpty() && random.nextInt(3) == 0;
      included.add(
          old
              ? transactions.get(Math.max(0, transactions.size() - 1 - random.nextInt(30)))
              : entry(height + (random.nextInt(30) == 0 ? random.nextInt(-1, 260) : 20)));
    }
    return included;
  }

  private Transaction entry(long expiry) {
    Transaction entry =
        blocks.signed(
            AUTHORS.get(random.nextInt(AUTHORS.size())),
            "entry " + transactions.size(),
            Math.max(0, expiry));
    transactions.add(entry);
    return entry;
  }

  private AddBlockResult expected(Candidate candidate, Instant now) {
    Block block = candidate.block();
    Optional<AddBlockResult> ofParent = expectedOfParent(block);
    if (ofParent.isPresent()) {
      return ofParent.get();
    }
    Block parent = verifyNotNull(accepted.get(block.header().previousHash()));
    if (candidate.header().isPresent()) {
      return new Rejected(candidate.header().get());
    }
    if (block.header().timestamp() <= median(parent)) {
      return new Rejected(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN);
    }
    long validFrom = block.header().timestamp() - 60_000;
    BigInteger behind = totalWork(best).subtract(totalWork(parent).add(work(block)));
    if (behind.compareTo(work(best).multiply(BigInteger.valueOf(SideBlocks.MAX_DEPTH))) > 0) {
      return new TooFarBehind();
    }
    if (now.toEpochMilli() < validFrom) {
      return new NotYet(Instant.ofEpochMilli(validFrom));
    }
    if (candidate.body().equals(Optional.of(Violation.TRANSACTION_COUNT_MISMATCH))) {
      return new BodyMismatch(Violation.TRANSACTION_COUNT_MISMATCH);
    }
    Set<TransactionId> inBlock = new HashSet<>();
    for (Transaction transaction : block.transactions()) {
      if (transaction.expiryHeight() < block.height()) {
        return new Rejected(Violation.EXPIRED);
      }
      if (transaction.expiryHeight() > block.height() + 256) {
        return new Rejected(Violation.EXPIRES_TOO_LATE);
      }
      if (!inBlock.add(transaction.id())) {
        return new Rejected(Violation.DUPLICATE_TRANSACTION);
      }
    }
    if (candidate.body().isPresent()) {
      return new Rejected(candidate.body().get());
    }
    for (Block ancestor : branchTo(parent)) {
      for (Transaction transaction : ancestor.transactions()) {
        if (inBlock.contains(transaction.id())) {
          return new Rejected(Violation.ALREADY_INCLUDED);
        }
      }
    }
    if (staysAside(block) && firstToGo(block).contains(block)) {
      return new TooFarBehind();
    }
    return new Added(new ChainUpdate(store.tip(), store.tip(), List.of(), List.of()));
  }

  /** Whether the best chain stays as it is when this valid block comes. */
  private boolean staysAside(Block block) {
    Block parent = verifyNotNull(accepted.get(block.header().previousHash()));
    return !parent.equals(best)
        && totalWork(parent).add(work(block)).compareTo(totalWork(best)) <= 0;
  }

  /** What is forgotten so that this block finds room; only itself if there is none for it. */
  private List<Block> firstToGo(Block newcomer) {
    Map<BlockHash, Block> side = new LinkedHashMap<>(accepted);
    branchTo(best).forEach(block -> side.remove(block.hash()));
    side.put(newcomer.hash(), newcomer);
    List<Block> gone = new ArrayList<>();
    while (side.size() > MAX_SIDE_BLOCKS) {
      Set<BlockHash> parents = new HashSet<>();
      side.values().forEach(block -> parents.add(block.header().previousHash()));
      Block first =
          side.values().stream()
              .filter(block -> !parents.contains(block.hash()))
              .min(
                  Comparator.comparing(this::totalWork)
                      .thenComparing(Block::hash, Comparator.reverseOrder()))
              .orElseThrow();
      if (first.equals(newcomer)) {
        return List.of(newcomer);
      }
      side.remove(first.hash());
      gone.add(first);
    }
    return gone;
  }

  private static boolean carriesWork(Block block) {
    BigInteger target = target(block);
    return target.compareTo(target(NETWORK.genesis())) <= 0
        && block.hash().value().toBigInteger().compareTo(target) <= 0;
  }

  private static BigInteger target(Block block) {
    return Target.fromCompact(block.header().bits()).orElseThrow().value().toBigInteger();
  }

  private static BigInteger work(Block block) {
    return BigInteger.ONE.shiftLeft(256).divide(target(block).add(BigInteger.ONE));
  }

  private Optional<AddBlockResult> expectedOfParent(Block block) {
    if (accepted.containsKey(block.hash())) {
      return Optional.of(new AlreadyKnown());
    }
    BlockHash parent = block.header().previousHash();
    if (invalid.contains(parent)) {
      return Optional.of(new Rejected(Violation.INVALID_ANCESTOR));
    }
    if (invalid.contains(block.hash())) {
      return Optional.of(new Rejected(Violation.KNOWN_INVALID));
    }
    return accepted.containsKey(parent) ? Optional.empty() : Optional.of(new UnknownParent(parent));
  }

  private void expectUpdate(ChainUpdate update, Block before, String where) {
    List<BlockHash> old = hashes(branchTo(before));
    List<BlockHash> current = hashes(branchTo(best));
    List<BlockHash> left = new ArrayList<>(old);
    left.removeAll(new HashSet<>(current));
    List<BlockHash> entered = new ArrayList<>(current);
    entered.removeAll(new HashSet<>(old));
    assertThat(update.disconnected()).as(where).isEqualTo(Lists.reverse(left));
    assertThat(update.connected()).as(where).isEqualTo(entered);
    assertThat(update.before().hash()).as(where).isEqualTo(before.hash());
    assertThat(update.after().hash()).as(where).isEqualTo(best.hash());
    if (update.isReorganisation()) {
      reorganisations++;
    }
    follow(update, where);
  }

  /** The pool sees what a node's pool would: new entries, then what the chain did. */
  private void follow(ChainUpdate update, String where) {
    int newest = transactions.size() - 1;
    for (int i = newest; i >= Math.max(0, newest - 2); i--) {
      Transaction entry = transactions.get(i);
      if (store.locate(entry.id()).isEmpty()) {
        pool.add(entry, Origin.LOCAL);
      }
    }
    update.disconnected().forEach(hash -> pool.disconnected(blockOf(hash), chain::includes));
    update.connected().forEach(hash -> pool.connected(blockOf(hash)));
    pool.tipIs(best.height());

    Set<TransactionId> included = new HashSet<>();
    branchTo(best)
        .forEach(block -> block.transactions().forEach(entry -> included.add(entry.id())));
    assertThat(pool.ids()).as(where).noneMatch(included::contains);
    for (BlockHash hash : update.disconnected()) {
      for (Transaction entry : blockOf(hash).transactions()) {
        boolean waits = !included.contains(entry.id()) && entry.expiryHeight() > best.height();
        assertThat(pool.contains(entry.id())).as(where).isEqualTo(waits);
      }
    }
    Block next =
        blocks
            .after(best)
            .withTime(median(best) + 1)
            .withTransactions(pool.selectForNextBlock(20_000))
            .build();
    assertThat(chain.check(next, Instant.ofEpochMilli(next.header().timestamp())))
        .as(where)
        .isEmpty();
  }

  private Block blockOf(BlockHash hash) {
    return chain.block(hash).orElseThrow();
  }

  /** What every step may have changed. */
  private void compare(String where) {
    List<Block> branch = branchTo(best);
    assertThat(chain.tip().hash()).as(where).isEqualTo(best.hash());
    assertThat(chain.tip().totalWork().value()).as(where).isEqualTo(totalWork(best));
    assertThat(chain.medianTimePast()).as(where).isEqualTo(median(best));
    assertThat(store.tip()).as(where).isEqualTo(chain.tip());
    assertThat(store.hashesFrom(0, Integer.MAX_VALUE)).as(where).isEqualTo(hashes(branch));
    assertThat(store.hashAt(best.height() + 1)).as(where).isEmpty();
    assertThat(store.invalidBlocks()).as(where).containsExactlyElementsOf(invalid);
    Set<BlockHash> side = new LinkedHashSet<>(accepted.keySet());
    branch.forEach(block -> side.remove(block.hash()));
    assertThat(store.sideBlocks().stream().map(SideBlock::hash))
        .as(where)
        .containsExactlyInAnyOrderElementsOf(side);
    Map<TransactionId, TransactionPlace> places = places(branch);
    int newest = transactions.size();
    for (Transaction entry : transactions.subList(Math.max(0, newest - 50), newest)) {
      assertThat(store.locate(entry.id()))
          .as(where)
          .isEqualTo(Optional.ofNullable(places.get(entry.id())));
    }
  }

  /** Everything a store answers. */
  private void compareAll(String where) {
    List<Block> branch = branchTo(best);
    Map<TransactionId, TransactionPlace> places = places(branch);
    for (Transaction entry : transactions) {
      assertThat(store.locate(entry.id()))
          .as(where)
          .isEqualTo(Optional.ofNullable(places.get(entry.id())));
    }
    for (SigningKey key : AUTHORS) {
      PublicKey author = key.publicKey();
      List<TransactionPlace> expected = new ArrayList<>();
      for (Block block : branch) {
        for (Transaction entry : block.transactions()) {
          if (entry.author().equals(author)) {
            expected.add(places.get(entry.id()));
          }
        }
      }
      assertThat(store.byAuthor(author, 0, Integer.MAX_VALUE)).as(where).isEqualTo(expected);
    }
    for (Block block : accepted.values()) {
      assertThat(store.block(block.hash())).as(where).contains(block);
      assertThat(store.header(block.hash()).orElseThrow().totalWork().value())
          .as(where)
          .isEqualTo(totalWork(block));
    }
    for (Block block : forgotten) {
      if (!accepted.containsKey(block.hash())) {
        assertThat(store.block(block.hash())).as(where).isEmpty();
        assertThat(store.header(block.hash())).as(where).isEmpty();
        assertThat(chain.contains(block.hash())).as(where).isFalse();
      }
    }
  }

  private static Map<TransactionId, TransactionPlace> places(List<Block> branch) {
    Map<TransactionId, TransactionPlace> places = new LinkedHashMap<>();
    for (Block block : branch) {
      for (int i = 0; i < block.transactions().size(); i++) {
        TransactionId id = block.transactions().get(i).id();
        places.put(id, new TransactionPlace(id, block.height(), block.hash(), i));
      }
    }
    return places;
  }

  /** From genesis to a block. */
  private List<Block> branchTo(Block end) {
    List<Block> branch = new ArrayList<>();
    for (Block block = end; block != null; block = accepted.get(block.header().previousHash())) {
      branch.add(block);
    }
    return Lists.reverse(branch);
  }

  private long median(Block end) {
    List<Block> branch = branchTo(end);
    List<Long> times =
        branch.subList(Math.max(0, branch.size() - 11), branch.size()).stream()
            .map(block -> block.header().timestamp())
            .sorted()
            .toList();
    return times.get(times.size() / 2);
  }

  private BigInteger totalWork(Block end) {
    BigInteger sum = BigInteger.ZERO;
    for (Block block : branchTo(end)) {
      sum = sum.add(work(block));
    }
    return sum;
  }

  private static List<BlockHash> hashes(List<Block> blocks) {
    return blocks.stream().map(Block::hash).toList();
  }
}
