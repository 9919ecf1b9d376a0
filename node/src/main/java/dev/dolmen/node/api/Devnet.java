package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.node.Dolmen;
import java.net.URLEncoder;
import java.util.List;

/** {@code /devnet}: several nodes behind one server, each under its name. */
final class Devnet {

  private Devnet() {}

  static String path(String name) {
    return "/devnet/nodes/" + URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }

  static Reply list(List<Dolmen> nodes) {
    return Reply.json(
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("nodes");
          for (Dolmen node : nodes) {
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
