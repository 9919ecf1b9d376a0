package dev.dolmen.core.mempool;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.Iterators;
import com.google.common.collect.Lists;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Transactions waiting to be included, oldest first, bounded in bytes. It follows the chain: what a
 * block includes leaves, what a reorganisation gives back returns, what can no longer be included
 * goes. One thread calls it. Rule: {@code docs/protocol.md#mempool}
 *
 * <p>Room is shared fairly: a connected peer has at most an eighth of it, and when there is none
 * left, whoever has the most gives way. What this node's own users gave never does.
 *
 * <p>The caller asks the chain whether a transaction is included already; the pool knows only what
 * is pending.
 */
public final class Mempool {

  /** Counted in canonical bytes; source of the figure: {@code docs/protocol.md#limits}. */
  public static final long MAX_BYTES = 64L * 1024 * 1024;

  /** A connected peer may fill one of so many equal parts of the pool. */
  public static final int PEER_SHARES = 8;

  /**
   * Included transactions that were given by this node's own users are remembered, the newest so
   * many, so that they are pinned again if a reorganisation gives them back; some 100 bytes each.
   */
  static final int MAX_INCLUDED_LOCALS = 10_000;

  /**
   * A block is as full as it gets when so many in a row did not fit into what room is left: looking
   * through the whole pool for one that does would cost more than it earns.
   */
  static final int MAX_MISFITS_IN_A_ROW = 1_000;

  private final NetworkParameters parameters;
  private final BlockRules rules;
  private final VerifiedSignatures verified;
  private final long maxBytes;

  private final Map<TransactionId, Pending> pending = new HashMap<>();
  private final LeafIndex byLeaf = new LeafIndex();
  private final Shares shares = new Shares();

  /** What the next block may include, oldest first. */
  private final TreeMap<Long, Pending> ripe = new TreeMap<>();

  /** What only a later block may include, oldest first. */
  private final TreeMap<Long, Pending> unripe = new TreeMap<>();

  /** All that is pending; there are no more heights than a transaction may live. */
  private final TreeMap<Long, Set<Pending>> byExpiry = new TreeMap<>();

  /** Oldest first. */
  private final Set<TransactionId> includedLocals = new LinkedHashSet<>();

  private long bytes;
  private long tipHeight;
  private long newestPlace;
  private long oldestPlace;

  /** An empty pool above a tip, with the usual bound. */
  public Mempool(NetworkParameters parameters, long tipHeight) {
    this(parameters, tipHeight, new VerifiedSignatures());
  }

  /**
   * The same.
   *
   * @param verified signatures that need not be verified again, shared with the chain that the same
   *     thread owns
   */
  public Mempool(NetworkParameters parameters, long tipHeight, VerifiedSignatures verified) {
    this(parameters, tipHeight, verified, MAX_BYTES);
  }

  /**
   * The same.
   *
   * @param maxBytes how many canonical bytes it may hold
   */
  public Mempool(
      NetworkParameters parameters, long tipHeight, VerifiedSignatures verified, long maxBytes) {
    this.parameters = parameters;
    this.rules = new BlockRules(parameters);
    this.verified = verified;
    this.tipHeight = tipHeight;
    this.maxBytes = maxBytes;
  }

  /**
   * Checks a transaction and keeps it if it may be included in one of the next blocks. One that
   * waits already and is given by this node's own users is pinned from now on.
   */
  public AddTransactionResult add(Transaction transaction, Origin origin) {
    Pending known = pending.get(transaction.id());
    if (known != null) {
      if (origin.equals(Origin.LOCAL)) {
        pin(known);
      }
      return new AddTransactionResult.AlreadyPending();
    }
    if (transaction.expiryHeight() <= tipHeight) {
      return new AddTransactionResult.Expired();
    }
    long earliestTip = transaction.expiryHeight() - furthestExpiryAfterTip();
    if (tipHeight < earliestTip) {
      return new AddTransactionResult.TooEarly(earliestTip);
    }
    if (transaction.size() > parameters.largestBlock() - BlockHeader.BYTES) {
      return new AddTransactionResult.Rejected(Violation.BLOCK_TOO_LARGE);
    }
    Pending newcomer = new Pending(transaction, ++newestPlace, origin);
    Optional<List<Pending>> evicted = makeRoomAndInsert(newcomer);
    if (evicted.isEmpty()) {
      return new AddTransactionResult.Full();
    }
    // Last, since it costs the most.
    Optional<Violation> violation = rules.checkTransaction(transaction, verified);
    if (violation.isPresent()) {
      remove(newcomer);
      evicted.get().forEach(this::insert);
      return new AddTransactionResult.Rejected(violation.get());
    }
    return new AddTransactionResult.Added(transactionsOf(evicted.get()));
  }

  /**
   * Takes back what this node's own users gave before a restart. It was checked then, and has been
   * in the node's own store since.
   *
   * @param included whether the best chain holds it: then it is pinned if it comes back
   */
  public void restore(Transaction own, boolean included) {
    if (included) {
      rememberIncludedLocal(own.id());
    } else if (own.expiryHeight() > tipHeight && !pending.containsKey(own.id())) {
      makeRoomAndInsert(new Pending(own, ++newestPlace, Origin.LOCAL));
    }
  }

  private void pin(Pending entry) {
    shares.remove(entry);
    entry.countFor(Origin.LOCAL);
    shares.add(entry);
  }

  private long furthestExpiryAfterTip() {
    return 1 + parameters.expiryWindow() + parameters.earlyBy();
  }

  /**
   * Takes the transactions of a block that is not, or no longer, on the best chain, where they may
   * still be included. They are older than all that wait, and keep the order they had. Blocks that
   * leave the best chain come newest first, and before {@link #connected} for those that replace
   * them; {@link #tipIs} follows in any case, and drops what has expired.
   *
   * @param block one that the chain has checked in full
   * @param included what the best chain holds now, which need not wait
   */
  public GivenBack disconnected(Block block, Predicate<TransactionId> included) {
    List<Pending> returned = new ArrayList<>();
    List<Pending> evicted = new ArrayList<>();
    for (Transaction transaction : Lists.reverse(block.transactions())) {
      // Whether it has expired is for the new tip to say, which may be lower than the old one.
      boolean tooEarly = transaction.expiryHeight() - furthestExpiryAfterTip() > tipHeight;
      TransactionId id = transaction.id();
      if (!tooEarly && !pending.containsKey(id) && !included.test(id)) {
        Origin origin = includedLocals.remove(id) ? Origin.LOCAL : Origin.Common.GIVEN_BACK;
        Pending entry = new Pending(transaction, --oldestPlace, origin);
        makeRoomAndInsert(entry)
            .ifPresent(
                madeRoom -> {
                  returned.add(entry);
                  evicted.addAll(madeRoom);
                });
      }
    }
    // One that came back may have made room for the next.
    List<Pending> waited = evicted.stream().filter(entry -> !returned.remove(entry)).toList();
    return new GivenBack(transactionsOf(Lists.reverse(returned)), transactionsOf(waited));
  }

  /**
   * Lets go of what a block includes.
   *
   * @return ids that were pending
   */
  public List<TransactionId> connected(Block block) {
    List<TransactionId> included = new ArrayList<>();
    for (Transaction transaction : block.transactions()) {
      Pending entry = pending.get(transaction.id());
      if (entry != null) {
        remove(entry);
        included.add(entry.id());
        if (entry.origin().equals(Origin.LOCAL)) {
          rememberIncludedLocal(entry.id());
        }
      }
    }
    return included;
  }

  private void rememberIncludedLocal(TransactionId id) {
    if (includedLocals.size() == MAX_INCLUDED_LOCALS) {
      includedLocals.remove(includedLocals.iterator().next());
    }
    includedLocals.add(id);
  }

  /**
   * Follows the tip, after {@link #disconnected} and {@link #connected}.
   *
   * @return those that have expired
   */
  public List<Transaction> tipIs(long height) {
    long ripeBefore = furthestRipeExpiry();
    tipHeight = height;
    long ripeNow = furthestRipeExpiry();
    if (ripeBefore < ripeNow) {
      move(byExpiry.subMap(ripeBefore, false, ripeNow, true), unripe, ripe);
    } else {
      move(byExpiry.subMap(ripeNow, false, ripeBefore, true), ripe, unripe);
    }
    List<Pending> expired = new ArrayList<>();
    byExpiry.headMap(height, true).values().forEach(expired::addAll);
    expired.forEach(this::remove);
    return transactionsOf(expired);
  }

  private static void move(
      Map<Long, Set<Pending>> entries, Map<Long, Pending> from, Map<Long, Pending> into) {
    for (Set<Pending> sameExpiry : entries.values()) {
      for (Pending entry : sameExpiry) {
        from.remove(entry.place());
        into.put(entry.place(), entry);
      }
    }
  }

  /** The furthest expiry that the next block may include. */
  private long furthestRipeExpiry() {
    return tipHeight + 1 + parameters.expiryWindow();
  }

  /**
   * A peer is gone. What it sent stays, and counts in one share with what other peers sent that are
   * gone.
   */
  public void peerGone(Origin.Peer peer) {
    shares.merge(peer, Origin.Common.GONE_PEERS);
  }

  /**
   * Inserts a transaction, then lets give way whoever has too much.
   *
   * @return those that gave way; empty if the newcomer itself would have to, and nothing has
   *     changed
   */
  private Optional<List<Pending>> makeRoomAndInsert(Pending newcomer) {
    List<Pending> evicted = new ArrayList<>();
    insert(newcomer);
    while (true) {
      Optional<Pending> next;
      if (isOverItsShare(newcomer.origin())) {
        next = shares.nextOf(newcomer.origin());
      } else if (bytes > maxBytes) {
        next = shares.next();
      } else {
        return Optional.of(evicted);
      }
      Pending givesWay = next.orElse(newcomer); // If all else is local.
      remove(givesWay);
      if (givesWay == newcomer) {
        evicted.forEach(this::insert);
        return Optional.empty();
      }
      evicted.add(givesWay);
    }
  }

  private boolean isOverItsShare(Origin origin) {
    return origin instanceof Origin.Peer && shares.bytesOf(origin) > maxBytes / PEER_SHARES;
  }

  private void insert(Pending entry) {
    Transaction transaction = entry.transaction();
    pending.put(entry.id(), entry);
    byLeaf.add(transaction.leafPrefix(), transaction);
    shares.add(entry);
    byExpiry
        .computeIfAbsent(transaction.expiryHeight(), height -> new LinkedHashSet<>())
        .add(entry);
    waitingWith(transaction).put(entry.place(), entry);
    bytes += entry.size();
  }

  private void remove(Pending entry) {
    Transaction transaction = entry.transaction();
    verifyNotNull(pending.remove(entry.id()));
    byLeaf.remove(transaction.leafPrefix(), transaction);
    shares.remove(entry);
    Set<Pending> sameExpiry = verifyNotNull(byExpiry.get(transaction.expiryHeight()));
    sameExpiry.remove(entry);
    if (sameExpiry.isEmpty()) {
      byExpiry.remove(transaction.expiryHeight());
    }
    waitingWith(transaction).remove(entry.place());
    bytes -= entry.size();
    checkState(bytes >= 0, "more bytes left the pool than entered it");
  }

  private Map<Long, Pending> waitingWith(Transaction transaction) {
    return transaction.expiryHeight() <= furthestRipeExpiry() ? ripe : unripe;
  }

  /**
   * What the next block may include, oldest first. It looks at little more than it selects.
   *
   * @param maxBytes room for transactions, in canonical bytes
   */
  public List<Transaction> selectForNextBlock(long maxBytes) {
    List<Transaction> selected = new ArrayList<>();
    long room = maxBytes;
    int misfits = 0;
    Iterator<Pending> oldestFirst = ripe.values().iterator();
    while (room >= Transaction.MIN_BYTES
        && misfits < MAX_MISFITS_IN_A_ROW
        && oldestFirst.hasNext()) {
      Pending entry = oldestFirst.next();
      if (entry.size() <= room) {
        selected.add(entry.transaction());
        room -= entry.size();
        misfits = 0;
      } else {
        misfits++;
      }
    }
    return selected;
  }

  /** Whether the next block may include something. */
  public boolean hasSomethingForNextBlock() {
    return !ripe.isEmpty();
  }

  /** A pending transaction. */
  public Optional<Transaction> get(TransactionId id) {
    return Optional.ofNullable(pending.get(id)).map(Pending::transaction);
  }

  /**
   * The pending transaction whose {@link Transaction#leafPrefix} this is. Whoever asks guesses: it
   * may be another than the one that is meant, and of two with the same prefix the younger is not
   * found.
   */
  public Optional<Transaction> byLeafPrefix(long prefix) {
    return byLeaf.find(prefix);
  }

  /** Whether a transaction is pending. */
  public boolean contains(TransactionId id) {
    return pending.containsKey(id);
  }

  /** Whether a pending transaction is pinned, since this node's own users gave it. */
  public boolean isOwn(TransactionId id) {
    Pending entry = pending.get(id);
    return entry != null && entry.origin().equals(Origin.LOCAL);
  }

  /** Ids of what is pending, oldest first. */
  public List<TransactionId> ids() {
    List<TransactionId> ids = new ArrayList<>(size());
    oldestFirst(ripe, unripe).forEachRemaining(entry -> ids.add(entry.id()));
    return ids;
  }

  /**
   * Ids of the youngest of those, oldest first. It looks at no others.
   *
   * @param most how many at most
   */
  public List<TransactionId> newest(int most) {
    Iterator<Pending> youngestFirst =
        Iterators.mergeSorted(
            List.of(
                ripe.descendingMap().values().iterator(),
                unripe.descendingMap().values().iterator()),
            Comparator.comparingLong(Pending::place).reversed());
    List<TransactionId> ids = new ArrayList<>();
    Iterators.limit(youngestFirst, most).forEachRemaining(entry -> ids.add(entry.id()));
    return Lists.reverse(ids);
  }

  private static Iterator<Pending> oldestFirst(Map<Long, Pending> some, Map<Long, Pending> others) {
    return Iterators.mergeSorted(
        List.of(some.values().iterator(), others.values().iterator()),
        Comparator.comparingLong(Pending::place));
  }

  /**
   * Some of what is pending.
   *
   * @param transactions oldest first
   * @param last where this part of the list ends, to go on from with {@link Mempool#page}, also
   *     when that transaction has left since; empty if nothing younger waits
   */
  public record Page(List<Transaction> transactions, OptionalLong last) {
    public Page {
      transactions = List.copyOf(transactions);
    }
  }

  /**
   * What is pending, part by part; costs what the part costs, however full the pool is. What comes
   * or goes between two calls is told if it is younger than where the first ended.
   *
   * @param after where the part before ended; {@link Long#MIN_VALUE} for the first
   * @param limit how many at most, above 0
   */
  public Page page(long after, int limit) {
    checkArgument(limit > 0, "a part of the pool has at least one entry, not %s", limit);
    Iterator<Pending> younger =
        oldestFirst(ripe.tailMap(after, false), unripe.tailMap(after, false));
    List<Transaction> transactions = new ArrayList<>();
    long last = after;
    while (younger.hasNext() && transactions.size() < limit) {
      Pending entry = younger.next();
      transactions.add(entry.transaction());
      last = entry.place();
    }
    return new Page(transactions, younger.hasNext() ? OptionalLong.of(last) : OptionalLong.empty());
  }

  /** How many are pending. */
  public int size() {
    return pending.size();
  }

  /** Their canonical bytes. */
  public long bytes() {
    return bytes;
  }

  /** Canonical bytes of what is pending from there. */
  public long bytesOf(Origin origin) {
    return shares.bytesOf(origin);
  }

  private static List<Transaction> transactionsOf(List<Pending> entries) {
    return entries.stream().map(Pending::transaction).toList();
  }
}
