package dev.dolmen.core.mempool;

import static com.google.common.base.Preconditions.checkState;
import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.Lists;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Transactions waiting to be included, oldest first, bounded in bytes. It follows the chain: what a
 * block includes leaves, what a reorganisation gives back returns, what can no longer be included
 * goes. One thread calls it. Rule: {@code docs/protocol.md#mempool}
 *
 * <p>The caller asks the chain whether a transaction is included already; the pool knows only what
 * is pending.
 */
public final class Mempool {

  /** Counted in canonical bytes; source of the figure: {@code docs/protocol.md#limits}. */
  public static final long MAX_BYTES = 64L * 1024 * 1024;

  private final NetworkParameters parameters;
  private final BlockRules rules;
  private final long maxBytes;
  private final Map<TransactionId, Pending> pending = new HashMap<>();

  /** What is pending by place: the smaller, the older. */
  private final TreeMap<Long, Transaction> inOrder = new TreeMap<>();

  private final TreeMap<Long, Map<TransactionId, Transaction>> byExpiry = new TreeMap<>();
  private long bytes;
  private long tipHeight;
  private long newestPlace;
  private long oldestPlace;

  private record Pending(Transaction transaction, long place) {}

  /** An empty pool above a tip, with the usual bound. */
  public Mempool(NetworkParameters parameters, long tipHeight) {
    this(parameters, tipHeight, MAX_BYTES);
  }

  /**
   * An empty pool above a tip.
   *
   * @param maxBytes how many canonical bytes it may hold
   */
  public Mempool(NetworkParameters parameters, long tipHeight, long maxBytes) {
    this.parameters = parameters;
    this.rules = new BlockRules(parameters);
    this.tipHeight = tipHeight;
    this.maxBytes = maxBytes;
  }

  /** Checks a transaction and keeps it if it may be included in one of the next blocks. */
  public AddTransactionResult add(Transaction transaction) {
    TransactionId id = transaction.id();
    if (pending.containsKey(id)) {
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
    if (bytes + transaction.size() > maxBytes) {
      return new AddTransactionResult.Full();
    }
    Optional<Violation> violation = rules.checkTransaction(transaction);
    if (violation.isPresent()) {
      return new AddTransactionResult.Rejected(violation.get());
    }
    insert(transaction, ++newestPlace);
    return new AddTransactionResult.Added();
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
   * @return those that wait now and did not before, in the block's order
   */
  public List<Transaction> disconnected(Block block) {
    List<Transaction> returned = new ArrayList<>();
    for (Transaction transaction : Lists.reverse(block.transactions())) {
      // Whether it has expired is for the new tip to say, which may be lower than the old one.
      boolean tooEarly = transaction.expiryHeight() - furthestExpiryAfterTip() > tipHeight;
      if (!tooEarly
          && !pending.containsKey(transaction.id())
          && bytes + transaction.size() <= maxBytes) {
        insert(transaction, --oldestPlace);
        returned.add(transaction);
      }
    }
    return Lists.reverse(returned);
  }

  /**
   * Lets go of what a block includes.
   *
   * @return ids that were pending
   */
  public List<TransactionId> connected(Block block) {
    return block.transactions().stream().map(Transaction::id).filter(this::forget).toList();
  }

  /**
   * Lets go of one transaction.
   *
   * @return whether it was pending
   */
  public boolean forget(TransactionId id) {
    Pending removed = pending.get(id);
    if (removed == null) {
      return false;
    }
    remove(removed.transaction());
    return true;
  }

  /**
   * Follows the tip, after {@link #disconnected} and {@link #connected}.
   *
   * @return those that have expired
   */
  public List<Transaction> tipIs(long height) {
    tipHeight = height;
    List<Transaction> expired = new ArrayList<>();
    byExpiry.headMap(height, true).values().forEach(same -> expired.addAll(same.values()));
    expired.forEach(this::remove);
    return expired;
  }

  private void insert(Transaction transaction, long place) {
    pending.put(transaction.id(), new Pending(transaction, place));
    inOrder.put(place, transaction);
    byExpiry
        .computeIfAbsent(transaction.expiryHeight(), height -> new LinkedHashMap<>())
        .put(transaction.id(), transaction);
    bytes += transaction.size();
  }

  private void remove(Transaction transaction) {
    Pending removed = verifyNotNull(pending.remove(transaction.id()));
    inOrder.remove(removed.place());
    Map<TransactionId, Transaction> sameExpiry =
        verifyNotNull(byExpiry.get(transaction.expiryHeight()));
    sameExpiry.remove(transaction.id());
    if (sameExpiry.isEmpty()) {
      byExpiry.remove(transaction.expiryHeight());
    }
    bytes -= transaction.size();
    checkState(bytes >= 0, "more bytes left the pool than entered it");
  }

  /**
   * What the next block may include, oldest first.
   *
   * @param maxBytes room for transactions, in canonical bytes
   */
  public List<Transaction> selectForNextBlock(long maxBytes) {
    List<Transaction> selected = new ArrayList<>();
    long room = maxBytes;
    for (Transaction transaction : inOrder.values()) {
      if (room < Transaction.MIN_BYTES) {
        break;
      }
      if (transaction.size() <= room && rules.checkExpiry(transaction, tipHeight + 1).isEmpty()) {
        selected.add(transaction);
        room -= transaction.size();
      }
    }
    return selected;
  }

  /** Whether the next block may include something. */
  public boolean hasSomethingForNextBlock() {
    return !byExpiry.isEmpty() && byExpiry.firstKey() <= tipHeight + 1 + parameters.expiryWindow();
  }

  /** A pending transaction. */
  public Optional<Transaction> get(TransactionId id) {
    return Optional.ofNullable(pending.get(id)).map(Pending::transaction);
  }

  /** Whether a transaction is pending. */
  public boolean contains(TransactionId id) {
    return pending.containsKey(id);
  }

  /** Ids of what is pending, oldest first. */
  public List<TransactionId> ids() {
    return inOrder.values().stream().map(Transaction::id).toList();
  }

  /** How many are pending. */
  public int size() {
    return pending.size();
  }

  /** Their canonical bytes. */
  public long bytes() {
    return bytes;
  }
}
