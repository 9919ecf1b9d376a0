package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.dolmen.network.peers.LinkCondition;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.devnet.DevnetLink;
import dev.dolmen.node.devnet.DevnetNode;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code /devnet}: several nodes behind one server, and what can be done to them. */
final class DevnetEndpoints {

  private static final String UP = "up";
  private static final String DELAY = "delayMillis";
  private static final String LINK_EXAMPLE = "{\"up\": true, \"delayMillis\": 200}";
  private static final String NODE_EXAMPLE = "{\"up\": false}";

  private final Optional<Devnet> devnet;
  private final NodeWorkers workers;

  /** About this devnet; without one there are no nodes and no links. */
  DevnetEndpoints(Optional<Devnet> devnet, NodeWorkers workers) {
    this.devnet = devnet;
    this.workers = workers;
  }

  static String path(String name) {
    return "/devnet/nodes/" + URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }

  Reply nodes(Request request) {
    List<DevnetNode> nodes = devnet.map(there -> List.copyOf(there.nodes())).orElse(List.of());
    return Reply.json(
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("nodes");
          for (DevnetNode node : nodes) {
            writeNode(json, node);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  Reply links(Request request) {
    List<DevnetLink> links = devnet.map(there -> List.copyOf(there.links())).orElse(List.of());
    return Reply.json(
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("links");
          for (DevnetLink link : links) {
            writeLink(json, link);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  Reply node(Request request) throws ProblemException {
    DevnetNode node = named(there(), request.part("name"));
    return Reply.json(200, json -> writeNode(json, node));
  }

  Reply link(Request request) throws ProblemException {
    DevnetLink link = linkOf(there(), request);
    return Reply.json(200, json -> writeLink(json, link));
  }

  /** Stops or starts a node; that takes a moment, in which the loop goes on. */
  Future<Reply> changeNode(Request request) throws ProblemException {
    Devnet there = there();
    DevnetNode node = named(there, request.part("name"));
    boolean up =
        Json.fields(request.body(), Set.of(UP), Set.of(), NODE_EXAMPLE)
            .truth(UP)
            .orElseThrow(
                () ->
                    Problem.badRequest("'up' is missing; send " + NODE_EXAMPLE + " as the body")
                        .asException());
    return workers.work(
        () -> {
          if (up) {
            start(there, node);
          } else {
            there.stop(node.name());
          }
          return Reply.json(200, json -> writeNode(json, node));
        });
  }

  private static void start(Devnet there, DevnetNode node) throws ProblemException {
    try {
      there.start(node.name());
    } catch (IOException e) {
      throw Problem.of(409, node.name() + " stays stopped: " + e.getMessage()).asException();
    }
  }

  /** Cuts, heals or slows a link; what is not said stays as it is. */
  Future<Reply> changeLink(Request request) throws ProblemException {
    Devnet there = there();
    DevnetLink before = linkOf(there, request);
    Json.Fields fields = Json.fields(request.body(), Set.of(UP), Set.of(DELAY), LINK_EXAMPLE);
    Optional<Boolean> up = fields.truth(UP);
    OptionalLong delay = fields.number(DELAY);
    if (up.isEmpty() && delay.isEmpty()) {
      throw Problem.badRequest(
              "say 'up', 'delayMillis' or both; send " + LINK_EXAMPLE + " as the body")
          .asException();
    }
    long most = LinkCondition.MAX_DELAY.toMillis();
    if (delay.isPresent() && (delay.getAsLong() < 0 || delay.getAsLong() > most)) {
      throw Problem.badRequest("'delayMillis' must be a whole number from 0 to " + most)
          .asException();
    }
    return workers.work(
        () -> {
          there.change(
              before.a(),
              before.b(),
              condition ->
                  new LinkCondition(
                      up.orElse(condition.up()),
                      delay.isPresent()
                          ? Duration.ofMillis(delay.getAsLong())
                          : condition.delay()));
          DevnetLink after = there.link(before.a(), before.b()).orElse(before);
          return Reply.json(200, json -> writeLink(json, after));
        });
  }

  private Devnet there() throws ProblemException {
    return devnet.orElseThrow(
        () ->
            Problem.notFound("this server has one node and no devnet; 'dolmen devnet' starts one")
                .asException());
  }

  private static DevnetNode named(Devnet there, String name) throws ProblemException {
    return there
        .find(name)
        .orElseThrow(
            () ->
                Problem.notFound("there is no node of that name; GET /devnet/nodes lists them")
                    .asException());
  }

  private static DevnetLink linkOf(Devnet there, Request request) throws ProblemException {
    DevnetNode a = named(there, request.part("a"));
    DevnetNode b = named(there, request.part("b"));
    return there
        .link(a.name(), b.name())
        .orElseThrow(
            () ->
                Problem.notFound(
                        a.name()
                            + " and "
                            + b.name()
                            + " have no link in this devnet; GET /devnet/links lists those there"
                            + " are")
                    .asException());
  }

  private static void writeNode(JsonGenerator json, DevnetNode node) throws IOException {
    Optional<Dolmen> running = node.running();
    Optional<NodeView> view = running.map(Dolmen::view);
    json.writeStartObject();
    json.writeStringField("name", node.name());
    json.writeStringField("peerId", node.id().toString());
    json.writeStringField("listen", node.listenAddress().toString());
    json.writeStringField("api", path(node.name()) + "/v1");
    json.writeBooleanField("up", running.isPresent());
    json.writeNumberField("height", node.tip().height());
    json.writeStringField("hash", node.tip().hash().toHex());
    json.writeNumberField("pending", view.map(NodeView::mempoolTransactions).orElse(0));
    json.writeNumberField("peers", running.map(there -> there.peers().peers().size()).orElse(0));
    json.writeBooleanField("syncing", view.map(NodeView::syncing).orElse(false));
    json.writeEndObject();
  }

  private static void writeLink(JsonGenerator json, DevnetLink link) throws IOException {
    json.writeStartObject();
    json.writeStringField("a", link.a());
    json.writeStringField("b", link.b());
    json.writeBooleanField(UP, link.up());
    json.writeNumberField(DELAY, link.delay().toMillis());
    json.writeBooleanField("linked", link.linked());
    if (link.roundTrip().isPresent()) {
      json.writeNumberField("roundTripMicros", link.roundTrip().get().toNanos() / 1_000);
    } else {
      json.writeNullField("roundTripMicros");
    }
    json.writeEndObject();
  }
}
