package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.node.follow.BlockListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * What the chain says of shipments. It is told block after block on one thread, and others ask it,
 * hence the lock. What a reorganisation undoes is taken out again.
 */
final class ShipmentIndex implements BlockListener {

  private final NavigableMap<Long, List<String>> byHeight = new TreeMap<>();
  private final Map<Long, CompletableFuture<Void>> awaited = new TreeMap<>();

  @Override
  public synchronized void connected(Block block) {
    List<String> entries = new ArrayList<>();
    for (Transaction transaction : block.transactions()) {
      entries.add(new String(transaction.payload().toByteArray(), UTF_8));
    }
    byHeight.put(block.height(), entries);
    CompletableFuture<Void> reached = awaited.remove(block.height());
    if (reached != null) {
      reached.complete(null);
    }
  }

  @Override
  public synchronized void disconnected(Block block) {
    byHeight.remove(block.height());
  }

  /** Done once the block at this height has been told. */
  synchronized CompletableFuture<Void> reached(long height) {
    return byHeight.containsKey(height)
        ? CompletableFuture.completedFuture(null)
        : awaited.computeIfAbsent(height, unknown -> new CompletableFuture<>());
  }

  /** All entries, in the chain's order. */
  synchronized List<String> sent() {
    return byHeight.values().stream().flatMap(List::stream).toList();
  }
}
