package dev.dolmen.core.mempool;

import dev.dolmen.core.block.Transaction;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is pending by the first eight bytes of its leaf. Of two with the same the older is found and
 * the younger is not, also once the older has left: somebody made them so on purpose, and who asks
 * must be prepared to find none.
 */
final class LeafIndex {
  private final Map<Long, Transaction> byPrefix = new HashMap<>();

  void add(long prefix, Transaction transaction) {
    byPrefix.putIfAbsent(prefix, transaction);
  }

  void remove(long prefix, Transaction transaction) {
    byPrefix.remove(prefix, transaction);
  }

  Optional<Transaction> find(long prefix) {
    return Optional.ofNullable(byPrefix.get(prefix));
  }
}
