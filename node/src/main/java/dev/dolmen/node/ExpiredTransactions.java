package dev.dolmen.node;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Transactions that expired while they were pending here, so that who asks is told; the oldest go
 * first.
 */
final class ExpiredTransactions {

  /** A few thousand small entries. */
  static final long MAX_BYTES = 4L * 1024 * 1024;

  private final Map<TransactionId, Transaction> expired = new LinkedHashMap<>();
  private long bytes;

  void add(Transaction transaction) {
    if (expired.put(transaction.id(), transaction) == null) {
      bytes += transaction.size();
    }
    Iterator<Transaction> oldest = expired.values().iterator();
    while (bytes > MAX_BYTES) {
      bytes -= oldest.next().size();
      oldest.remove();
    }
  }

  Optional<Transaction> get(TransactionId id) {
    return Optional.ofNullable(expired.get(id));
  }
}
