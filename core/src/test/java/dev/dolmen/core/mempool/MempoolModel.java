package dev.dolmen.core.mempool;

import static java.util.Comparator.comparingLong;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.mempool.AddTransactionResult.Added;
import dev.dolmen.core.mempool.AddTransactionResult.AlreadyPending;
import dev.dolmen.core.mempool.AddTransactionResult.Expired;
import dev.dolmen.core.mempool.AddTransactionResult.Full;
import dev.dolmen.core.mempool.AddTransactionResult.TooEarly;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.SigningKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Random steps of a pool, held after each one against a list that is searched from end to end and
 * summed up again each time.
 */
final class MempoolModel {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final long LOWEST_TIP = 1_000;
  private static final int PEERS = 11;
  private static final List<SigningKey> AUTHORS =
      List.of(Blocks.ALICE, Blocks.BOB, Blocks.key("carol"));

  /** Room for some four entries a peer. */
  private static final long MAX_BYTES = 8L * 4 * (Transaction.MIN_BYTES + 40);

  private final SplittableRandom random;
  private final Mempool pool = new Mempool(DEV, LOWEST_TIP, new VerifiedSignatures(), MAX_BYTES);
  private final List<Transaction> known = new ArrayList<>();
  private final List<Block> connected = new ArrayList<>();

  private record Waiting(Transaction transaction, long place, Origin origin) {}

  /** In no particular order. */
  private final List<Waiting> waiting = new ArrayList<>();

  private final Set<TransactionId> includedLocals = new LinkedHashSet<>();
  private long tip = LOWEST_TIP;
  private long newest;
  private long oldest;

  /** So that a test can say that its run was not an empty one. */
  private int evictions;

  private int refusals;

  MempoolModel(long seed) {
    this.random = new SplittableRandom(seed);
  }

  void run(int steps) {
    for (int step = 0; step < steps; step++) {
      switch (random.nextInt(40)) {
        case 0, 1 -> connectABlock();
        case 2 -> disconnectABlock();
        case 3 -> moveTheTip();
        case 4 -> loseAPeer();
        default -> addOne();
      }
      compare();
    }
    assertThat(evictions).isGreaterThan(20);
    assertThat(refusals).isGreaterThan(20);
  }

  private void addOne() {
    Origin origin = randomOrigin();
    boolean again = !known.isEmpty() && random.nextInt(8) == 0;
    Transaction entry = again ? known.get(random.nextInt(known.size())) : newEntry();
    known.add(entry);
    assertThat(pool.add(entry, origin)).isEqualTo(expected(entry, origin));
  }

  /** A few are local; the first peers send much more than the others. */
  private Origin randomOrigin() {
    int number = random.nextInt(20);
    if (number == 0) {
      return Origin.LOCAL;
    }
    return new Origin.Peer(number < 8 ? 0 : random.nextInt(PEERS));
  }

  private Transaction newEntry() {
    boolean early = random.nextInt(10) == 0;
    return Blocks.transaction(
        AUTHORS.get(random.nextInt(AUTHORS.size())),
        "x".repeat(random.nextInt(80)) + known.size(),
        tip + (early ? 255 + random.nextInt(70) : random.nextInt(40)));
  }

  private AddTransactionResult expected(Transaction entry, Origin origin) {
    for (int i = 0; i < waiting.size(); i++) {
      Waiting same = waiting.get(i);
      if (same.transaction().id().equals(entry.id())) {
        if (origin.equals(Origin.LOCAL)) {
          waiting.set(i, new Waiting(same.transaction(), same.place(), origin));
        }
        return new AlreadyPending();
      }
    }
    if (entry.expiryHeight() <= tip) {
      return new Expired();
    }
    if (entry.expiryHeight() > tip + 1 + 256 + 64) {
      return new TooEarly(entry.expiryHeight() - 1 - 256 - 64);
    }
    return insert(new Waiting(entry, ++newest, origin));
  }

