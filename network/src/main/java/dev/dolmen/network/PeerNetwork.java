package dev.dolmen.network;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.dolmen.network.handshake.Handshake;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.keepalive.Keepalive;
import dev.dolmen.network.netty.Frame;
import dev.dolmen.network.netty.PeerChannel;
import dev.dolmen.network.netty.QuietLog;
import dev.dolmen.network.netty.Transport;
import dev.dolmen.network.peers.AllowList;
import dev.dolmen.network.peers.Arrivals;
import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.Departure;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.network.peers.Discouragement;
import dev.dolmen.network.peers.Discovery;
import dev.dolmen.network.peers.Endpoint;
import dev.dolmen.network.peers.Eviction;
import dev.dolmen.network.peers.Gift;
import dev.dolmen.network.peers.IpAddress;
import dev.dolmen.network.peers.LinkAction;
import dev.dolmen.network.peers.LinkCondition;
import dev.dolmen.network.peers.Links;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.network.peers.Rests;
import dev.dolmen.network.peers.SendQueue;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Peers;
import dev.dolmen.protocol.Response;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process as client and server at once: it listens, dials, keeps a pool of peers, and moves
 * envelopes to and from them. What comes and goes is told as {@link PeerEvent}s.
 *
 * <p>All state belongs to the transport's control executor; the public methods may be called from
 * any thread and hand over to it, in order. It reads no clock but that executor's ticker and draws
 * no number but from the generator it is given, so on a single-threaded transport the same inputs
 * give the same run.
 *
 * <p>Rules and limits: {@code docs/protocol.md} and {@link Limits}.
 */
