package dev.dolmen.node.cli;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.dolmen.node.api.ApiServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * What a process that was asked to run nodes does after it has started them: nothing, until it is
 * told to stop or a node's disk fails.
 */
final class Lifetime {

  /** Often enough for a line that people watch. */
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  private final CompletableFuture<Void> ended;
  private final Runnable closeNodes;
  private final ApiServer api;

  /**
   * @param ended done when the nodes have stopped, exceptionally if one did so by itself
   * @param closeNodes stops them, and waits for that
   */
  Lifetime(CompletableFuture<Void> ended, Runnable closeNodes, ApiServer api) {
    this.ended = ended;
    this.closeNodes = closeNodes;
    this.api = api;
  }

  /**
   * Waits for the end. When the JVM is told to stop, nodes are closed cleanly before it does.
   *
   * @param meanwhile done now and then while nothing happens, if anything is
   * @throws CommandFailure if a node ended by itself
   */
  int await(Optional<Runnable> meanwhile) throws CommandFailure {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "dolmen-stop"));
    try {
      if (meanwhile.isPresent()) {
        while (!hasEnded()) {
          meanwhile.get().run();
        }
      }
      ended.get();
      return ExitCode.YES;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandFailure(
          ExitCode.NO, "the node stopped by itself: " + cause.getMessage(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.NO, "interrupted", e);
    }
  }

  private boolean hasEnded() throws ExecutionException, InterruptedException {
    try {
      ended.get(LOOK_INTERVAL.toMillis(), MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }

  private void close() {
    api.close();
    closeNodes.run();
  }
}
