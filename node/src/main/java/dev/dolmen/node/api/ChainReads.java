package dev.dolmen.node.api;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.node.NodeRunner;
import dev.dolmen.node.NodeUnavailableException;
import dev.dolmen.node.NodeView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks at the chain as it was last synced to disk, from a worker. The store may be ahead of that;
 * what lies above the synced tip is not shown, and when a reorganisation replaced that tip while we
 * looked, we wait until it is synced and look again.
 */
final class ChainReads {

  /** Several reorganisations in the time of one look are a node in trouble. */
  private static final int MAX_LOOKS = 5;

  private final NodeRunner runner;

  ChainReads(NodeRunner runner) {
    this.runner = runner;
  }

  /** What one look sees. */
  record Look(NodeView view, BlockReader reader) {

    long tipHeight() {
      return view.tip().height();
    }

    /** A block of the best chain. */
    Optional<Block> blockAt(long height) {
      return height > tipHeight() ? Optional.empty() : reader.hashAt(height).flatMap(reader::block);
    }

    boolean isOnBestChain(long height, BlockHash hash) {
      return height <= tipHeight() && reader.hashAt(height).equals(Optional.of(hash));
    }

    /** How many blocks of the best chain stand on this height, its own counted. */
    long confirmations(long height) {
      return tipHeight() - height + 1;
    }
  }

  /** Finds something in the chain. */
  interface Reading<T> {
    T read(Look look);
  }

  /**
   * Reads; must be called on a worker, since it waits for the disk.
   *
   * @throws ProblemException if the chain does not hold still
   * @throws NodeUnavailableException if the node has stopped
   */
  <T> T read(Reading<T> reading) throws ProblemException, NodeUnavailableException {
    for (int looks = 0; looks < MAX_LOOKS; looks++) {
      NodeView view = runner.view();
      Look look = new Look(view, runner.reader());
      T seen = reading.read(look);
      if (look.isOnBestChain(view.tip().height(), view.tip().hash())) {
        return seen;
      }
      awaitSync();
    }
    throw Problem.unavailable("the chain is being reorganised; ask again in a second")
        .asException();
  }

  private void awaitSync() throws ProblemException, NodeUnavailableException {
    CompletableFuture<Boolean> synced = runner.look(node -> true);
    try {
      Uninterruptibles.getUninterruptibly(
          synced, HttpLimits.ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw Problem.unavailable("the node is busy; ask again in a second").asException();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NodeUnavailableException stopped) {
        throw stopped;
      }
      throw new IllegalStateException("looking at nothing cannot fail", e);
    }
  }
}