public final class PeerNetwork implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);

  private static final DisconnectReason CUT =
      new DisconnectReason(Code.NOT_ALLOWED, "this link is cut until it is healed");

  private static final DisconnectReason BANNED_PEER =
      new DisconnectReason(Code.NOT_ALLOWED, "the operator of this node does not want this peer");

  private static final DisconnectReason BANNED_ADDRESS =
      new DisconnectReason(
          Code.NOT_ALLOWED, "the operator of this node does not want this address");

  private static final DisconnectReason UNLISTED =
      new DisconnectReason(
          Code.NOT_ALLOWED, "this node's network is closed, and this peer is not on its list");

  /** What this node's operator has to change before a dial makes sense again. */
  private static final ImmutableSet<DisconnectReason> OPERATORS_OWN =
      ImmutableSet.of(BANNED_PEER, BANNED_ADDRESS, UNLISTED);

  /** Peers that went whose reasons are kept for people to read. */
  static final int MAX_DEPARTURES = 64;

  /** Of the peers that were found, so many stay, however little use they are. */
  static final int LEAST_FOUND = 4;

  /** Between two times that what is known of other peers is given to be kept. */
  static final Duration SAVE_INTERVAL = Duration.ofMinutes(10);

  private final Transport transport;
  private final PeerNetworkOptions options;
  private final EventExecutor control;
  private final Ticker ticker;
  private final Links links;
  private final DialPolicy dials;
  private final Arrivals arrivals;
  private final Eviction eviction;
  private final Discouragement discouraged;
  private final Rests rests;
  private final Optional<Discovery> discovery;
  private final Alarm housekeeping;
  private final Optional<MessageTap> tap;
  private final Performer performer = new Performer();
  private final Map<Long, Link> all = new LinkedHashMap<>();
  private final Map<PeerId, Link> ready = new LinkedHashMap<>();
  private final Map<PeerId, LinkCondition> conditions = new LinkedHashMap<>();
  private final Deque<Departure> departures = new ArrayDeque<>();
  private final QuietLog comings;
  private final QuietLog goings;
  private final QuietLog refusals;
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final Promise<Void> emptied;
  private long lastNumber;
  private long nextSave;
  private ImmutableList<Endpoint> savedAnchors = ImmutableList.of();
  private boolean closing;
  private volatile int listeningPort;
  private volatile ImmutableList<Link> readySnapshot = ImmutableList.of();
  private volatile ImmutableList<DialPolicy.Status> dialSnapshot = ImmutableList.of();
  private volatile ImmutableList<Departure> departureSnapshot = ImmutableList.of();
  private volatile ImmutableSet<PeerId> readyIds = ImmutableSet.of();
  private volatile Bans bans = Bans.NONE;
  private volatile AllowList allowed = AllowList.ANYBODY;

  /**
   * A network on this transport, which belongs to it from now on. It is idle until told to listen
   * or connect.
   */
  public PeerNetwork(Transport transport, PeerNetworkOptions options) {
    this.transport = transport;
    this.options = options;
    this.control = transport.control();
    this.tap = options.tap();
    this.ticker = control.ticker();
    Timeouts timeouts = options.timeouts();
    this.links =
        new Links(
            options.self(),
            options.maxPeers(),
            options.reservedForDialled(),
            timeouts.duplicate(),
            this::evictable);
    this.arrivals =
        new Arrivals(
            new Arrivals.Caps(
                options.maxHandshakes(),
                options.maxPerAddress(),
                options.maxPerGroup(),
                timeouts.inboundRedial()));
    this.eviction = new Eviction(options.random());
    this.discouraged = new Discouragement(options.random(), ticker.nanoTime());
    this.rests = new Rests(timeouts.rest());
    this.discovery =
        options
            .discovery()
            .map(
                finding ->
                    new Discovery(
                        finding.kept(),
                        options.reservedForDialled(),
                        options.random(),
                        ticker.nanoTime()));
    this.nextSave = ticker.nanoTime() + SAVE_INTERVAL.toNanos();
    this.dials = new DialPolicy(timeouts.firstRedial(), timeouts.mostRedial(), options.random());
    this.housekeeping = new Alarm(control, this::keepHouse);
    this.comings = new QuietLog(LOG, ticker);
    this.goings = new QuietLog(LOG, ticker);
    this.refusals = new QuietLog(LOG, ticker);
    this.emptied = control.newPromise();
  }

  // ------------------------------------------------------------------------------------------------- any thread

  /**
   * Starts to accept peers. Blocks until it does.
   *
   * @param where port 0 chooses a free one
   * @return where it really listens
   * @throws IOException if it cannot; the message says what to do
   */
  public HostAndPort listen(HostAndPort where) throws IOException {
    HostAndPort actual = transport.listen(where, this::install);
    listeningPort = actual.getPort();
    return actual;
  }

  /**
   * Keeps a link to this address: dials now, and again for ever whenever there is none. Asking
   * twice changes nothing.
   */
  public void connect(PeerAddress address) {
    onControl(
        () -> {
          dials.add(address, now());
          keepHouse();
        });
  }

  /** Stops keeping a link to this address. A link that stands stays. */
  public void forget(PeerAddress address) {
    onControl(
        () -> {
          dials.remove(address);
          keepHouse();
        });
  }

  /**
   * Sends to one peer, in order. Nothing happens if it is gone. A message that finds more than the
   * limit and one of the largest size waiting closes the link, for that peer does not read: wait
   * for {@link PeerEvent.Drained} between the parts of a long answer. A block's announcement is
   * dropped in that case.
   *
   * @throws IllegalArgumentException if the envelope is larger than a frame may be
   */
  public void send(PeerId peer, Envelope envelope) {
    Frame frame = Frame.of(envelope, options.maxFrameBytes());
    onControl(
        () ->
            Optional.ofNullable(ready.get(peer))
                .ifPresent(link -> say(ImmutableList.of(link), frame, envelope)));
  }

  /**
   * Sends on some links, as {@link #send(PeerId, Envelope)}; the envelope is encoded once. Nothing
   * is sent on a link that is gone, even if there is another to the same peer: that one has not
   * asked for it.
   *
   * @param numbers of links, as events tell them
   */
  public void sendOn(Collection<Long> numbers, Envelope envelope) {
    Frame frame = Frame.of(envelope, options.maxFrameBytes());
    ImmutableList<Long> addressees = ImmutableList.copyOf(numbers);
    onControl(
        () -> {
          ImmutableList.Builder<Link> standing = ImmutableList.builder();
          addressees.forEach(number -> readyLink(number).ifPresent(standing::add));
          say(standing.build(), frame, envelope);
        });
  }

  private Optional<Link> readyLink(long number) {
    return Optional.ofNullable(all.get(number)).filter(link -> link.stage == Link.Stage.READY);
  }

  /** Sends to every peer, as {@link #send(PeerId, Envelope)}; the envelope is encoded once. */
  public void broadcast(Envelope envelope) {
    Frame frame = Frame.of(envelope, options.maxFrameBytes());
    onControl(() -> say(ImmutableList.copyOf(ready.values()), frame, envelope));
  }

  /** Tells a peer why and closes one link to it, as {@link #disconnect} does. */
  public void disconnectOn(long number, DisconnectReason reason) {
    onControl(() -> readyLink(number).ifPresent(link -> refuse(link, reason)));
  }

  /** Tells a peer why and closes its link; an address that leads to it is dialled again later. */
  public void disconnect(PeerId peer, DisconnectReason reason) {
    onControl(() -> Optional.ofNullable(ready.get(peer)).ifPresent(link -> refuse(link, reason)));
  }

  /**
   * Tells a peer why and closes its link, so that another takes its place: only if this side found
   * it by itself, and has more than {@link #LEAST_FOUND} such.
   */
  public void replace(PeerId peer, DisconnectReason reason) {
    onControl(
        () -> {
          long found = ready.values().stream().filter(link -> link.way == Link.Way.FOUND).count();
          Link link = ready.get(peer);
          if (link != null && link.way == Link.Way.FOUND && found > LEAST_FOUND) {
            refuse(link, reason);
          }
        });
  }

  /**
   * Cuts, heals or slows this end of the link to a peer, for networks that are taken apart on
   * purpose. It holds for every later link to that peer too, until it is changed. A link that may
   * be up is dialled at once, if it is one that we keep and it does not stand; what is slowed is
   * pinged at once, so that its new delay is measured.
   */
  public void condition(PeerId peer, LinkCondition condition) {
    onControl(() -> changeCondition(peer, condition));
  }

  /**
   * Whom the operator does not want, in place of whom it did not want before. Those who are here
   * must go.
   */
  public void ban(Bans all) {
    bans = all;
    onControl(this::throwOut);
  }

  /**
   * Who may be spoken to at all, in place of who might before. Those who are here and may not be
   * any more must go.
   */
  public void allow(AllowList list) {
    allowed = list;
    onControl(
        () -> {
          discovery.ifPresent(found -> found.onAllowed(list));
          throwOut();
        });
  }

  /** A peer was useful, which counts when places are scarce. */
  public void credit(PeerId peer, Gift gift) {
    onControl(
        () -> {
          Link link = ready.get(peer);
          if (link != null && gift == Gift.ENTRY) {
            link.lastEntry = now();
          } else if (link != null) {
            link.lastBlock = now();
          }
        });
  }

  /**
   * Gives back what was received, once it is dealt with, so that reading from that peer can go on.
   */
  public void consumed(PeerEvent.Received received) {
    onControl(
        () ->
            readyLink(received.link())
                .flatMap(Link::channel)
                .ifPresent(channel -> channel.consumed(received.bytes())));
  }

  /** The peers in the pool, in the order in which they came. */
  public ImmutableList<PeerInfo> peers() {
    return readySnapshot.stream().map(Link::info).collect(ImmutableList.toImmutableList());
  }

  /** The peers that went last, and why; the latest first, {@value #MAX_DEPARTURES} at most. */
  public ImmutableList<Departure> departures() {
    return departureSnapshot;
  }

  /** The addresses that are kept, as they were when something last changed. */
  public ImmutableList<DialPolicy.Status> dials() {
    return dialSnapshot;
  }

  /**
   * What went over all links since the start, those included that have ended.
   *
   * @param bytesIn frames received from peers
   * @param bytesOut frames sent to them
   */
  public record Traffic(long bytesIn, long bytesOut) {}

  /** How much peers and this node have said to each other. */
  public Traffic traffic() {
    return new Traffic(bytesIn.sum(), bytesOut.sum());
  }

  /** How many tasks wait for the executor that owns all this. */
  public int pendingTasks() {
    return control instanceof SingleThreadEventExecutor loop && !loop.isShuttingDown()
        ? loop.pendingTasks()
        : 0;
  }

  /**
   * How long a task waits for the executor that owns all this. Blocks until it knows.
   *
   * @param patience how long it may block; then the answer is empty, as it is once that executor
   *     has ended
   */
  public Optional<Duration> lag(Duration patience) {
    if (control.isShuttingDown()) {
      return Optional.empty();
    }
    CompletableFuture<Long> ran = new CompletableFuture<>();
    long asked = ticker.nanoTime();
    onControl(() -> ran.complete(ticker.nanoTime() - asked));
    try {
      return Optional.of(Duration.ofNanos(ran.get(patience.toNanos(), TimeUnit.NANOSECONDS)));
    } catch (TimeoutException tooLong) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing fails this", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The threads may have ended already: then there is nobody left to send to. */
  private void onControl(Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.debug("the network is closed; nothing is done any more");
    }
  }

  /**
   * Says goodbye to every peer, frees the port and ends the threads. Blocks until that is done, and
   * must not be called by the consumer of events; on a single-threaded transport it starts all
   * that, and time must go on for it to end.
   */
  @Override
  public void close() {
    if (control.inEventLoop()) {
      sayGoodbye();
      emptied.addListener(unused -> transport.close());
    } else {
      if (!control.isShuttingDown()) {
        control.execute(this::sayGoodbye);
        emptied.awaitUninterruptibly(2 * options.timeouts().goodbye().toMillis());
      }
      transport.close();
    }
  }

  // -------------------------------------------------------------------------------------------
  // event loops → here

  private void install(Channel channel) {
    Link link = newLink(Link.Way.CAME, Optional.empty(), text(channel.remoteAddress()));
    PeerChannel installed = install(channel, link);
    control.execute(() -> onArrived(link, installed));
  }

  private PeerChannel install(Channel channel, Link link) {
    PeerChannel.Terms terms =
        new PeerChannel.Terms(
            options.self(),
            new Handshake.Terms(
                link.dialled.flatMap(PeerAddress::id),
                peer -> objectionOnArrival(link, peer),
                peer -> onlyProbes(link, peer)),
            options.timeouts().handshake(),
            link.outbound() ? OptionalLong.of(link.begun) : OptionalLong.empty(),
            options.maxFrameBytes(),
            options.maxUnconsumedBytes(),
            this::hello);
    return PeerChannel.install(channel, ticker, terms, link);
  }

  /** Whether a dialled peer is only looked at; asked by event loops. */
  private boolean onlyProbes(Link link, PeerId peer) {
    return link.way == Link.Way.PROBE || (link.way == Link.Way.FOUND && readyIds.contains(peer));
  }

  /** Why a peer that has proved its key must not be greeted; asked by event loops. */
  private Optional<DisconnectReason> objectionOnArrival(Link link, PeerId peer) {
    if (!allowed.allows(peer)) {
      onControl(() -> onUnlisted(link, peer));
    }
    return objection(peer);
  }

  /** Why a peer must not be spoken to; asked by event loops too. */
  private Optional<DisconnectReason> objection(PeerId peer) {
    return allowed.allows(peer)
        ? bans.against(peer, options.wallClock().instant()).map(PeerNetwork::banned)
        : Optional.of(UNLISTED);
  }

  private static DisconnectReason banned(Bans.Ban ban) {
    return ban.subject().id().isPresent() ? BANNED_PEER : BANNED_ADDRESS;
  }

  private Hello hello() {
    LocalTip tip = options.tip().get();
    return Hello.newBuilder()
        .setProtocolVersion(Limits.PROTOCOL_VERSION)
        .setNetwork(options.genesis())
        .setListeningPort(listeningPort)
        .setTipHeight(tip.height())
        .setTipWork(tip.work())
        .setName(options.name())
        .build();
  }

  private Link newLink(Link.Way way, Optional<PeerAddress> dialled, String address) {
    SendQueue queue =
        new SendQueue(
            options.maxQueuedBytes(),
            Limits.FRAME_LENGTH_BYTES + (long) options.maxFrameBytes(),
            options.timeouts().writeStall());
    return new Link(this, control, way, dialled, address, now(), queue);
  }

  // ----------------------------------------------------------------------------------------------
  // on control only

  private void onArrived(Link link, PeerChannel channel) {
    register(link);
    link.installed(channel);
    Optional<DisconnectReason> refused = refusal(link);
    if (refused.isPresent()) {
      end(link, refused.get());
      channel.close(refused.get());
    } else {
      channel.open();
    }
  }

  /** Why somebody who connected is not heard, without a word, since a word would cost TLS. */
  private Optional<DisconnectReason> refusal(Link link) {
    if (closing) {
      return Optional.of(new DisconnectReason(Code.GOODBYE, "this node is stopping"));
    }
    Optional<IpAddress> ip = link.endpoint.map(Endpoint::ip);
    Optional<Bans.Ban> ban = ip.flatMap(at -> bans.against(at, options.wallClock().instant()));
    if (ban.isPresent()) {
      return ban.map(PeerNetwork::banned);
    }
    if (ip.filter(at -> discouraged.contains(at, now())).isPresent()) {
      return Optional.of(
          new DisconnectReason(Code.NOT_ALLOWED, "a rule was broken from this address"));
    }
    return arrivals
        .knock(link.number, link.endpoint, now())
        .map(why -> new DisconnectReason(Code.FULL, why));
  }

  void onConnected(Link link) {
    if (link.stage == Link.Stage.CONNECTING) {
      link.stage = Link.Stage.MEETING;
      link.metAt =
          link.channel()
              .flatMap(channel -> Endpoint.parse(text(channel.remoteAddress())))
              .or(() -> link.endpoint);
      if (isBannedWhereMet(link)) { // a name does not say where it leads
        refuse(link, BANNED_ADDRESS);
        return;
      }
    }
    if (link.stage == Link.Stage.MEETING) {
      link.alarm.cancel();
      long begun = link.outbound() ? link.begun : now();
      link.alarm.noLaterThan(begun + options.timeouts().handshake().toNanos());
    }
  }

  private boolean isBannedWhereMet(Link link) {
    Instant wall = options.wallClock().instant();
    return link.metAt.flatMap(at -> bans.against(at.ip(), wall)).isPresent();
  }

  void onProbed(Link link, PeerId peer) {
    if (link.discoveryWaits) {
      link.discoveryWaits = false;
      Optional<Endpoint> at = link.endpoint;
      discovery.ifPresent(
          found -> at.ifPresent(e -> found.onReached(e, links.linkTo(peer), now())));
    }
  }

  /** A found address led to somebody who may not be spoken to; it is not dialled again. */
  private void onUnlisted(Link link, PeerId peer) {
    if (link.discoveryWaits) {
      link.discoveryWaits = false;
      Optional<Endpoint> at = link.endpoint;
      discovery.ifPresent(found -> at.ifPresent(e -> found.onUnlisted(e, peer, now())));
    }
  }

  void onHandshaken(Link link, PeerId peer, Hello hello) {
    if (link.stage != Link.Stage.MEETING) {
      return;
    }
    arrivals.handshaken(link.number);
    Optional<DisconnectReason> objection = objection(peer); // may be news since it was greeted
    if (objection.isPresent()) {
      refuse(link, objection.get());
      return;
    }
    if (!isWanted(peer) && isUnwelcome(link, peer)) {
      return;
    }
    link.met(peer, hello);
    link.dialled.ifPresent(address -> dials.leadsTo(address, peer));
    if (!conditionOf(peer).up()) {
      refuse(link, CUT);
      return;
    }
    perform(links.handshaken(link.number, peer, link.outbound(), now()));
    keepHouse();
  }

  /** Whether this peer has broken a rule lately, or rests; then it is refused. */
  private boolean isUnwelcome(Link link, PeerId peer) {
    if (discouraged.contains(peer, now())) {
      refuse(link, new DisconnectReason(Code.NOT_ALLOWED, "this peer broke a rule"));
    } else if (rests.isResting(peer, now())) {
      refuse(
          link,
          new DisconnectReason(
              Code.TIMEOUT, "this peer was of no use lately; it may come again in a while"));
    }
    return link.stage == Link.Stage.ENDING;
  }

  /** Whether the operator named this peer. */
  private boolean isWanted(PeerId peer) {
    return dials.keeps(peer);
  }

  /** Who would have to make room for another stranger. */
  private OptionalLong evictable() {
    return eviction.choose(
        ready.values().stream()
            .filter(link -> !link.outbound() && !isWanted(link.peer()))
            .map(link -> link.candidate(groupOf(link)))
            .collect(ImmutableList.toImmutableList()));
  }

  /** Hosts without a number, as there are in simulations, are a group each. */
  private static Endpoint.Group groupOf(Link link) {
    return link.endpoint
        .map(Endpoint::group)
        .orElseGet(() -> new Endpoint.Group(new IpAddress(-1, link.number), 0));
  }

  void onReceived(Link link, Envelope envelope, int bytes) {
    if (link.stage != Link.Stage.READY) {
      return;
    }
    tap.ifPresent(listener -> listener.heard(link.peer(), envelope));
    Optional<DisconnectReason> told = Handshake.refusalIn(envelope);
    if (told.isPresent()) {
      end(link, told.get());
      link.channel().ifPresent(channel -> channel.close(told.get()));
      return;
    }
    link.keepalive()
        .onEnvelope(envelope, options.tip().get().hash(), now())
        .ifPresent(pong -> say(link, pong));
    perform(links.heard(link.number));
    if (link.stage != Link.Stage.READY) {
      return;
    }
    link.countIn(bytes);
    bytesIn.add(bytes);
    if (isOurs(link, envelope)) {
      link.channel().ifPresent(channel -> channel.consumed(bytes));
    } else {
      emit(link, new PeerEvent.Received(link.peer(), link.number, envelope, bytes));
    }
  }

  /** Addresses of peers are this layer's own subject: asked for, answered and taken here. */
  private boolean isOurs(Link link, Envelope envelope) {
    if (envelope.getBodyCase() == Envelope.BodyCase.GET_PEERS) {
      answerWithPeers(link, envelope.getRequestId());
      return true;
    }
    if (link.askedForPeers == 0
        || envelope.getBodyCase() != Envelope.BodyCase.RESPONSE
        || envelope.getRequestId() != link.askedForPeers) {
      return false;
    }
    switch (envelope.getResponse().getAnswerCase()) {
      case PEERS ->
          discovery
              .flatMap(d -> d.onAnswer(link.number, envelope.getResponse().getPeers(), now()))
              .ifPresent(wrong -> refuse(link, new DisconnectReason(Code.VIOLATION, wrong)));
      case REFUSAL -> {}
      case BLOCKS, HEADERS, TRANSACTIONS, ANSWER_NOT_SET ->
          refuse(
              link,
              new DisconnectReason(
                  Code.VIOLATION,
                  "asked for peers, answered " + envelope.getResponse().getAnswerCase()));
    }
    keepHouse();
    return true;
  }

  private void answerWithPeers(Link link, long requestId) {
    if (requestId == 0) {
      refuse(link, new DisconnectReason(Code.VIOLATION, "a request without an id"));
      return;
    }
    Peers peers =
        discovery.map(d -> d.onQuestion(link.number, now())).orElseGet(Peers::getDefaultInstance);
    write(
        link,
        frame(
            Envelope.newBuilder()
                .setRequestId(requestId)
                .setResponse(Response.newBuilder().setPeers(peers))
                .build()),
        false);
  }

  void onReading(Link link, boolean goesOn) {
    if (link.stage == Link.Stage.READY) {
      link.keepalive().reading(goesOn, now());
      wakeInTime(link);
    }
  }

  void onFlushed(Link link, int bytes) {
    boolean answerLeft = link.queue.flushed(bytes, now());
    if (link.stage == Link.Stage.READY) {
      link.countOut(bytes);
      bytesOut.add(bytes);
      if (answerLeft) {
        emit(link, new PeerEvent.Drained(link.peer(), link.number));
      }
    }
  }

  void onEnding(Link link, DisconnectReason reason, @Nullable Throwable bug) {
    if (bug != null) {
      if (isFatal(bug)) {
        options.fatal().accept((Error) bug);
      }
      LOG.error("a bug ended the link to {}", link.address(), bug);
    }
    if (link.stage != Link.Stage.CONNECTING) { // else the attempt itself tells why it failed
      end(link, reason);
    }
  }

  void onClosed(Link link) {
    if (link.stage == Link.Stage.ENDING) {
      release(link);
    }
  }

  void onAlarm(Link link) {
    switch (link.stage) {
      case CONNECTING -> {
        Future<?> attempt = link.attempt;
        onDialFailed(link, "no answer within " + options.timeouts().connect().toMillis() + " ms");
        if (attempt != null) {
          attempt.cancel(true);
        }
      }
      case MEETING -> link.channel().ifPresent(PeerChannel::onTime);
      case PARKED -> {}
      case READY -> lookAfter(link);
      case ENDING ->
          link.channel()
              .ifPresent(
                  channel ->
                      channel.close(
                          new DisconnectReason(Code.CLOSED, "the goodbye took too long")));
    }
  }

  private void lookAfter(Link link) {
    long now = now();
    Optional<DisconnectReason> over =
        link.queue.isStalled(now)
            ? Optional.of(
                new DisconnectReason(
                    Code.TIMEOUT,
                    "read nothing of "
                        + link.queue.queued()
                        + " bytes for "
                        + options.timeouts().writeStall().toMillis()
                        + " ms"))
            : link.keepalive().silence(now);
    if (over.isPresent()) {
      refuse(link, over.get());
      return;
    }
    link.keepalive().pingIfDue(options.tip().get().hash(), now).ifPresent(ping -> say(link, ping));
    wakeInTime(link);
  }

  private void wakeInTime(Link link) {
    if (link.stage == Link.Stage.READY) {
      link.alarm.noLaterThan(link.keepalive().nextWake());
      link.queue.nextWake().ifPresent(link.alarm::noLaterThan);
    }
  }

  private void say(Link link, Envelope envelope) {
    say(ImmutableList.of(link), frame(envelope), envelope);
  }

  private void say(ImmutableList<Link> links, Frame frame, Envelope envelope) {
    if (tap.isEmpty()) {
      links.forEach(link -> write(link, frame));
      return;
    }
    int present = ready.size();
    ImmutableList.Builder<PeerId> reached = ImmutableList.builder();
    for (Link link : links) {
      if (write(link, frame)) {
        reached.add(link.peer());
      }
    }
    ImmutableList<PeerId> to = reached.build();
    if (!to.isEmpty()) {
      tap.get().said(to, to.size() > 1 && to.size() == present, envelope);
    }
  }

  private boolean write(Link link, Frame frame) {
    return write(link, frame, frame.isAnswer());
  }

  /**
   * Queues a frame.
   *
   * @param awaited whether the layer above waits for it to leave
   * @return whether it is on its way
   */
  private boolean write(Link link, Frame frame, boolean awaited) {
    if (link.stage != Link.Stage.READY) {
      return false;
    }
    switch (link.queue.offer(frame.size(), frame.isAnnouncement(), now())) {
      case QUEUE -> {
        if (awaited) {
          link.queue.endsWithAnswer();
        }
        link.countQueued();
        link.pass(frame);
        wakeInTime(link);
        return true;
      }
      case DROP -> LOG.debug("{} does not read; left out an announcement", link.address());
      case CLOSE ->
          refuse(
              link,
              new DisconnectReason(
                  Code.TIMEOUT, link.queue.queued() + " bytes wait for it and it does not read"));
    }
    return false;
  }

  private LinkCondition conditionOf(PeerId peer) {
    return conditions.getOrDefault(peer, LinkCondition.NORMAL);
  }

  private void changeCondition(PeerId peer, LinkCondition condition) {
    if (condition.equals(LinkCondition.NORMAL)) {
      conditions.remove(peer);
    } else {
      conditions.put(peer, condition);
    }
    if (condition.up()) {
      dials.heal(peer, now());
      Optional.ofNullable(ready.get(peer))
          .ifPresent(
              link -> {
                link.slow(condition.delay());
                say(link, link.keepalive().ping(options.tip().get().hash(), now()));
              });
    } else {
      dials.cut(peer);
      // First the ones that wait for a place: else one would be admitted when another ends.
      linksTo(peer, Link.Stage.PARKED).forEach(link -> refuse(link, CUT));
      linksTo(peer, Link.Stage.READY).forEach(link -> refuse(link, CUT));
    }
    keepHouse();
  }

  private ImmutableList<Link> linksTo(PeerId peer, Link.Stage stage) {
    return all.values().stream()
        .filter(link -> link.stage == stage && link.peer().equals(peer))
        .collect(ImmutableList.toImmutableList());
  }

  private Frame frame(Envelope envelope) {
    return Frame.of(envelope, options.maxFrameBytes());
  }

  // -----------------------------------------------------------------------------------------------
  // dialling

  private void keepHouse() {
    if (closing) {
      return;
    }
    perform(links.onTime(now()));
    dials.takeDue(now()).forEach(this::dialKept);
    dialSnapshot = dials.statuses(now());
    discovery.ifPresent(this::discover);
    Stream.of(
            dials.nextWake(),
            links.nextWake(),
            discovery.map(d -> OptionalLong.of(d.nextWake())).orElse(OptionalLong.empty()))
        .flatMapToLong(OptionalLong::stream)
        .forEach(housekeeping::noLaterThan);
  }

  private void discover(Discovery found) {
    for (Discovery.Action action : found.onTime(now())) {
      if (action instanceof Discovery.Action.Dial dial) {
        dialFound(found, dial);
      } else if (action instanceof Discovery.Action.Ask ask) {
        Optional.ofNullable(all.get(ask.link()))
            .filter(link -> link.stage == Link.Stage.READY)
            .ifPresent(this::askForPeers);
      }
    }
    ImmutableList<Endpoint> anchors = found.anchors();
    if (now() - nextSave >= 0 || (savedAnchors.isEmpty() && !anchors.isEmpty())) {
      save(found);
    }
  }

  private void save(Discovery found) {
    nextSave = now() + SAVE_INTERVAL.toNanos();
    savedAnchors = found.anchors();
    options.discovery().ifPresent(finding -> finding.keep().accept(found.save(now())));
  }

  private void dialFound(Discovery found, Discovery.Action.Dial action) {
    Endpoint endpoint = action.endpoint();
    PeerAddress address = endpoint.toAddress();
    boolean isUnwanted =
        bans.against(endpoint.ip(), options.wallClock().instant()).isPresent()
            || discouraged.contains(endpoint.ip(), now())
            || dials.keeps(address);
    if (isUnwanted) {
      found.onFailed(endpoint, now());
    } else {
      dial(action.onlyProbe() ? Link.Way.PROBE : Link.Way.FOUND, address);
    }
  }

  private void askForPeers(Link link) {
    link.askedForPeers = link.keepalive().nextRequestId();
    write(
        link,
        frame(
            Envelope.newBuilder()
                .setRequestId(link.askedForPeers)
                .setGetPeers(GetPeers.getDefaultInstance())
                .build()));
  }

  /** Discovery hears once how each of its dials went. */
  private void tellDiscovery(Link link, DisconnectReason reason) {
    if (!link.discoveryWaits || link.endpoint.isEmpty()) {
      return;
    }
    link.discoveryWaits = false;
    Endpoint endpoint = link.endpoint.get();
    Optional<PeerId> met = link.peerIfKnown();
    discovery.ifPresent(
        found -> {
          if (met.isPresent() && reason.code() != Code.VIOLATION) {
            found.onReached(endpoint, links.linkTo(met.get()), now());
          } else if (reason.code() == Code.SELF) {
            found.onSelf(endpoint, now());
          } else {
            found.onFailed(endpoint, now());
          }
        });
  }

  private void dialKept(PeerAddress address) {
    Instant wall = options.wallClock().instant();
    if (address.id().filter(id -> !allowed.allows(id)).isPresent()) {
      dials.rests(
          address, "not on this node's list of allowed peers", options.timeouts().rest(), now());
      return;
    }
    boolean isBanned =
        address.id().flatMap(id -> bans.against(id, wall)).isPresent()
            || IpAddress.parse(address.host()).flatMap(ip -> bans.against(ip, wall)).isPresent();
    if (isBanned) {
      dials.rests(address, "banned by this node's operator", options.timeouts().rest(), now());
    } else {
      dial(Link.Way.KEPT, address);
    }
  }

  /** Ends every link to whom the operator does not want any more. */
  private void throwOut() {
    for (Link link : ImmutableList.copyOf(all.values())) {
      Optional<DisconnectReason> objection =
          link.peerIfKnown()
              .flatMap(this::objection)
              .or(() -> isBannedWhereMet(link) ? Optional.of(BANNED_ADDRESS) : Optional.empty());
      if (objection.isPresent() && link.stage != Link.Stage.CONNECTING) {
        refuse(link, objection.get());
      }
    }
    dials.statuses(now()).forEach(status -> dials.hurry(status.address(), now()));
    keepHouse();
  }

  private void dial(Link.Way way, PeerAddress address) {
    Link link = newLink(way, Optional.of(address), address.place().toString());
    register(link);
    link.discoveryWaits = way == Link.Way.FOUND || way == Link.Way.PROBE;
    link.alarm.noLaterThan(now() + options.timeouts().connect().toNanos());
    Future<?> attempt =
        transport.dial(
            address,
            channel -> {
              PeerChannel installed = install(channel, link);
              control.execute(() -> onDialled(link, installed));
            });
    link.attempt = attempt;
    attempt.addListener(
        done -> {
          if (!done.isSuccess()) {
            control.execute(() -> onDialFailed(link, String.valueOf(done.cause().getMessage())));
          }
        });
  }

  private void onDialled(Link link, PeerChannel channel) {
    link.installed(channel);
    if (link.stage == Link.Stage.ENDING) {
      channel.close(new DisconnectReason(Code.CLOSED, "given up"));
    } else {
      channel.open();
    }
  }

  private void onDialFailed(Link link, String why) {
    if (link.stage == Link.Stage.CONNECTING) {
      link.stage = Link.Stage.ENDING;
      link.alarm.cancel();
      // It may have connected at this very moment; nobody would look after it.
      link.channel().ifPresent(channel -> channel.close(new DisconnectReason(Code.CLOSED, why)));
      release(link);
      tellDiscovery(link, new DisconnectReason(Code.FAILED, why));
      if (!closing && link.way == Link.Way.KEPT && link.dialled.isPresent()) {
        dialEnded(link.dialled.get(), why);
      }
      keepHouse();
    }
  }

  private void dialEnded(PeerAddress address, String why) {
    if (dials.ended(address, why, now())) {
      refusals.info("cannot reach {}: {}; trying again", address.place(), why);
    }
  }

  // ------------------------------------------------------------------------------------------
  // coming and going

  private void register(Link link) {
    link.number = ++lastNumber;
    all.put(link.number, link);
  }

  private void perform(List<LinkAction> actions) {
    actions.forEach(action -> action.deliverTo(performer));
  }

  private final class Performer implements LinkAction.Performer {
    @Override
    public void admit(LinkAction.Admit action) {
      Optional.ofNullable(all.get(action.link())).ifPresent(PeerNetwork.this::admit);
    }

    @Override
    public void ping(LinkAction.Ping action) {
      Link link =
          ready.values().stream().filter(l -> l.number == action.link()).findFirst().orElse(null);
      if (link == null) {
        return;
      }
      say(link, link.keepalive().ping(options.tip().get().hash(), now()));
      if (!link.keepalive().isReading()) {
        perform(links.heard(link.number)); // What it said is here, and waits for us.
      }
    }

    @Override
    public void refuse(LinkAction.Refuse action) {
      Optional.ofNullable(all.get(action.link()))
          .ifPresent(link -> PeerNetwork.this.refuse(link, action.reason()));
    }
  }

  private void admit(Link link) {
    Timeouts timeouts = options.timeouts();
    link.ready(
        new Keepalive(timeouts.pingInterval(), timeouts.silence(), now()),
        options.wallClock().instant());
    link.slow(conditionOf(link.peer()).delay());
    link.alarm.cancel();
    ready.put(link.peer(), link);
    snapshotReady();
    link.discoveryWaits = false;
    discovery.ifPresent(
        found ->
            found.onReady(
                link.number,
                link.outbound(),
                link.endpoint,
                link.hello().getListeningPort(),
                now()));
    if (link.way == Link.Way.KEPT) {
      link.dialled.ifPresent(address -> dials.connected(address, now()));
    }
    comings.info(
        "peer {} came: {} {}",
        link.peer().toShortString(),
        link.outbound() ? "dialled" : "from",
        link.address());
    emit(
        link,
        new PeerEvent.Ready(
            link.peer(), link.number, link.address(), link.outbound(), link.hello()));
    tap.ifPresent(listener -> tellOfMeeting(listener, link));
    link.channel().ifPresent(PeerChannel::admit);
    if (!conditionOf(link.peer()).delay().isZero()) {
      say(link, link.keepalive().ping(options.tip().get().hash(), now()));
    }
    wakeInTime(link);
  }

  /** The Hellos went before the link was one. */
  private void tellOfMeeting(MessageTap listener, Link link) {
    listener.said(
        ImmutableList.of(link.peer()), false, Envelope.newBuilder().setHello(hello()).build());
    listener.heard(link.peer(), Envelope.newBuilder().setHello(link.hello()).build());
  }

  private void refuse(Link link, DisconnectReason reason) {
    if (link.stage == Link.Stage.READY) {
      tap.ifPresent(
          listener ->
              listener.said(ImmutableList.of(link.peer()), false, Handshake.refusal(reason)));
    }
    end(link, reason);
    link.channel().ifPresent(channel -> channel.refuse(reason));
  }

  /** Takes a link out of everything, once, and lets whoever waited for its place have it. */
  private void end(Link link, DisconnectReason reason) {
    if (link.stage == Link.Stage.ENDING) {
      return;
    }
    boolean wasReady = link.stage == Link.Stage.READY;
    link.stage = Link.Stage.ENDING;
    link.stopWriting();
    link.alarm.cancel();
    link.alarm.noLaterThan(now() + options.timeouts().goodbye().toNanos());
    if (wasReady) {
      ready.remove(link.peer());
      snapshotReady();
      discovery.ifPresent(found -> found.onGone(link.number, now()));
      goings.info("peer {} went: {}, {}", link.peer().toShortString(), link.address(), reason);
      noteDeparture(link, reason);
      emit(link, new PeerEvent.Gone(link.peer(), link.number, reason));
    } else {
      noteRefusal(link, reason);
    }
    tellDiscovery(link, reason);
    remember(link, reason);
    arrivals.left(link.number);
    perform(links.closed(link.number));
    Optional<PeerId> elsewhere = link.peerIfKnown().filter(peer -> links.linkTo(peer).isPresent());
    if (link.way == Link.Way.KEPT) {
      link.dialled.ifPresent(address -> keptLinkEnded(address, elsewhere, reason));
    }
    if (wasReady && elsewhere.isEmpty()) {
      dials.gone(link.peer(), reason.toString(), now());
    }
    keepHouse();
  }

  private void noteRefusal(Link link, DisconnectReason reason) {
    boolean isProbe = reason.code() == Code.GOODBYE;
    if (isProbe || link.way == Link.Way.FOUND || link.way == Link.Way.PROBE) {
      LOG.debug("no link with {}: {}", link.address(), reason);
    } else {
      refusals.info("no link with {}: {}", link.address(), reason);
    }
  }

  private void keptLinkEnded(
      PeerAddress address, Optional<PeerId> elsewhere, DisconnectReason reason) {
    if (elsewhere.isPresent()) {
      dials.elsewhere(address, elsewhere.get());
    } else if (reason.code() == Code.USELESS || OPERATORS_OWN.contains(reason)) {
      dials.rests(address, reason.toString(), options.timeouts().rest(), now());
    } else {
      dials.ended(address, reason.toString(), now());
    }
  }

  private void snapshotReady() {
    readySnapshot = ImmutableList.copyOf(ready.values());
    readyIds = ImmutableSet.copyOf(ready.keySet());
  }

  private void noteDeparture(Link link, DisconnectReason reason) {
    if (departures.size() == MAX_DEPARTURES) {
      departures.removeLast();
    }
    departures.addFirst(
        new Departure(
            link.peer(), link.address(), link.outbound(), options.wallClock().instant(), reason));
    departureSnapshot = ImmutableList.copyOf(departures);
  }

  /** What a broken rule or uselessness means for the next time, unless the operator named it. */
  private void remember(Link link, DisconnectReason reason) {
    boolean isExempt =
        link.way == Link.Way.KEPT
            || link.peerIfKnown().filter(this::isWanted).isPresent()
            || link.endpoint.filter(at -> at.ip().isLoopback()).isPresent();
    if (reason.told() || isExempt) {
      return;
    }
    if (reason.code() == Code.VIOLATION) {
      link.endpoint.ifPresent(at -> discouraged.add(at.ip(), now()));
      link.peerIfKnown().ifPresent(peer -> discouraged.add(peer, now()));
    } else if (reason.code() == Code.USELESS) {
      link.peerIfKnown().ifPresent(peer -> rests.begin(peer, now()));
    }
  }

  /** The last step: nothing of this link is left. */
  private void release(Link link) {
    link.alarm.cancel();
    all.remove(link.number);
    if (closing && all.isEmpty()) {
      emptied.trySuccess(null);
    }
  }

  private void emit(Link link, PeerEvent event) {
    perform(link, () -> options.events().accept(event));
  }

  /** What goes wrong in this costs the link, and nobody else; but see {@link #isFatal}. */
  void perform(Link link, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      if (isFatal(e)) {
        options.fatal().accept((Error) e);
      }
      LOG.error("a bug in dealing with {} ended its link", link.address(), e);
      refuse(link, new DisconnectReason(Code.BUG, "an internal error on the refusing side"));
    }
  }

  /** Whether no peer can be blamed: memory is out, or this Java machine is broken. */
  private static boolean isFatal(Throwable failure) {
    return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
  }

  private void sayGoodbye() {
    if (!closing) {
      discovery.ifPresent(this::save);
    }
    closing = true;
    housekeeping.cancel();
    DisconnectReason goodbye = new DisconnectReason(Code.GOODBYE, "this node is stopping");
    for (Link link : ImmutableList.copyOf(all.values())) {
      if (link.stage == Link.Stage.CONNECTING) {
        Future<?> attempt = link.attempt;
        onDialFailed(link, goodbye.sentence());
        if (attempt != null) {
          attempt.cancel(true);
        }
      } else {
        refuse(link, goodbye);
      }
    }
    if (all.isEmpty()) {
      emptied.trySuccess(null);
    }
  }

  private long now() {
    return ticker.nanoTime();
  }

  private static String text(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return String.valueOf(address);
    }
    String host =
        inet.isUnresolved() ? inet.getHostString() : InetAddresses.toAddrString(inet.getAddress());
    return HostAndPort.fromParts(host, inet.getPort()).toString();
  }
}
