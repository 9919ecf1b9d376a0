package dev.dolmen.it.simulation;

import static com.google.common.base.Preconditions.checkState;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.core.mining.NonceSearch;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.Gift;
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
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A whole node without threads: what {@code NodeRunner} does, done on the simulation's one thread.
 * Its disk, key and addresses outlive its process, which may be killed and started again.
 */
final class SimulatedNode {

  static final int PORT = 8555;

  /** {@code NodeRunner} sleeps whole milliseconds, and never too few. */
  private static final long WAKES_LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Simulation simulation;
  private final String name;
  private final NetworkParameters parameters;
  private final boolean mines;
  private final SplittableRandom random;
  private final SigningKey key;
  private final PeerId id;
  private final SimulatedDisk disk;
  private final SkewedClock clock = new SkewedClock();
  private final Set<String> dials = new LinkedHashSet<>();
  private @Nullable Life life;
  private @Nullable Life stopped;
  private @Nullable ChainedHeader toldTip;

  SimulatedNode(
      Simulation simulation,
      String name,
      NetworkParameters parameters,
      boolean mines,
      SplittableRandom random) {
    this.simulation = simulation;
    this.name = name;
    this.parameters = parameters;
    this.mines = mines;
    this.random = random;
    byte[] seed = new byte[32];
    random.nextBytes(seed);
    this.key = SigningKey.fromSeed(seed);
    this.id = PeerId.of(key.publicKey().toBytes());
    this.disk = new SimulatedDisk(parameters);
  }

  String name() {
    return name;
  }

  PeerId id() {
    return id;
  }

  SimulatedDisk disk() {
    return disk;
  }

  boolean isUp() {
    return life != null;
  }

  /** The last tip its listeners were told, in all its lives. */
  Optional<ChainedHeader> toldTip() {
    return Optional.ofNullable(toldTip);
  }

  // Life and death.

  /** Starts the process. */
  void start() {
    checkState(life == null, "%s is up already", name);
    simulation.note(name, "starts at " + disk.tip().height());
    Life begun = new Life();
    life = begun;
    begun.begin();
    if (toldTip != null) {
      simulation.restarted(this);
    }
    dials.forEach(begun::dial);
  }

  /** {@code kill -9}: peers see their connections break. */
  void kill() {
    Life ended = life();
    die("is killed");
    ended.transport.kill();
  }

  /** Peers hear nothing, and what was not synced may be lost. */
  void losePower() {
    Life ended = life();
    die("loses its power");
    ended.transport.losePower();
  }

  private void die(String how) {
    life = null;
    disk.crash(random);
    simulation.note(name, how + ", " + disk.tip().height() + " on disk");
  }

  /** Does nothing for a while, as in a long garbage collection. */
  void pauseFor(Duration duration) {
    Life paused = life();
    simulation.note(name, "pauses for " + duration);
    paused.transport.pause();
    simulation.wire().after(duration, paused.transport::goOn);
  }

  /** Ends as on SIGTERM; gone once its peers had time to hear goodbye. */
  void stop() {
    Life ended = life();
    life = null;
    stopped = ended;
    ended.network.close();
    disk.close();
    simulation.note(name, "stops");
  }

  /** After a stop: whether a peer, a connection or a timer is left. */
  boolean holdsNothing() {
    Life last = stopped;
    checkState(last != null, "%s was never stopped", name);
    return last.network.peers().isEmpty()
        && last.transport.connections() == 0
        && (mines || (last.node.nextWake().isEmpty() && last.transport.isIdle()));
  }

  // What its users do.

  /** The wall clock of its machine. */
  SkewedClock clock() {
    return clock;
  }

  PeerNetwork network() {
    return life().network;
  }

  /** Keeps a link to another, also after a restart. */
  void connect(String other) {
    if (dials.add(other) && life != null) {
      life.dial(other);
    }
  }

  void connect(SimulatedNode other) {
    connect(other.name);
  }

  /** What decides here. */
  Node mind() {
    return life().node;
  }

  ChainedHeader tip() {
    return disk.tip();
  }

  int pending() {
    return life().node.view().mempoolTransactions();
  }

  /** One that is signed already, as by this node's own API. */
  void submit(Transaction entry) {
    Life current = life();
    Answer<SubmitResult> answer = current.node.submit(entry, current.now());
    current.perform(answer.actions());
    if (!(answer.value() instanceof SubmitResult.Accepted)) {
      throw simulation.failure(name + " refused an entry: " + answer.value());
    }
  }

