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

  private final List<Dolmen> nodes;
  private final String version;

  /** About these nodes; all but {@code health} are about the first. */
  StatusEndpoints(List<Dolmen> nodes, String version) {
    this.nodes = List.copyOf(nodes);
    this.version = version;
  }

  Reply status(Request request) {
    return Reply.json(200, Documents.status(nodes.get(0).status(), version));
  }

  Reply network(Request request) {
    return Reply.json(200, Documents.network(nodes.get(0).network()));
  }

  /** What the node runs with, and why. */
  Reply config(Request request) {
    return Reply.json(200, Documents.settings(nodes.get(0).settings()));
  }

  /** Whether the process should be left alone: 503 means that starting it again is the only way. */
  Reply live(Request request) {
    return health("live", stopped());
  }

  /** Whether requests are worth sending here now. */
  Reply ready(Request request) {
    List<String> reasons = new ArrayList<>(stopped());
    for (Dolmen node : nodes) {
      NodeView view = node.view();
      if (view.syncing()) {
        reasons.add(
            node.name()
                + " is catching up, from height "
                + view.tip().height()
                + view.waitingFor().map(what -> ": waits for " + what).orElse(""));
      }
    }
    return health("ready", reasons);
  }

  private List<String> stopped() {
    return nodes.stream()
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