  private AddTransactionResult insert(Waiting newcomer) {
    List<Waiting> before = List.copyOf(waiting);
    List<Transaction> evicted = new ArrayList<>();
    waiting.add(newcomer);
    while (true) {
      Origin from;
      if (newcomer.origin() instanceof Origin.Peer && bytesOf(newcomer.origin()) > MAX_BYTES / 8) {
        from = newcomer.origin();
      } else if (bytes() > MAX_BYTES) {
        from = largest();
      } else {
        evictions += evicted.size();
        return new Added(evicted);
      }
      Waiting victim = from.equals(Origin.LOCAL) ? newcomer : firstToGo(from);
      waiting.remove(victim);
      if (victim.equals(newcomer)) {
        waiting.clear();
        waiting.addAll(before);
        refusals++;
        return new Full();
      }
      evicted.add(victim.transaction());
    }
  }

  /** The origin that gives way; local if there is no other. */
  private Origin largest() {
    return waiting.stream()
        .map(Waiting::origin)
        .filter(origin -> !origin.equals(Origin.LOCAL))
        .distinct()
        .max(
            comparingLong(this::bytesOf)
                .thenComparing(comparingLong(origin -> firstToGo(origin).place())))
        .orElse(Origin.LOCAL);
  }

  /** The newest of the author with the most bytes. */
  private Waiting firstToGo(Origin origin) {
    Map<PublicKey, Long> bytes = new LinkedHashMap<>();
    Map<PublicKey, Waiting> newestOf = new LinkedHashMap<>();
    for (Waiting entry : waiting) {
      if (entry.origin().equals(origin)) {
        PublicKey author = entry.transaction().author();
        bytes.merge(author, (long) entry.transaction().size(), Long::sum);
        newestOf.merge(author, entry, (a, b) -> a.place() > b.place() ? a : b);
      }
    }
    return newestOf.values().stream()
        .max(
            comparingLong((Waiting entry) -> bytes.get(entry.transaction().author()))
                .thenComparing(comparingLong(Waiting::place)))
        .orElseThrow();
  }

  private void connectABlock() {
    List<Transaction> selected = pool.selectForNextBlock(random.nextInt(1_000));
    assertThat(selected).isEqualTo(naiveSelection(selected));
    Block block = block(selected);
    assertThat(pool.connected(block)).hasSameSizeAs(selected);
    for (Waiting entry : List.copyOf(waiting)) {
      if (selected.contains(entry.transaction())) {
        waiting.remove(entry);
        if (entry.origin().equals(Origin.LOCAL)) {
          includedLocals.add(entry.transaction().id());
        }
      }
    }
    connected.add(block);
  }

  /** The oldest that the next height allows, in a room that just holds what was selected. */
  private List<Transaction> naiveSelection(List<Transaction> selected) {
    long room = selected.stream().mapToLong(Transaction::size).sum();
    List<Transaction> naive = new ArrayList<>();
    for (Waiting entry : waiting.stream().sorted(comparingLong(Waiting::place)).toList()) {
      Transaction transaction = entry.transaction();
      if (transaction.size() <= room && transaction.expiryHeight() <= tip + 1 + 256) {
        naive.add(transaction);
        room -= transaction.size();
      }
    }
    return naive;
  }

  private void disconnectABlock() {
    if (connected.isEmpty()) {
      return;
    }
    Block block = connected.remove(connected.size() - 1);
    List<TransactionId> elsewhere =
        block.transactions().stream()
            .map(Transaction::id)
            .filter(id -> random.nextInt(5) == 0)
            .toList();
    List<Waiting> before = List.copyOf(waiting);
    for (int i = block.transactions().size() - 1; i >= 0; i--) {
      Transaction entry = block.transactions().get(i);
      boolean waits = waiting.stream().anyMatch(w -> w.transaction().id().equals(entry.id()));
      if (!waits && !elsewhere.contains(entry.id()) && entry.expiryHeight() <= tip + 1 + 256 + 64) {
        boolean local = includedLocals.remove(entry.id());
        insert(new Waiting(entry, --oldest, local ? Origin.LOCAL : Origin.Common.GIVEN_BACK));
      }
    }

    GivenBack result = pool.disconnected(block, elsewhere::contains);

    assertThat(result.pending()).containsExactlyElementsOf(newOf(block, before));
    assertThat(result.evicted())
        .containsExactlyInAnyOrderElementsOf(
            before.stream()
                .filter(entry -> !waiting.contains(entry))
                .map(Waiting::transaction)
                .toList());
    pool.tipIs(tip).forEach(this::forgetExpired);
  }

