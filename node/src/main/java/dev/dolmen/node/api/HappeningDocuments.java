package dev.dolmen.node.api;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.devnet.Chronicle;
import dev.dolmen.node.devnet.Happening;

/** What happens in a devnet, as JSON. Rule: docs/api.md#devnet */
final class HappeningDocuments {

  private HappeningDocuments() {}

  /** The name of the event that tells it. */
  static String event(Happening happening) {
    return told(happening).name;
  }

  /** What it is, with the time at which it happened. */
  static Json.Content of(Chronicle.Numbered numbered) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("time", numbered.timeMillis());
      told(numbered.happening()).fields.writeTo(json);
      json.writeEndObject();
    };
  }

  /** So much was forgotten before it could be told. */
  static Json.Content gap(long missed) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("missed", missed);
      json.writeEndObject();
    };
  }

  private static Told told(Happening happening) {
    Told told = new Told();
    happening.deliverTo(told);
    return told;
  }

  /** Both at once, so that each kind stands in one place. */
  private static final class Told implements Happening.Reader {
    private String name = "";
    private Json.Content fields = json -> {};

    @Override
    public void message(Happening.Message message) {
      name = "message";
      fields =
          json -> {
            json.writeStringField("from", message.from());
            json.writeArrayFieldStart("to");
            for (String node : message.to()) {
              json.writeString(node);
            }
            json.writeEndArray();
            json.writeBooleanField("everyone", message.everyone());
            json.writeStringField("kind", message.kind());
            json.writeStringField("text", message.text());
            json.writeStringField("line", message.line());
          };
    }

    @Override
    public void tip(Happening.Tip tip) {
      name = "block";
      fields =
          json -> {
            json.writeStringField("node", tip.node());
            json.writeNumberField("height", tip.height());
            json.writeStringField("hash", tip.hash().toHex());
          };
    }

    @Override
    public void reorganisation(Happening.Reorganisation reorganisation) {
      name = "reorg";
      fields =
          json -> {
            json.writeStringField("node", reorganisation.node());
            json.writeNumberField("height", reorganisation.height());
            json.writeStringField("hash", reorganisation.hash().toHex());
            Documents.writeHashes(json, "disconnected", reorganisation.disconnected());
            Documents.writeHashes(json, "connected", reorganisation.connected());
            json.writeArrayFieldStart("givenBack");
            for (TransactionId id : reorganisation.givenBack()) {
              json.writeString(id.toHex());
            }
            json.writeEndArray();
            json.writeStringField("text", reorganisation.text());
          };
    }

    @Override
    public void returned(Happening.Return returned) {
      name = "return";
      fields =
          json -> {
            json.writeStringField("node", returned.node());
            json.writeStringField("id", returned.entry().toHex());
            json.writeNumberField("height", returned.height());
            json.writeStringField("text", returned.text());
          };
    }

    @Override
    public void entry(Happening.Entry entry) {
      name = "transaction";
      fields =
          json -> {
            json.writeStringField("node", entry.node());
            json.writeStringField("id", entry.entry().toHex());
            json.writeStringField("state", entry.state().label());
          };
    }

    @Override
    public void linked(Happening.Linked linked) {
      name = "peer";
      fields =
          json -> {
            json.writeStringField("node", linked.node());
            json.writeStringField("peer", linked.peer());
            json.writeBooleanField("linked", linked.linked());
          };
    }

    @Override
    public void node(Happening.Node node) {
      name = "node";
      fields =
          json -> {
            json.writeStringField("node", node.node());
            json.writeBooleanField("up", node.up());
          };
    }

    @Override
    public void link(Happening.Link link) {
      name = "link";
      fields =
          json -> {
            json.writeStringField("a", link.a());
            json.writeStringField("b", link.b());
            json.writeBooleanField("up", link.up());
            json.writeNumberField("delayMillis", link.delayMillis());
          };
    }

    @Override
    public void leftOut(Happening.LeftOut leftOut) {
      name = "leftOut";
      fields = json -> json.writeNumberField("happenings", leftOut.happenings());
    }
  }
}
