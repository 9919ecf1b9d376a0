package dev.dolmen.benchmarks.process;

import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A peer announces signed entries to the first of some nodes in a line and sends what it is asked
 * for; all nodes verify, pass on and put into blocks, as {@code dev} does with what it hears: until
 * the last node's API has told each entry to be in a block. The peer announces no more while a
 * window of entries is under way.
 */
final class EntriesMeasure implements Measure {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ANNOUNCED_AT_ONCE = 250;
  private static final double NANOS_PER_SECOND = 1e9;

  /** The beginning, while code is cold and the line fills, is left out. */
  private static final double RAMP = 0.25;

  private final int nodes;
  private final int entries;
  private final int payload;
  private final int window;

  EntriesMeasure(Parameters with) {
    this.nodes = with.number("nodes", 3);
    this.entries = with.number("entries", 40_000);
    this.payload = with.number("payload", 250);
    this.window = with.number("window", 4_000);
  }

  @Override
  public void run(Workbench bench, Report report) throws IOException, InterruptedException {
    double verifications = SignatureFloor.verificationsPerSecond();
    Report.say("signing " + entries + " entries");
    List<Transaction> signed = sign();
    NodeProcess first = bench.start(bench.directory());
    NodeProcess last = first;
    for (int i = 1; i < nodes; i++) {
      NodeProcess next = bench.start(bench.directory());
      next.connect(last);
      next.awaitPeers(1);
      last = next;
    }
    try (TipWatch watch = new TipWatch(last);
        Giver giver = new Giver(signed, first)) {
      giver.awaitLinked();
      Inclusions included = new Inclusions(last, watch);
      for (int given = 0; given < entries; ) {
        included.await(given - window);
        int next = Math.min(entries, given + ANNOUNCED_AT_ONCE);
        giver.announce(given, next);
        given = next;
      }
      included.await(entries);
      int from = (int) (RAMP * entries);
      Inclusions.Reached ramp = included.reached(from);
      Inclusions.Reached end = included.reached(entries);
      double seconds = (end.nanos() - ramp.nanos()) / NANOS_PER_SECOND;
      report.add(
          "sustained",
          "entries/s",
          Samples.of((end.count() - ramp.count()) / seconds),
          new Floor(
              "BouncyCastle verifications/s of all cores, shared by the nodes",
              verifications / nodes));
      report.add("blocks", "blocks", Samples.of((double) last.height()));
    }
    bench.endNodes();
  }

  private List<Transaction> sign() {
    NetworkParameters network = NetworkParameters.dev();
    SigningKey author = SigningKey.fromSeed(new byte[SigningKey.SEED_BYTES]);
    long expiry = network.expiryWindow();
    return IntStream.range(0, entries)
        .parallel()
        .mapToObj(
            i -> {
              byte[] content = new byte[payload];
              System.arraycopy(Ints.toByteArray(i), 0, content, 0, Integer.BYTES);
              return Transaction.sign(
                  network.genesisHash(),
                  author.publicKey(),
                  expiry,
                  Bytes.wrap(content),
                  author.asSigner());
            })
        .toList();
  }

  /** How many entries a node's best chain has, and when its API told so. */
  private static final class Inclusions {

    /** Blocks that may still be replaced by others; on one line of nodes a few are. */
    private static final int UNSETTLED = 32;

    /**
     * A number of entries, and when it was told.
     *
     * @param nanos on the clock of {@link System#nanoTime}
     */
    record Reached(int count, long nanos) {}

    private final NodeProcess node;
    private final TipWatch watch;
    private final List<Integer> perBlock = new ArrayList<>();

    Inclusions(NodeProcess node, TipWatch watch) {
      this.node = node;
      this.watch = watch;
    }

    void await(int count) throws IOException, InterruptedException {
      while (count() < count) {
        watch.awaitHeight(perBlock.size(), PATIENCE);
        look();
      }
    }

    private void look() throws IOException, InterruptedException {
      int settled = Math.max(0, perBlock.size() - UNSETTLED);
      perBlock.subList(settled, perBlock.size()).clear();
      perBlock.addAll(node.entriesFrom(settled));
    }

    private int count() {
      return perBlock.stream().mapToInt(Integer::intValue).sum();
    }

    /** When the chain first had at least so many, and how many it had then. */
    Reached reached(int count) throws InterruptedException {
      int sum = 0;
      int height = 0;
      while (sum < count) {
        sum += perBlock.get(height++);
      }
      return new Reached(sum, watch.awaitHeight(height - 1, PATIENCE).nanos());
    }
  }

  /** The peer that has the entries. */
  private static final class Giver implements AutoCloseable {

    private final List<Transaction> entries;
    private final Map<ByteString, Transaction> byId = new HashMap<>();
    private final CountDownLatch linked = new CountDownLatch(1);
    private final PeerNetwork network;

    Giver(List<Transaction> entries, NodeProcess node) {
      this.entries = entries;
      entries.forEach(entry -> byId.put(Wire.bytes(entry.id().value()), entry));
      NetworkParameters parameters = NetworkParameters.dev();
      ByteString genesis = Wire.bytes(parameters.genesisHash().value());
      NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
      network =
          new PeerNetwork(
              SocketTransport.create(identity, ""),
              PeerNetworkOptions.builder(
                      identity.id(),
                      genesis,
                      () -> new LocalTip(0, ByteString.empty(), genesis),
                      Limits.maxFrameBytes(parameters.largestBlock()),
                      new SplittableRandom(1),
                      this::onEvent)
                  .build());
      network.connect(PeerAddress.parse("127.0.0.1:" + node.peerPort()));
    }

    private void onEvent(PeerEvent event) {
      if (event instanceof PeerEvent.Ready) {
        linked.countDown();
      } else if (event instanceof PeerEvent.Received received) {
        Envelope asked = received.envelope();
        if (asked.hasGetTransactions()) {
          List<Transaction> wanted =
              asked.getGetTransactions().getIdsList().stream()
                  .filter(byId::containsKey)
                  .map(byId::get)
                  .toList();
          network.send(received.peer(), Wire.transactions(asked.getRequestId(), wanted, false));
        } else if (asked.hasGetHeaders()) {
          network.send(received.peer(), Wire.headers(asked.getRequestId(), List.of()));
        }
        network.consumed(received);
      }
    }

    void awaitLinked() throws InterruptedException, IOException {
      if (!linked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the node takes no link");
      }
    }

    void announce(int from, int to) {
      List<TransactionId> ids = entries.subList(from, to).stream().map(Transaction::id).toList();
      network.broadcast(Wire.newTransactions(ids));
    }

    @Override
    public void close() {
      network.close();
    }
  }
}
