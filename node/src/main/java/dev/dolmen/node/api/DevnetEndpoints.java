package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.devnet.DevnetNode;
import java.net.URLEncoder;
import java.util.List;
import java.util.Optional;

/** {@code /devnet}: several nodes behind one server, each under its name. */
final class DevnetEndpoints {

  private final List<DevnetNode> nodes;

  /** About this devnet; without one, there are no nodes. */
  DevnetEndpoints(Optional<Devnet> devnet) {
    this.nodes = devnet.map(there -> List.copyOf(there.nodes())).orElse(List.of());
  }

  static String path(String name) {
    return "/devnet/nodes/" + URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }

  Reply nodes(Request request) {
    return Reply.json(
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("nodes");
          for (DevnetNode node : nodes) {
            json.writeStartObject();
            json.writeStringField("name", node.name());
            json.writeStringField("peerId", node.id().toString());
            json.writeStringField("listen", node.listenAddress().toString());
            json.writeStringField("api", path(node.name()) + "/v1");
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