  /** As by this node's own API. */
  TransactionId submit(String payload) {
    Life current = life();
    Answer<SubmitResult> answer =
        current.node.submit(
            Bytes.wrap(payload.getBytes(UTF_8)), OptionalLong.empty(), current.now());
    current.perform(answer.actions());
    if (answer.value() instanceof SubmitResult.Accepted accepted) {
      return accepted.transaction().id();
    }
    throw simulation.failure(name + " refused an entry: " + answer.value());
  }

  /** Makes a block, if its clock lets it. */
  Optional<Block> makeBlock() {
    Life current = life();
    Answer<Optional<Block>> answer = current.node.makeBlock(current.now());
    current.perform(answer.actions());
    return answer.value();
  }

  /** The nonce that this mining node looks for is found now. */
  void findBlock() {
    Life current = life();
    BlockTemplate template = current.template;
    checkState(template != null, "%s is not mining", name);
    long nonce =
        new NonceSearch(template.header())
            .search(NonceSearch.Range.all(), () -> false)
            .orElseThrow();
    current.perform(current.node.onMined(template.withNonce(nonce), current.now()));
  }

  Optional<TransactionStatus> transaction(TransactionId entry) {
    return life().node.transaction(entry);
  }

  /** The best chain's hashes from genesis to the tip. */
  List<BlockHash> chain() {
    return disk.hashesFrom(0, Integer.MAX_VALUE);
  }

  /** Bytes of what waits for a block. */
  long pendingBytes() {
    return life().node.view().mempoolBytes();
  }

  private Life life() {
    Life current = life;
    checkState(current != null, "%s is down", name);
    return current;
  }

  private static LocalTip localTip(ChainedHeader tip) {
    return new LocalTip(
        tip.height(),
        ByteString.copyFrom(tip.totalWork().toBytes()),
        Wire.bytes(tip.hash().value()));
  }

  /** One process, from its start to its end. */
  private final class Life implements NodeAction.Reader, NodeEvent.Reader, PeerEvent.Reader {

    private final InMemoryTransport transport = simulation.wire().host(name, id);
    private final EventExecutor control = transport.control();
    private final Node node =
        new Node(
            parameters,
            disk,
            key.publicKey(),
            key.asSigner(),
            mines,
            random.split(),
            new KnownSignatures());
    private final PeerNetwork network =
        simulation.network(transport, id, name, this::shownTip, random.split(), this);
    private final List<NodeEvent> promises = new ArrayList<>();
    private ChainedHeader settledTip = disk.tip();
    private ChainedHeader seenTip = settledTip;
    private LocalTip shownTip = localTip(settledTip);
    private final Deque<Runnable> inbox = new ArrayDeque<>();

    /** The link to each peer that the node knows of, as in {@code NodeRunner}. */
    private final Map<PeerId, Long> links = new HashMap<>();

    private boolean busy;
    private boolean settling;
    private @Nullable BlockTemplate template;
    private @Nullable ScheduledFuture<?> wake;
    private @Nullable Instant wakeAt;

