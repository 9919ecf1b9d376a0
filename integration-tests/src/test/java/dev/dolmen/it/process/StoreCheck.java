package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Looks at all that a node left on disk, in a copy, so that the node itself has to recover it too:
 * every block follows the rules from genesis on, the tip has most work (I1), every index is right,
 * and what was acknowledged is there (I3).
 */
final class StoreCheck {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private StoreCheck() {}

  /**
   * Checks the chain below a node's data directory.
   *
   * @param scratch where the copy goes, deleted after
   * @param acknowledged entries that must be included, kept, or expired
   * @return height of the tip
   */
  static long check(Path dataDirectory, Path scratch, List<NodeProcess.Taken> acknowledged)
      throws IOException {
    Path copy = scratch.resolve("copy");
    copy(dataDirectory.resolve("chain"), copy);
    try (RocksBlockStore store = RocksBlockStore.open(copy, DEV)) {
      checkChain(store);
      checkAcknowledged(store, acknowledged);
      return store.tip().height();
    } finally {
      delete(copy);
    }
  }

  private static void checkChain(RocksBlockStore store) {
    Instant later = Instant.now().plus(Duration.ofHours(2));
    Chain fresh = new Chain(DEV, new MemoryBlockStore(DEV));
    List<BlockHash> order = store.hashesFrom(0, Integer.MAX_VALUE);
    assertThat(order).hasSize((int) store.tip().height() + 1);
    for (BlockHash hash : order.subList(1, order.size())) {
      Block block = store.block(hash).orElseThrow();
      assertThat(fresh.add(block, later)).isInstanceOf(AddBlockResult.Added.class);
      int index = 0;
      for (Transaction transaction : block.transactions()) {
        assertThat(store.locate(transaction.id()))
            .contains(new TransactionPlace(transaction.id(), block.height(), hash, index++));
      }
    }
    assertThat(store.tip()).isEqualTo(fresh.tip());
    List<SideBlock> side = new ArrayList<>(store.sideBlocks());
    side.sort(
        (a, b) ->
            Long.compare(
                store.header(a.hash()).orElseThrow().height(),
                store.header(b.hash()).orElseThrow().height()));
    for (SideBlock aside : side) {
      Block block = store.block(aside.hash()).orElseThrow();
      assertThat(block.size()).isEqualTo(aside.size());
      assertThat(fresh.add(block, later, Standing.PROVED_HEAVIER))
          .isInstanceOf(AddBlockResult.Added.class);
      assertThat(store.hashAt(block.height())).isNotEqualTo(Optional.of(aside.hash()));
    }
    assertThat(store.tip().totalWork()).as("most work").isEqualTo(fresh.tip().totalWork());
  }

  private static void checkAcknowledged(
      RocksBlockStore store, List<NodeProcess.Taken> acknowledged) {
    Set<TransactionId> kept = new HashSet<>();
    store.forEachKept(own -> kept.add(own.id()));
    for (NodeProcess.Taken entry : acknowledged) {
      TransactionId id = TransactionId.parseHex(entry.id()).orElseThrow();
      boolean hasExpired = store.tip().height() >= entry.expiryHeight();
      assertThat(hasExpired || kept.contains(id) || store.locate(id).isPresent())
          .as("%s", entry)
          .isTrue();
    }
  }

  /** Copies a directory as it is at this moment. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** Deletes a directory, if it is there. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
