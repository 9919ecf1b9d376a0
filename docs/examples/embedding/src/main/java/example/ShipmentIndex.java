package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.node.follow.BlockListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What the chain says of shipments. It is told block after block on one thread, and others ask it,
 * hence the lock. What a reorganisation undoes is taken out again; that is always the last one, so
 * the order stays the chain's.
 */
final class ShipmentIndex implements BlockListener {

  private final Map<BlockHash, List<String>> entries = new LinkedHashMap<>();
  private final Map<BlockHash, CompletableFuture<Void>> awaited = new HashMap<>();

  @Override
  public synchronized void connected(Block block) {
    List<String> payloads = new ArrayList<>();
    for (Transaction transaction : block.transactions()) {
      payloads.add(new String(transaction.payload().toByteArray(), UTF_8));
    }
    entries.put(block.hash(), payloads);
    CompletableFuture<Void> told = awaited.remove(block.hash());
    if (told != null) {
      told.complete(null);
    }
  }

  @Override
  public synchronized void disconnected(Block block) {
    entries.remove(block.hash());
  }

  /** Done once this block has been told. */
  synchronized CompletableFuture<Void> told(BlockHash block) {
    return entries.containsKey(block)
        ? CompletableFuture.completedFuture(null)
        : awaited.computeIfAbsent(block, unknown -> new CompletableFuture<>());
  }

  /** All entries, in the chain's order. */
  synchronized List<String> sent() {
    return entries.values().stream().flatMap(List::stream).toList();
  }
}
