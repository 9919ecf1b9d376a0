package dev.dolmen.node.api;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.devnet.Chronicle;
import dev.dolmen.node.devnet.Happening;
import java.io.IOException;
import java.util.List;

/** What happens in a devnet, as JSON. Rule: docs/api.md#devnet */
final class HappeningDocuments {

  private HappeningDocuments() {}

  /** The name of the event that tells it. */
  static String event(Happening happening) {
    EventName name = new EventName();
    happening.deliverTo(name);
    return name.name;
  }

  /** What it is, with the time at which it happened. */
  static Json.Content of(Chronicle.Numbered numbered) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("time", numbered.timeMillis());
      Fields fields = new Fields();
      numbered.happening().deliverTo(fields);
      fields.content.writeTo(json);
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

  private static void hashes(JsonGenerator json, String name, List<BlockHash> hashes)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (BlockHash hash : hashes) {
      json.writeString(hash.toHex());
    }
    json.writeEndArray();
  }

  private static final class EventName implements Happening.Reader {
    private String name = "";

    @Override
    public void message(Happening.Message message) {
      name = "message";
    }

    @Override
    public void tip(Happening.Tip tip) {
      name = "block";
    }

    @Override
    public void reorganisation(Happening.Reorganisation reorganisation) {
      name = "reorg";
    }

    @Override
    public void returned(Happening.Return returned) {
      name = "return";
    }

    @Override
    public void entry(Happening.Entry entry) {
      name = "transaction";
    }

    @Override
    public void linked(Happening.Linked linked) {
      name = "peer";
    }

    @Override
    public void node(Happening.Node node) {
      name = "node";
    }

    @Override
    public void link(Happening.Link link) {
      name = "link";
    }

    @Override
    public void leftOut(Happening.LeftOut leftOut) {
      name = "leftOut";
    }
  }

  private static final class Fields implements Happening.Reader {
    private Json.Content content = json -> {};

    @Override
    public void message(Happening.Message message) {
      content =
          json -> {
            json.writeStringField("from", message.from());
            json.writeArrayFieldStart("to");
            for (String name : message.to()) {
              json.writeString(name);
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
      content =
          json -> {
            json.writeStringField("node", tip.node());
            json.writeNumberField("height", tip.height());
            json.writeStringField("hash", tip.hash().toHex());
          };
    }

    @Override
    public void reorganisation(Happening.Reorganisation reorganisation) {
      content =
          json -> {
            json.writeStringField("node", reorganisation.node());
            json.writeNumberField("height", reorganisation.height());
            json.writeStringField("hash", reorganisation.hash().toHex());
            hashes(json, "disconnected", reorganisation.disconnected());
            hashes(json, "connected", reorganisation.connected());
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
      content =
          json -> {
            json.writeStringField("node", returned.node());
            json.writeStringField("id", returned.entry().toHex());
            json.writeNumberField("height", returned.height());
            json.writeStringField("text", returned.text());
          };
    }

    @Override
    public void entry(Happening.Entry entry) {
      content =
          json -> {
            json.writeStringField("node", entry.node());
            json.writeStringField("id", entry.entry().toHex());
            json.writeStringField("state", entry.state().label());
          };
    }

    @Override
    public void linked(Happening.Linked linked) {
      content =
          json -> {
            json.writeStringField("node", linked.node());
            json.writeStringField("peer", linked.peer());
            json.writeBooleanField("linked", linked.linked());
          };
    }

    @Override
    public void node(Happening.Node node) {
      content =
          json -> {
            json.writeStringField("node", node.node());
            json.writeBooleanField("up", node.up());
          };
    }

    @Override
    public void link(Happening.Link link) {
      content =
          json -> {
            json.writeStringField("a", link.a());
            json.writeStringField("b", link.b());
            json.writeBooleanField("up", link.up());
            json.writeNumberField("delayMillis", link.delayMillis());
          };
    }

    @Override
    public void leftOut(Happening.LeftOut leftOut) {
      content = json -> json.writeNumberField("happenings", leftOut.happenings());
    }
  }
}
