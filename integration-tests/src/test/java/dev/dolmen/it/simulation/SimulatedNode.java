package dev.dolmen.it.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.netty.InMemoryWire;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.Answer;
import dev.dolmen.node.Node;
import dev.dolmen.node.SubmitResult;
import dev.dolmen.node.TransactionStatus;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole node without threads: what {@code NodeRunner} does, done on the simulation's one thread.
 */
final class SimulatedNode {

  static final int PORT = 8555;

  private final String name;
  private final InMemoryTransport transport;
  private final InMemoryWire wire;
  private final PeerNetwork network;
  private final Node node;
  private final Consumer<String> trace;
  private final Performer performer = new Performer();
  private @Nullable ScheduledFuture<?> wake;

  SimulatedNode(
      String name,
      NetworkParameters parameters,
      InMemoryWire wire,
      SplittableRandom random,
      Consumer<String> trace) {
    this.name = name;
    this.wire = wire;
    this.trace = trace;
    byte[] seed = new byte[32];
    random.nextBytes(seed);
    SigningKey key = SigningKey.fromSeed(seed);
    PeerId id = PeerId.of(key.publicKey().toBytes());
    this.transport = wire.host(name, id);
    this.node =
        new Node(
            parameters,
            new MemoryBlockStore(parameters),
            key.publicKey(),
            key.asSigner(),
            false,
            random.split());
    this.network =
        new PeerNetwork(
            transport,
            PeerNetworkOptions.builder(
                    id,
                    Wire.bytes(parameters.genesisHash().value()),
                    this::localTip,
                    Limits.maxFrameBytes(parameters.largestBlock()),
                    random.split(),
                    event -> event.deliverTo(performer))
                .name(name)
                .wallClock(wire.wallClock())
                .build());
  }

  String name() {
    return name;
  }

  PeerNetwork network() {
    return network;
  }

  ChainedHeader tip() {
    return node.view().tip();
  }

  int pending() {
    return node.view().mempoolTransactions();
  }

  void connect(SimulatedNode other) {
    network.connect(PeerAddress.of(other.name, PORT));
  }

  /** As by this node's own API. */
  TransactionId submit(String payload) {
    Answer<SubmitResult> answer =
        node.submit(Bytes.wrap(payload.getBytes(UTF_8)), OptionalLong.empty(), now());
    perform(answer.actions());
    if (answer.value() instanceof SubmitResult.Accepted accepted) {
      return accepted.transaction().id();
    }
    throw new AssertionError("not accepted: " + answer.value());
  }

  Block makeBlock() {
    Answer<Optional<Block>> answer = node.makeBlock(now());
    perform(answer.actions());
    return answer.value().orElseThrow();
  }

  Optional<TransactionStatus> transaction(TransactionId id) {
    return node.transaction(id);
  }

  /** The best chain's hashes from genesis to the tip. */
  List<BlockHash> chain() {
    return node.reader().hashesFrom(0, Integer.MAX_VALUE);
  }

  private LocalTip localTip() {
    ChainedHeader tip = tip();
    return new LocalTip(
        tip.height(),
        ByteString.copyFrom(tip.totalWork().toBytes()),
        Wire.bytes(tip.hash().value()));
  }

  private Moment now() {
    return Moment.at(wire.wallClock().instant());
  }

  private void perform(List<NodeAction> actions) {
    actions.forEach(action -> action.deliverTo(performer));
    if (wake != null) {
      wake.cancel(false);
    }
    node.nextWake()
        .ifPresent(
            at ->
                wake =
                    transport
                        .control()
                        .schedule(
                            () -> perform(node.onTick(now())),
                            Math.max(0, Duration.between(now().steady(), at).toNanos()),
                            TimeUnit.NANOSECONDS));
  }

  private final class Performer implements NodeAction.Reader, NodeEvent.Reader, PeerEvent.Reader {

    @Override
    public void send(PeerId peer, Envelope envelope) {
      trace.accept(
          "sends "
              + peer.toShortString()
              + " "
              + envelope.getBodyCase()
              + " "
              + Sha256.hash(envelope.toByteArray()));
      network.send(peer, envelope);
    }

    @Override
    public void disconnect(PeerId peer, DisconnectReason reason) {
      trace.accept("disconnects " + peer.toShortString() + " " + reason);
      network.disconnect(peer, reason);
    }

    @Override
    public void mine(BlockTemplate template) {
      throw new AssertionError("a simulated node makes blocks on demand only");
    }

    @Override
    public void tell(NodeEvent event) {
      event.deliverTo(this);
    }

    @Override
    public void tipMoved(ChainUpdate update, int transactions) {
      trace.accept(
          "tip "
              + update.after().height()
              + " "
              + update.after().hash()
              + " -"
              + update.disconnected().size()
              + " +"
              + update.connected().size());
    }

    @Override
    public void transactionChanged(TransactionId id, TransactionState state) {
      trace.accept("entry " + id + " " + state.label());
    }

    @Override
    public void peerChanged(PeerId id, String address, boolean connected) {
      trace.accept((connected ? "meets " : "loses ") + id.toShortString());
    }

    @Override
    public void warned(String sentence) {
      trace.accept("warns " + sentence);
    }

    @Override
    public void ready(PeerEvent.Ready event) {
      perform(node.onPeerReady(event.peer(), event.address(), now()));
    }

    @Override
    public void gone(PeerEvent.Gone event) {
      trace.accept("link of " + event.peer().toShortString() + " ended: " + event.reason());
      perform(node.onPeerGone(event.peer(), now()));
    }

    @Override
    public void received(PeerEvent.Received event) {
      perform(node.onReceived(event.peer(), event.envelope(), now()));
      network.consumed(event);
    }

    @Override
    public void drained(PeerEvent.Drained event) {
      perform(node.onDrained(event.peer()));
    }
  }
}
