package dev.dolmen.node.mining;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.core.mining.NonceSearch;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that search a nonce, one search at a time: a new block to search for ends the old search.
 * One core is left to everything else where there are several. The threads start with the first
 * search. {@link #mine} and {@link #close} are called by one thread.
 */
public final class Miner implements AutoCloseable {

  private final String name;
  private final Consumer<Block> found;
  private final int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

  /** Number of the search that counts; a thread whose search has another number stops. */
  private final AtomicLong current = new AtomicLong();

  private @Nullable ExecutorService executor;

  /**
   * A miner at rest.
   *
   * @param found told each finished block, on a mining thread
   */
  public Miner(String name, Consumer<Block> found) {
    this.name = name;
    this.found = found;
  }

  /** Searches a nonce for this block from now on. */
  public void mine(BlockTemplate template) {
    if (executor == null) {
      executor = Executors.newFixedThreadPool(threads, this::thread);
    }
    long search = current.incrementAndGet();
    // Nodes with the same entries start apart, so that they do not all find the same nonce.
    long start = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2);
    List<NonceSearch.Range> ranges =
        NonceSearch.split(new NonceSearch.Range(start, Long.MAX_VALUE / 2), threads);
    for (NonceSearch.Range range : ranges) {
      executor.execute(() -> search(template, range, search));
    }
  }

  private void search(BlockTemplate template, NonceSearch.Range range, long search) {
    OptionalLong nonce =
        new NonceSearch(template.header()).search(range, () -> current.get() != search);
    if (nonce.isPresent() && current.compareAndSet(search, search + 1)) {
      found.accept(template.withNonce(nonce.getAsLong()));
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dolmen-miner-" + name);
    return thread;
  }

  /** Ends the search and its threads, without waiting. */
  @Override
  public void close() {
    current.incrementAndGet();
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
