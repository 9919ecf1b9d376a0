package dev.dolmen.node;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.MessageTap;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import dev.dolmen.node.follow.BlockListener;
import dev.dolmen.node.follow.Confirmations;
import dev.dolmen.node.follow.EntryExpiredException;
import dev.dolmen.node.follow.Followers;
import dev.dolmen.node.follow.Following;
import dev.dolmen.node.follow.Inclusion;
import dev.dolmen.node.follow.StartingPoint;
import dev.dolmen.node.follow.SyncedChain;
import dev.dolmen.node.peers.AllowRules;
import dev.dolmen.node.peers.AllowedPeers;
import dev.dolmen.node.peers.PeerLimits;
import dev.dolmen.node.peers.PeerRecords;
import dev.dolmen.node.store.RocksBlockStore;
import dev.dolmen.node.store.StoreFigures;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node, inside a Java program. It listens, connects, keeps the chain and serves others, exactly
 * as the command line's does:
 *
 * <pre>{@code
 * try (Dolmen node = Dolmen.builder().dataDirectory(Path.of("data")).connect("bob.example:8555").start()) {
 *   TransactionId id = node.submit("shipment A1 sent".getBytes(UTF_8));
 *   Inclusion inclusion = node.awaitInclusion(id, confirmations(6)).get(1, MINUTES);
 *   node.follow(fromHeight(0), block -> index(block));
 * }
 * }</pre>
 *
 * <p>Several may live in one JVM. Nothing is global: no shutdown hook, and after {@link #close} no
 * thread, port or file is left.
 */
public final class Dolmen implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Dolmen.class);

  private final Builder settings;
  private final NodeIdentity identity;
  private final BlockStore store;
  private final NodeRunner runner;
  private final PeerNetwork network;
  private final PeerRecords records;
  private final AllowedPeers allowed;
  private final EventFeed feed;
  private final HostAndPort listenAddress;
  private final SyncedChain chain;
  private final Followers followers;

  private Dolmen(Builder settings) throws IOException {
    this.settings = settings;
    this.feed = new EventFeed();
    NetworkParameters parameters = settings.network;
    this.identity = identity(settings);
    this.records =
        PeerRecords.open(
            Optional.ofNullable(settings.dataDirectory), settings.name, Clock.systemUTC());
    this.allowed = AllowedPeers.open(settings.allow, settings.name);
    this.store = store(settings);
    SignatureWorkers workers = new SignatureWorkers(settings.name);
    Node node =
        new Node(
            parameters,
            store,
            new PublicKey(Hash256.fromBytes(identity.id().key().toByteArray())),
            (domain, message) -> Signature.fromBytes(identity.sign(domain, message), 0),
            settings.mine,
            new SplittableRandom(),
            workers);
    this.runner = new NodeRunner(settings.name, node, store, Clock.systemUTC(), feed);
    runner.ended().whenComplete((done, failure) -> workers.close());
    this.chain = new SyncedChain(() -> runner.view().tip(), runner.reader(), runner::awaitSync);
    this.followers = new Followers(settings.name, chain, this::expiries);
    try {
      this.network = network(parameters);
      records.attach(network);
      allowed.attach(network::allow);
    } catch (RuntimeException e) {
      allowed.close();
      runner.close();
      throw e;
    }
    try {
      this.listenAddress = network.listen(settings.listen);
    } catch (IOException | RuntimeException e) {
      allowed.close();
      network.close();
      runner.close();
      throw e;
    }
    feed.subscribe(
        event -> {
          // A warning may say that a block is healed which a follower waits for.
          if (event instanceof NodeEvent.TipMoved || event instanceof NodeEvent.Warned) {
            followers.tipMoved();
          }
        });
    runner.ended().whenComplete((done, failure) -> followers.stop(stopped()));
    runner.start(network);
    settings.connect.forEach(network::connect);
  }

  private static NodeIdentity identity(Builder settings) throws IOException {
    if (settings.identity != null) {
      return settings.identity;
    }
    return settings.dataDirectory == null
        ? NodeIdentity.generate(new SecureRandom())
        : identityIn(settings.dataDirectory);
  }

  private static BlockStore store(Builder settings) throws IOException {
    if (settings.store != null) {
      return settings.store;
    }
    return settings.dataDirectory == null
        ? new MemoryBlockStore(settings.network)
        : RocksBlockStore.openMended(settings.dataDirectory.resolve("chain"), settings.network);
  }

  private static NodeIdentity identityIn(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IOException(
          "cannot create the data directory "
              + directory
              + ": choose one that can be written, with --data-dir",
          e);
    }
    return NodeIdentity.loadOrCreate(directory.resolve("identity.key"));
  }

  private PeerNetwork network(NetworkParameters parameters) {
    PeerNetworkOptions.Builder options =
        PeerNetworkOptions.builder(
                identity.id(),
                Wire.bytes(parameters.genesisHash().value()),
                this::localTip,
                Limits.maxFrameBytes(parameters.largestBlock()),
                new SplittableRandom(),
                runner::accept)
            .name(settings.name)
            .places(settings.peerLimits.total(), settings.peerLimits.outbound())
            .inbound(settings.peerLimits.perAddress(), settings.peerLimits.perGroup())
            .fatal(runner::fail);
    if (settings.tap != null) {
      options.tap(settings.tap);
    }
    if (settings.discovery) {
      options.discovery(new PeerNetworkOptions.Finding(records.addresses(), records::keep));
    }
    return new PeerNetwork(SocketTransport.create(identity, settings.httpHint), options.build());
  }

  private LocalTip localTip() {
    NodeView view = runner.view();
    return new LocalTip(
        view.tip().height(),
        ByteString.copyFrom(view.tip().totalWork().toBytes()),
        Wire.bytes(view.tip().hash().value()));
  }

  /** Describes a node: in memory, on the {@code dev} network, on a free port of this machine. */
  public static Builder builder() {
    return new Builder();
  }

  /** The name it goes by. */
  public String name() {
    return settings.name;
  }

  /** The rules it follows. */
  public NetworkParameters network() {
    return settings.network;
  }

  /**
   * What it runs with, for people: every setting with its value and where that came from. Nothing
   * of it is secret.
   */
  public ImmutableList<NodeSettings.Line> settings() {
    return settings.shown == null ? settings.described() : settings.shown;
  }

  /** Its public key, by which peers know it and under which it writes. */
  public PeerId id() {
    return identity.id();
  }

  /** Where peers reach it. */
  public HostAndPort listenAddress() {
    return listenAddress;
  }

  /** How things stand, as last synced to disk. */
  public NodeView view() {
    return runner.view();
  }

  /** The node thread, for questions and look-ups. */
  public NodeRunner runner() {
    return runner;
  }

  /** Its links to others. */
  public PeerNetwork peers() {
    return network;
  }

  /** How the database is; empty for a node in memory, and once it is closed. */
  public Optional<StoreFigures> storeFigures() {
    return store instanceof RocksBlockStore database ? database.figures() : Optional.empty();
  }

  /** Whom its operator does not want. */
  public PeerRecords records() {
    return records;
  }

  /** What happens, as it happens. */
  public EventFeed events() {
    return feed;
  }

  /** How it stands, as last synced to disk. */
  public NodeStatus status() {
    return new NodeStatus(
        settings.name, settings.network, identity.id(), runner.view(), network.peers().size());
  }

  /** The chain as last synced, for readers of any thread that may wait for the disk. */
  public SyncedChain chain() {
    return chain;
  }

  /**
   * Signs a payload with this node's key and hands it to the network. Returns once it is pending,
   * or in a block where this node makes one at once.
   *
   * <p>It is the same entry, in the chain at most once, only with the same payload and expiry: who
   * may have to try again after a crash keeps the expiry and gives it to {@link #submit(byte[],
   * long)}.
   *
   * @param payload at most 100,000 bytes, of any kind
   * @throws IllegalArgumentException if it breaks a rule; the message says which
   * @throws IllegalStateException if the node has no room or is stopping
   */
  public TransactionId submit(byte[] payload) {
    return submit(payload, OptionalLong.empty());
  }

  /**
   * The same with an expiry of one's own. Safe to repeat, also once the entry is in the chain.
   *
   * @param expiryHeight height of the last block that may hold it: above the tip, and at most 256
   *     above the block that will
   */
  public TransactionId submit(byte[] payload, long expiryHeight) {
    return submit(payload, OptionalLong.of(expiryHeight));
  }

  private TransactionId submit(byte[] payload, OptionalLong expiryHeight) {
    checkArgument(
        payload.length <= Transaction.MAX_PAYLOAD_BYTES,
        "a payload of %s bytes exceeds %s",
        payload.length,
        Transaction.MAX_PAYLOAD_BYTES);
    Bytes bytes = Bytes.copyOf(payload);
    return await(runner.ask((node, now) -> node.submit(bytes, expiryHeight, now)))
        .deliverTo(new SubmittedId());
  }

  /**
   * Hands in an entry that its author signed elsewhere. Safe to repeat, also once it is in the
   * chain.
   *
   * @throws IllegalArgumentException if it breaks a rule; the message says which
   * @throws IllegalStateException if the node has no room or is stopping
   */
  public TransactionId submit(Transaction signed) {
    return await(runner.ask((node, now) -> node.submit(signed, now))).deliverTo(new SubmittedId());
  }

  /**
   * Where an entry stands; empty if this node knows nothing of it.
   *
   * @throws IllegalStateException if the node is stopping
   */
  public Optional<TransactionStatus> transaction(TransactionId id) {
    return await(runner.look(node -> node.transaction(id)));
  }

  /**
   * Promises where an entry is, once so many blocks stand on it. It may be deep in the chain
   * already, pending, or not known yet; one that a reorganisation takes out of the chain is waited
   * for again.
   *
   * <p>The promise fails with {@link EntryExpiredException} once the entry can no longer get into
   * the chain, and with {@link NodeUnavailableException} when the node stops. For an entry that
   * never turns up nobody knows an expiry, so the promise is never due: bound it ({@code
   * orTimeout}), or cancel it. Until it is due, or cancelled, it counts among the 10,000 that may
   * be awaited at once; one more fails with {@code IllegalStateException}. That {@code get} ran out
   * of time changes nothing: the entry is still on its way, and can be awaited again.
   *
   * <p>What is chained to the promise runs on the one thread that keeps all of this node's
   * promises; use the {@code Async} methods for what takes long.
   */
  public CompletableFuture<Inclusion> awaitInclusion(TransactionId id, Confirmations depth) {
    return followers.awaitInclusion(id, depth);
  }

  /**
   * Tells a listener every block of the best chain in order, from a starting point on and then
   * live, each once it is on disk; and what is undone on a reorganisation. The listener is called
   * on a thread of its own and may take its time: blocks wait in the store.
   *
   * @param start {@link StartingPoint#fromHeight}, or {@link StartingPoint#after} the block that
   *     was handled last
   * @return a handle to end it with; it ends with the node at the latest
   * @throws IllegalStateException if the node is stopping
   */
  public Following follow(StartingPoint start, BlockListener listener) {
    return followers.follow(start, listener);
  }

  private Map<TransactionId, Long> expiries(Set<TransactionId> ids) {
    try {
      return runner.look(node -> node.expiries(ids)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      // The node is busy or stopping: they are asked for again when the tip moves.
      log.debug("expiry heights are not known yet", e.getCause());
    }
    return Map.of();
  }

  private static NodeUnavailableException stopped() {
    return new NodeUnavailableException("the node has stopped");
  }

  private static <T> T await(CompletableFuture<T> answer) {
    try {
      return verifyNotNull(Uninterruptibles.getUninterruptibly(answer));
    } catch (ExecutionException e) {
      throw new IllegalStateException("the node could not answer", e.getCause());
    }
  }

  /** Done when the node has stopped; exceptionally if its disk failed. */
  public CompletableFuture<Void> ended() {
    return runner.ended();
  }

  /**
   * Says goodbye to the peers, syncs and closes the store, ends all threads. A listener of {@link
   * #follow} may finish the block in hand, which may take it 10 s before its thread is interrupted.
   * Harmless twice. Whoever calls it while {@link #events} tells something gets back before that is
   * all done, and finds it done in {@link #ended}.
   */
  @Override
  public void close() {
    followers.close(stopped());
    network.close();
    runner.close();
    allowed.close();
    records.close();
  }

  /** What a node is started with. */
  public static final class Builder {
    private NetworkParameters network = NetworkParameters.dev();
    private String name = "dolmen";
    private @Nullable Path dataDirectory;
    private @Nullable NodeIdentity identity;
    private @Nullable BlockStore store;
    private @Nullable MessageTap tap;
    private HostAndPort listen = HostAndPort.fromParts("127.0.0.1", 0);
    private final List<PeerAddress> connect = new ArrayList<>();
    private AllowRules allow = AllowRules.NONE;
    private PeerLimits peerLimits = PeerLimits.STANDARD;
    private boolean mine;
    private boolean discovery = true;
    private String httpHint = "This node has no HTTP API.";
    private @Nullable ImmutableList<NodeSettings.Line> shown;

    private Builder() {}

    /** Whose chain it keeps; {@code dev} if nothing is said. */
    public Builder network(NetworkParameters parameters) {
      network = parameters;
      return this;
    }

    /** A name for people, shown to peers; at most 64 bytes of UTF-8. */
    public Builder name(String text) {
      name = text;
      return this;
    }

    /** Keeps chain and identity here, made if it is not there; in memory if nothing is said. */
    public Builder dataDirectory(Path directory) {
      dataDirectory = directory;
      return this;
    }

    /** Who it is to its peers and signs as, whatever a data directory says. */
    public Builder identity(NodeIdentity keys) {
      identity = keys;
      return this;
    }

    /**
     * Keeps the chain in this store, whatever a data directory says. The node closes it when it
     * ends; a {@link MemoryBlockStore} can be given to another node of the same network after that,
     * which goes on from there.
     */
    public Builder store(BlockStore chain) {
      store = chain;
      return this;
    }

    /** Lets somebody overhear what it says to its peers, and they to it. */
    public Builder tap(MessageTap listener) {
      tap = listener;
      return this;
    }

    /** Where peers can reach it; port 0 takes a free one. */
    public Builder listen(HostAndPort address) {
      listen = address;
      return this;
    }

    /**
     * Connects to a peer, and again whenever the link is lost.
     *
     * @param address {@code HOST:PORT}, or {@code ID@HOST:PORT} to accept nobody else there
     */
    public Builder connect(String address) {
      connect.add(PeerAddress.parse(address));
      return this;
    }

    /**
     * Closes the node to all but the peers that are named so. May be repeated.
     *
     * @param idOrFile 64 hex digits, or {@code @FILE} for a file of them, one a line, which is read
     *     again when it changes
     * @throws IllegalArgumentException if it is neither
     */
    public Builder allow(String idOrFile) {
      allow = allow.and(idOrFile);
      return this;
    }

    /** Closes the node to all but these, or opens it, in place of what was said before. */
    public Builder allow(AllowRules only) {
      allow = only;
      return this;
    }

    /** How many peers it has; {@link PeerLimits#STANDARD} if nothing is said. */
    public Builder peerLimits(PeerLimits limits) {
      peerLimits = limits;
      return this;
    }

    /** Hashes all the time, on networks whose blocks are not made on demand. */
    public Builder mine(boolean all) {
      mine = all;
      return this;
    }

    /**
     * Whether to find peers besides those it is told to connect to, by asking them; it does if
     * nothing is said.
     */
    public Builder discovery(boolean on) {
      discovery = on;
      return this;
    }

    /**
     * What to answer whoever speaks HTTP to the peer port by mistake.
     *
     * @param sentence says where the API is
     */
    public Builder httpHint(String sentence) {
      httpHint = sentence;
      return this;
    }

    /**
     * What {@link Dolmen#settings} shows, where more is known of the settings than what this
     * builder was told.
     */
    public Builder settings(List<NodeSettings.Line> lines) {
      shown = ImmutableList.copyOf(lines);
      return this;
    }

    private ImmutableList<NodeSettings.Line> described() {
      Builder untold = new Builder();
      return ImmutableList.of(
          line(Setting.NETWORK, network.name(), network.equals(untold.network)),
          line(Setting.MEMORY, Boolean.toString(dataDirectory == null), dataDirectory == null),
          line(
              Setting.DATA_DIR,
              dataDirectory == null ? "" : dataDirectory.toString(),
              dataDirectory == null),
          line(Setting.LISTEN, listen.toString(), listen.equals(untold.listen)),
          line(Setting.CONNECT, Joiner.on(',').join(connect), connect.isEmpty()),
          line(Setting.ALLOW, allow.toString(), allow.isOpen()),
          line(Setting.MINE, Boolean.toString(mine), !mine),
          line(Setting.NAME, name, name.equals(untold.name)));
    }

    private static NodeSettings.Line line(Setting setting, String value, boolean isDefault) {
      return new NodeSettings.Line(
          setting.key(), value, isDefault ? NodeSettings.DEFAULT_ORIGIN : "program");
    }

    /**
     * Starts the node. It listens when this returns.
     *
     * @throws IOException if the port, the data directory or a file of allowed peers cannot be
     *     used; the message says what to do
     */
    public Dolmen start() throws IOException {
      return new Dolmen(this);
    }
  }
}