  private List<Transaction> newOf(Block block, List<Waiting> before) {
    return block.transactions().stream()
        .filter(
            entry ->
                waiting.stream()
                    .anyMatch(w -> w.transaction().equals(entry) && !before.contains(w)))
        .toList();
  }

  private void moveTheTip() {
    tip = Math.max(LOWEST_TIP, tip + random.nextInt(-3, 6));
    pool.tipIs(tip).forEach(this::forgetExpired);
  }

  private void forgetExpired(Transaction entry) {
    assertThat(entry.expiryHeight()).isLessThanOrEqualTo(tip);
    assertThat(waiting.removeIf(w -> w.transaction().equals(entry))).isTrue();
  }

  private void loseAPeer() {
    Origin.Peer peer = new Origin.Peer(random.nextInt(PEERS));
    pool.peerGone(peer);
    waiting.replaceAll(
        entry ->
            entry.origin().equals(peer)
                ? new Waiting(entry.transaction(), entry.place(), Origin.Common.GONE_PEERS)
                : entry);
  }

  private List<Transaction> inParts(int size) {
    List<Transaction> all = new ArrayList<>();
    OptionalLong next = OptionalLong.of(Long.MIN_VALUE);
    while (next.isPresent()) {
      Mempool.Page page = pool.page(next.getAsLong(), size);
      assertThat(page.transactions()).hasSizeLessThanOrEqualTo(size);
      all.addAll(page.transactions());
      next = page.last();
    }
    return all;
  }

  private void compare() {
    List<Waiting> inOrder = waiting.stream().sorted(comparingLong(Waiting::place)).toList();
    assertThat(pool.ids())
        .isEqualTo(inOrder.stream().map(entry -> entry.transaction().id()).toList());
    assertThat(inParts(1 + random.nextInt(3)))
        .isEqualTo(inOrder.stream().map(Waiting::transaction).toList());
    assertThat(pool.size()).isEqualTo(waiting.size());
    assertThat(pool.bytes()).isEqualTo(bytes()).isLessThanOrEqualTo(MAX_BYTES);
    for (Origin origin : Origin.Common.values()) {
      assertThat(pool.bytesOf(origin)).isEqualTo(bytesOf(origin));
    }
    for (int peer = 0; peer < PEERS; peer++) {
      Origin origin = new Origin.Peer(peer);
      assertThat(pool.bytesOf(origin))
          .isEqualTo(bytesOf(origin))
          .isLessThanOrEqualTo(MAX_BYTES / 8);
    }
    assertThat(waiting).allMatch(entry -> entry.transaction().expiryHeight() > tip);
    assertThat(pool.hasSomethingForNextBlock())
        .isEqualTo(
            waiting.stream().anyMatch(entry -> entry.transaction().expiryHeight() <= tip + 257));
    for (Waiting entry : waiting) {
      assertThat(pool.byLeafPrefix(entry.transaction().leafPrefix())).contains(entry.transaction());
    }
  }

  private long bytes() {
    return waiting.stream().mapToLong(entry -> entry.transaction().size()).sum();
  }

  private long bytesOf(Origin origin) {
    return waiting.stream()
        .filter(entry -> entry.origin().equals(origin))
        .mapToLong(entry -> entry.transaction().size())
        .sum();
  }

  private static Block block(List<Transaction> transactions) {
    return Blocks.childOf(Blocks.genesis()).withTransactions(transactions).build();
  }
}
