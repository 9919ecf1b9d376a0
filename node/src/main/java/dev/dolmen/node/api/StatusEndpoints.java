package dev.dolmen.node.api;

import dev.dolmen.node.Dolmen;
import dev.dolmen.node.NodeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code /v1/status}, {@code /v1/network}, {@code /v1/config} and {@code /health}: how a node is,
 * at once.
 */
final class StatusEndpoints {

  private final List<ServedNode> nodes;
  private final String version;

  /**
   * About these nodes as far as they run; all but {@code health} are about the first, which must.
   */
  StatusEndpoints(List<ServedNode> nodes, String version) {
    this.nodes = List.copyOf(nodes);
    this.version = version;
  }

  Reply status(Request request) {
    return Reply.json(200, Documents.status(first().status(), version));
  }

  Reply network(Request request) {
    return Reply.json(200, Documents.network(first().network()));
  }

  /** What the node runs with, and why. */
  Reply config(Request request) {
    return Reply.json(200, Documents.settings(first().settings()));
  }

  /** Whether the process should be left alone: 503 means that starting it again is the only way. */
  Reply live(Request request) {
    return health("live", stopped());
  }

  /** Whether requests are worth sending here now. */
  Reply ready(Request request) {
    List<String> reasons = new ArrayList<>(stopped());
    for (Dolmen node : running()) {
      NodeView view = node.view();
      if (view.diskIsFull()) {
        reasons.add(node.name() + " waits for " + view.waitingFor().orElse("room on disk"));
      } else if (view.syncing()) {
        reasons.add(
            node.name()
                + " is catching up, from height "
                + view.tip().height()
                + view.waitingFor().map(what -> ": waits for " + what).orElse(""));
      }
    }
    return health("ready", reasons);
  }

  private Dolmen first() {
    return nodes
        .get(0)
        .running()
        .get()
        .orElseThrow(() -> new IllegalStateException("asked of a node that does not run"));
  }

  /** A node of a devnet that somebody stopped is not ill. */
  private List<Dolmen> running() {
    return nodes.stream().flatMap(node -> node.running().get().stream()).toList();
  }

  private List<String> stopped() {
    return running().stream()
        .filter(node -> node.ended().isDone())
        .map(node -> node.name() + " has stopped; its log says why")
        .toList();
  }

  private static Reply health(String healthy, List<String> reasons) {
    return reasons.isEmpty()
        ? Reply.json(200, Documents.reasons(Optional.of(healthy), reasons))
        : Problem.unavailable("not " + healthy + ": " + String.join("; ", reasons))
            .with(Documents.reasons(Optional.empty(), reasons))
            .toReply();
  }
}