    void begin() {
      try {
        network.listen(HostAndPort.fromParts(name, PORT));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      decide(node::onTick);
    }

    void dial(String other) {
      network.connect(PeerAddress.of(other, PORT));
    }

    private LocalTip shownTip() {
      return shownTip;
    }

    Moment now() {
      return clock.now(simulation.elapsed());
    }

    /**
     * What the network says waits while the node thread is busy with something else; meanwhile the
     * network may be a link further than the node.
     */
    private void input(Runnable what) {
      if (busy) {
        inbox.add(what);
      } else {
        what.run();
        long nanos = simulation.busyNanos(random);
        if (nanos > 0) {
          busy = true;
          control.schedule(this::goOn, nanos, TimeUnit.NANOSECONDS);
        }
      }
    }

    private void goOn() {
      busy = false;
      while (!busy && !inbox.isEmpty()) {
        input(inbox.remove());
      }
    }

    private void decide(Function<Moment, List<NodeAction>> decision) {
      List<NodeAction> actions;
      try {
        actions = decision.apply(now());
      } catch (RuntimeException bug) {
        throw simulation.failure("a bug in " + name, bug);
      }
      perform(actions);
    }

    /** Sends at once; tells once it is on disk. */
    void perform(List<NodeAction> actions) {
      actions.forEach(action -> action.deliverTo(this));
      ChainedHeader tip = disk.tip();
      if (!tip.equals(seenTip)) {
        seenTip = tip;
        shownTip = localTip(tip);
        simulation.tipReached(SimulatedNode.this);
      }
      if (!settling && (!promises.isEmpty() || !tip.equals(settledTip))) {
        settling = true;
        control.schedule(this::settle, simulation.syncNanos(random), TimeUnit.NANOSECONDS);
      }
      wakeInTime();
    }

    private void settle() {
      settling = false;
      disk.sync();
      settledTip = disk.tip();
      List<NodeEvent> due = List.copyOf(promises);
      promises.clear();
      due.forEach(event -> event.deliverTo(this));
    }

    private void wakeInTime() {
      Instant next = node.nextWake().orElse(null);
      if (Objects.equals(next, wakeAt)) {
        return;
      }
      if (wake != null) {
        wake.cancel(false);
      }
      wakeAt = next;
      if (next != null) {
        long nanos = Math.max(0, Duration.between(now().steady(), next).toNanos());
        wake = control.schedule(this::tick, nanos + WAKES_LATE_NANOS, TimeUnit.NANOSECONDS);
      }
    }

    private void tick() {
      wakeAt = null;
      input(() -> decide(node::onTick));
    }

    @Override
    public void send(PeerId peer, Envelope envelope) {
      sendAll(List.of(peer), envelope);
    }

    @Override
    public void sendAll(List<PeerId> peers, Envelope envelope) {
      List<Long> standing = peers.stream().map(links::get).filter(Objects::nonNull).toList();
      peers.forEach(
          peer ->
              simulation.tell(
                  name,
                  () ->
                      "to "
                          + simulation.nameOf(peer)
                          + ": "
                          + envelope.getBodyCase()
                          + ", "
                          + envelope.getSerializedSize()
                          + " bytes"));
      network.sendOn(standing, envelope);
      for (Long link : standing) {
        simulation
            .replayAfter(envelope, random)
            .ifPresent(
                delay ->
                    control.schedule(
                        () -> network.sendOn(List.of(link), envelope),
                        delay.toNanos(),
                        TimeUnit.NANOSECONDS));
      }
    }

    @Override
    public void disconnect(PeerId peer, DisconnectReason reason) {
      simulation.disconnects(SimulatedNode.this, peer, reason);
      Long link = links.get(peer);
      if (link != null) {
        network.disconnectOn(link, reason);
      }
    }

    @Override
    public void replace(PeerId peer, DisconnectReason reason) {
      network.replace(peer, reason);
    }

    @Override
    public void credit(PeerId peer, Gift gift) {
      network.credit(peer, gift);
    }

    @Override
    public void mine(BlockTemplate next) {
      template = next;
    }

    @Override
    public void tell(NodeEvent event) {
      promises.add(event);
    }

    @Override
    public void tipMoved(ChainUpdate update, int transactions) {
      toldTip = update.after();
      simulation.note(
          name,
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
    public void transactionChanged(TransactionId entry, TransactionState state) {
      simulation.note(name, "entry " + entry + " " + state.label());
    }

    @Override
    public void peerChanged(PeerId peer, String address, boolean connected) {
      simulation.note(name, (connected ? "meets " : "loses ") + simulation.nameOf(peer));
    }

    @Override
    public void warned(String sentence) {
      simulation.note(name, "warns " + sentence);
    }

    @Override
    public void ready(PeerEvent.Ready event) {
      input(
          () -> {
            links.put(event.peer(), event.link());
            decide(now -> node.onPeerReady(event.peer(), event.address(), now));
          });
    }

    @Override
    public void gone(PeerEvent.Gone event) {
      simulation.linkEnded(SimulatedNode.this, event.peer(), event.reason());
      input(
          () -> {
            links.remove(event.peer());
            decide(now -> node.onPeerGone(event.peer(), now));
          });
    }

    @Override
    public void received(PeerEvent.Received event) {
      input(
          () -> {
            decide(now -> node.onReceived(event.peer(), event.envelope(), now));
            network.consumed(event);
          });
    }

    @Override
    public void drained(PeerEvent.Drained event) {
      input(() -> decide(now -> node.onDrained(event.peer())));
    }
  }
}
