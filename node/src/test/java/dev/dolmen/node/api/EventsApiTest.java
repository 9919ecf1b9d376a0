package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsApiTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final LocalApi api;

  EventsApiTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterEach
  void close() {
    api.close();
  }

  private record Event(String name, String id, JsonObject data) {}

  /** Reads a stream event by event; comments and the chunks around them are left out. */
  private static final class Stream implements AutoCloseable {
    private final RawClient raw;
    private final String firstLine;

    Stream(LocalApi api, String... headers) throws IOException {
      raw = api.raw();
      raw.send(
          "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n"
              + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
              + "\r\n");
      assertThat(raw.status()).isEqualTo(200);
      List<String> head = new ArrayList<>();
      for (String line = raw.line(); !line.isEmpty(); line = raw.line()) {
        head.add(line.toLowerCase(Locale.ROOT));
      }
      assertThat(head).contains("content-type: text/event-stream", "cache-control: no-store");
      raw.line(); // The first chunk's size.
      firstLine = raw.line();
    }

    Event next() throws IOException {
      String name = "";
      String id = "";
      for (; ; ) {
        String line = raw.line();
        if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("data: ")) {
          OpenApiContract.checkEvent(name, line.substring(6));
          return new Event(name, id, new JsonObject(line.substring(6)));
        }
      }
    }

    Event next(String wanted) throws IOException {
      Event event = next();
      while (!event.name().equals(wanted)) {
        event = next();
      }
      return event;
    }

    @Override
    public void close() throws IOException {
      raw.close();
    }
  }

  private static String id(Block block) {
    return block.height() + ":" + block.hash().toHex();
  }

  private static String lastSeen(String id) {
    return "Last-Event-ID: " + id;
  }

  private static JsonArray hashes(List<Block> blocks) {
    return new JsonArray(blocks.stream().map(block -> block.hash().toHex()).toList());
  }

  @Test
  void opensAtOnceWithAComment() throws Exception {
    try (Stream stream = new Stream(api)) {
      assertThat(stream.firstLine).startsWith(":");
    }
  }

  @Test
  void tellsEachNewTipAndItsId() throws Exception {
    try (Stream stream = new Stream(api)) {
      for (Block block : api.mine(3)) {
        Event event = stream.next();

        assertThat(event.name()).isEqualTo("block");
        assertThat(event.id()).isEqualTo(id(block));
        assertThat(event.data())
            .isEqualTo(
                new JsonObject()
                    .put("height", (int) block.height())
                    .put("hash", block.hash().toHex()));
      }
    }
  }

  @Test
  void tellsHowTransactionsFare() throws Exception {
    try (Stream stream = new Stream(api)) {
      String id = api.post("/v1/transactions", "hello").object().getString("id");

      Event pending = stream.next("transaction");
      Event included = stream.next("transaction");
      assertThat(pending.id()).isEmpty();
      assertThat(pending.data()).isEqualTo(new JsonObject().put("id", id).put("state", "pending"));
      assertThat(included.data())
          .isEqualTo(new JsonObject().put("id", id).put("state", "included"));
    }
  }

  @Test
  void tellsWhoComesAndGoes() throws Exception {
    try (Stream stream = new Stream(api)) {
      try (Dolmen bob = Dolmen.builder().connect(api.node().listenAddress().toString()).start()) {
        Event came = stream.next("peer");
        assertThat(came.data().fieldNames()).containsExactly("id", "address", "state");
        assertThat(came.data().getString("id")).isEqualTo(bob.id().toString());
        assertThat(came.data().getString("state")).isEqualTo("connected");
      }
      assertThat(stream.next("peer").data().getString("state")).isEqualTo("disconnected");
    }
  }

  @Test
  void tellsAReorganisationAndTheTipItLeadsTo() throws Exception {
    List<Block> ours = api.mine(1);
    try (Dolmen bob = Dolmen.builder().start();
        Stream stream = new Stream(api)) {
      List<Block> theirs = LocalApi.mine(bob, 3);
      api.post("/v1/peers", "{\"address\":\"" + bob.listenAddress() + "\"}");

      Event reorg = stream.next("reorg");
      assertThat(reorg.data().fieldNames())
          .containsExactly("height", "hash", "disconnected", "connected");
      assertThat(reorg.data().getJsonArray("disconnected")).isEqualTo(hashes(ours));
      Event block = stream.next("block");
      assertThat(block.id())
          .isEqualTo(reorg.data().getLong("height") + ":" + reorg.data().getString("hash"));
      Awaitility.await().until(() -> api.node().view().tip().height() == 3);
      assertThat(api.node().view().tip().hash()).isEqualTo(theirs.get(2).hash());
    }
  }

  @Test
  void resumesWithEachBlockThatWasMissed() throws Exception {
    List<Block> blocks = api.mine(5);
    try (Stream stream = new Stream(api, lastSeen(id(blocks.get(1))))) {
      assertThat(stream.next().id()).isEqualTo(id(blocks.get(2)));
      assertThat(stream.next().id()).isEqualTo(id(blocks.get(3)));
      assertThat(stream.next().id()).isEqualTo(id(blocks.get(4)));
      Block next = api.mine(1).get(0);
      assertThat(stream.next().id()).isEqualTo(id(next));
    }
  }

  @Test
  void goesOnWhereNothingWasMissed() throws Exception {
    Block tip = api.mine(2).get(1);
    try (Stream stream = new Stream(api, lastSeen(id(tip)))) {
      Block next = api.mine(1).get(0);
      assertThat(stream.next().id()).isEqualTo(id(next));
    }
  }

  @Test
  void neitherRepeatsNorSkipsABlockMadeWhileItResumes() throws Exception {
    List<Block> blocks = new ArrayList<>(api.mine(100));
    Thread miner = new Thread(() -> blocks.addAll(api.mine(100)));
    miner.start();
    try (Stream stream = new Stream(api, lastSeen(id(blocks.get(0))))) {
      List<String> told = new ArrayList<>();
      while (told.size() < 199) {
        told.add(stream.next().id());
      }
      miner.join();
      assertThat(told).isEqualTo(blocks.subList(1, 200).stream().map(EventsApiTest::id).toList());
    }
  }

  @Test
  void tellsAGapInsteadOfTooManyBlocks() throws Exception {
    List<Block> blocks = api.mine(258);
    try (Stream most = new Stream(api, lastSeen(id(blocks.get(1))));
        Stream tooMany = new Stream(api, lastSeen(id(blocks.get(0))))) {
      assertThat(most.next().id()).isEqualTo(id(blocks.get(2)));
      Event gap = tooMany.next();
      assertThat(gap.name()).isEqualTo("gap");
      assertThat(gap.id()).isEqualTo(id(blocks.get(257)));
      assertThat(gap.data())
          .isEqualTo(
              new JsonObject()
                  .put("height", 258)
                  .put("hash", blocks.get(257).hash().toHex())
                  .put("from", 2));
    }
  }

  @Test
  void resumesAcrossAReorganisation() throws Exception {
    List<Block> ours = api.mine(2);
    try (Dolmen bob = Dolmen.builder().start()) {
      List<Block> theirs = LocalApi.mine(bob, 4);
      api.post("/v1/peers", "{\"address\":\"" + bob.listenAddress() + "\"}");
      Awaitility.await().until(() -> api.node().view().tip().height() == 4);
      try (Stream stream = new Stream(api, lastSeen(id(ours.get(1))))) {
        Event reorg = stream.next();

        assertThat(reorg.name()).isEqualTo("reorg");
        assertThat(reorg.data())
            .isEqualTo(
                new JsonObject()
                    .put("height", 4)
                    .put("hash", theirs.get(3).hash().toHex())
                    .put("disconnected", hashes(List.of(ours.get(1), ours.get(0))))
                    .put("connected", hashes(theirs)));
        for (Block block : theirs) {
          assertThat(stream.next().id()).isEqualTo(id(block));
        }
      }
      JsonObject side = api.get("/v1/blocks/" + ours.get(1).hash().toHex()).object();
      assertThat(side.getLong("confirmations")).isZero();
    }
  }

  @Test
  void tellsAGapAfterABlockItNeverHad() throws Exception {
    Block tip = api.mine(2).get(1);
    for (String unknown : new String[] {"1:" + "ab".repeat(32), "7:" + tip.hash().toHex()}) {
      try (Stream stream = new Stream(api, lastSeen(unknown))) {
        Event gap = stream.next();
        assertThat(gap.name()).isEqualTo("gap");
        assertThat(gap.data().getLong("from")).isZero();
        assertThat(gap.id()).isEqualTo(id(tip));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", ":", "1:abc", "-1:abc", "99999999999999999999:abc"})
  void refusesAnIdThatItNeverGave(String id) throws Exception {
    assertThat(api.status("GET /v1/events HTTP/1.1", "Host: localhost", lastSeen(id)))
        .isEqualTo(400);
  }

  @Test
  void answersHeadWithoutAStream() throws Exception {
    LocalApi.Answer head = api.method("HEAD", "/v1/events");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
  }

  @Test
  void opensOnlySoManyStreams() throws Exception {
    List<Stream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < HttpLimits.MAX_STREAMS; i++) {
        streams.add(new Stream(api));
      }
      assertThat(api.get("/v1/events").status()).isEqualTo(503);
      assertThat(api.get("/v1/status").status()).isEqualTo(200);
      streams.remove(0).close();
      Awaitility.await()
          .until(() -> api.status("GET /v1/events HTTP/1.1", "Host: localhost") == 200);
    } finally {
      for (Stream stream : streams) {
        stream.close();
      }
    }
  }

  @Test
  void cutsAReaderThatDoesNotRead() throws Exception {
    try (Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(4_096);
      deaf.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port()));
      deaf.getOutputStream()
          .write("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      for (int thousands = 0; thousands < 30; thousands++) {
        CompletableFuture<?> last = CompletableFuture.completedFuture(true);
        for (int i = 0; i < 1_000; i++) {
          last = api.node().runner().ask(Node::makeBlock);
        }
        last.join();
      }
      deaf.setSoTimeout(5_000);
      String told = new String(deaf.getInputStream().readAllBytes(), UTF_8);
      assertThat(told).contains("event: block").doesNotContain("id: 30000:");
    }
  }

  @Test
  void saysGoodbyeWhenItIsClosed() throws Exception {
    LocalApi other = LocalApi.start();
    try (Stream stream = new Stream(other)) {
      other.close();
      assertThat(stream.raw.rest()).contains(": the node is stopping");
    } finally {
      other.close();
    }
  }

  @Test
  void framesNameTheTipAfterAReorganisation() {
    BlockHash before = DEV.genesisHash();
    BlockHash after = BlockHash.fromHex("ab".repeat(32));
    Frame frame = Frame.ofTip(before, 5, after, List.of(before), List.of(after));

    assertThat(frame.bytes().toString())
        .startsWith("event: reorg\ndata: {\"height\":5")
        .endsWith(
            "event: block\nid: 5:"
                + "ab".repeat(32)
                + "\ndata: {\"height\":5,\"hash\":\""
                + "ab".repeat(32)
                + "\"}\n\n");
    assertThat(frame.movement()).contains(new Frame.Movement(before, after));
  }
}
