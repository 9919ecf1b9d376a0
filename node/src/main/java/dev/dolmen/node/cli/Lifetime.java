package dev.dolmen.node.cli;

import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What a process that was asked to run nodes does after it has started them: nothing, until it is
 * told to stop or a node's disk fails.
 */
final class Lifetime {

  private final List<Dolmen> nodes;
  private final ApiServer api;

  Lifetime(List<Dolmen> nodes, ApiServer api) {
    this.nodes = List.copyOf(nodes);
    this.api = api;
  }

  /**
   * Waits for the end. When the JVM is told to stop, nodes are closed cleanly before it does.
   *
   * @throws CommandFailure if a node ended by itself
   */
  int await() throws CommandFailure {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "dolmen-stop"));
    CompletableFuture<Object> firstToEnd =
        CompletableFuture.anyOf(
            nodes.stream().map(Dolmen::ended).toArray(CompletableFuture<?>[]::new));
    try {
      firstToEnd.get();
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

  private void close() {
    api.close();
    nodes.forEach(Dolmen::close);
  }
}
