package dev.dolmen.network;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.keepalive.Keepalive;
import dev.dolmen.network.netty.Frame;
import dev.dolmen.network.netty.PeerChannel;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.Endpoint;
import dev.dolmen.network.peers.Eviction;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.network.peers.SendQueue;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the network knows of one connection, from the first sign of it until its socket is gone. It
 * is told by the channel's event loop and passes everything on to the control executor, which owns
 * its fields. Only {@link #info} may be asked from elsewhere: what it shows has one writer and is
 * volatile.
 */
final class Link implements PeerChannel.Owner {

  /** How it came to be. */
  enum Way {
    /** The other side dialled. */
    CAME,
    /** This side dialled an address that it keeps. */
    KEPT,
    /** This side dialled an address that it found. */
    FOUND,
    /** As FOUND, but only to see whether a peer is there. */
    PROBE
  }

  /** How far a link has come; it only moves forward. */
  enum Stage {
    CONNECTING,
    MEETING,
    /** Its handshake is done; whether it becomes the one to its peer is being decided. */
    PARKED,
    READY,
    ENDING
  }

  private record Figures(long in, long out, long queued, Optional<Duration> roundTrip) {}

  final Way way;
  final Optional<PeerAddress> dialled;

  /** The other end, if it is known by number; what a dialled name led to is not. */
  final Optional<Endpoint> endpoint;

  /** The other end as it was met, which is what a dialled name led to. */
  Optional<Endpoint> metAt;

  /** When the attempt to connect began, or the connection if the other side did; nanoseconds. */
  final long begun;

  final SendQueue queue;
  final Alarm alarm;
  Stage stage;
  long number;

  /** The id of the last question for addresses, if one was asked; 0 is none. */
  long askedForPeers;

  /** The endpoint of a dial that discovery waits to hear of. */
  boolean discoveryWaits;

  long lastEntry = Eviction.NEVER;
  long lastBlock = Eviction.NEVER;
  @Nullable Future<?> attempt;
  private final PeerNetwork network;
  private final EventExecutor control;
  private @Nullable PeerChannel channel;
  private volatile @Nullable PeerId peer;
  private @Nullable Keepalive keepalive;
  private @Nullable Slowdown slowdown;
  private final String address;
  private volatile Hello hello = Hello.getDefaultInstance();
  private volatile Instant since = Instant.EPOCH;
  private volatile Figures figures = new Figures(0, 0, 0, Optional.empty());

  Link(
      PeerNetwork network,
      EventExecutor control,
      Way way,
      Optional<PeerAddress> dialled,
      String address,
      long begun,
      SendQueue queue) {
    this.network = network;
    this.control = control;
    this.way = way;
    this.dialled = dialled;
    this.address = address;
    this.endpoint = Endpoint.parse(address);
    this.metAt = endpoint;
    this.begun = begun;
    this.queue = queue;
    this.stage = dialled.isPresent() ? Stage.CONNECTING : Stage.MEETING;
    this.alarm = new Alarm(control, () -> network.onAlarm(this));
  }

  // ------------------------------------------------------------------------------------ told by
  // the event loop

  @Override
  public void connected() {
    perform(() -> network.onConnected(this));
  }

  @Override
  public void handshaken(PeerId id, Hello theirs) {
    perform(() -> network.onHandshaken(this, id, theirs));
  }

  @Override
  public void probed(PeerId id) {
    perform(() -> network.onProbed(this, id));
  }

  @Override
  public void received(Envelope envelope, int bytes) {
    perform(() -> network.onReceived(this, envelope, bytes));
  }

  @Override
  public void reading(boolean goesOn) {
    perform(() -> network.onReading(this, goesOn));
  }

  @Override
  public void flushed(int bytes) {
    perform(() -> network.onFlushed(this, bytes));
  }

  @Override
  public void ending(DisconnectReason reason, @Nullable Throwable bug) {
    control.execute(() -> network.onEnding(this, reason, bug));
  }

  @Override
  public void closed() {
    control.execute(() -> network.onClosed(this));
  }

  /** What goes wrong in it costs this peer its link, and nobody else. */
  private void perform(Runnable task) {
    control.execute(() -> network.perform(this, task));
  }

  // --------------------------------------------------------------------------------------------
  // owned by control

  boolean outbound() {
    return dialled.isPresent();
  }

  void installed(PeerChannel installed) {
    channel = installed;
  }

  Optional<PeerChannel> channel() {
    return Optional.ofNullable(channel);
  }

  void met(PeerId id, Hello theirs) {
    peer = id;
    hello = theirs;
    stage = Stage.PARKED;
  }

  void ready(Keepalive fresh, Instant now) {
    keepalive = fresh;
    since = now;
    stage = Stage.READY;
  }

  /** Who this is; known from the handshake on. */
  PeerId peer() {
    PeerId known = peer;
    checkState(known != null, "link %s has no peer yet", number);
    return known;
  }

  Optional<PeerId> peerIfKnown() {
    return Optional.ofNullable(peer);
  }

  Hello hello() {
    return hello;
  }

  /** The keepalive of a ready link. */
  Keepalive keepalive() {
    Keepalive running = keepalive;
    checkState(running != null, "link %s is not ready", number);
    return running;
  }

  String address() {
    return address;
  }

  /** Writes to the channel; later, if the link is slowed. */
  void pass(Frame frame) {
    Slowdown slow = slowdown;
    if (slow == null) {
      passOn(frame);
    } else {
      slow.pass(frame);
    }
  }

  private void passOn(Frame frame) {
    channel().ifPresent(channel -> channel.write(frame));
  }

  /** Holds back what is written, what waits already included; zero lets all of it go. */
  void slow(Duration delay) {
    if (slowdown == null && !delay.isZero()) {
      slowdown = new Slowdown(control, this::passOn);
    }
    if (slowdown != null) {
      slowdown.delay(delay);
    }
  }

  /** Nothing more is written. */
  void stopWriting() {
    if (slowdown != null) {
      slowdown.drop();
    }
  }

  /** As the evictor sees it. */
  Eviction.Candidate candidate(Endpoint.Group group) {
    return new Eviction.Candidate(
        number,
        group,
        begun,
        keepalive().bestRoundTrip().map(Duration::toNanos).orElse(Long.MAX_VALUE),
        lastEntry,
        lastBlock);
  }

  void countIn(int bytes) {
    show(figures.in + bytes, figures.out);
  }

  void countOut(int bytes) {
    show(figures.in, figures.out + bytes);
  }

  void countQueued() {
    show(figures.in, figures.out);
  }

  private void show(long in, long out) {
    figures = new Figures(in, out, queue.queued(), keepalive().roundTrip());
  }

  // ------------------------------------------------------------------------------------------------- any thread

  PeerInfo info() {
    PeerId known = peer();
    Figures now = figures;
    return new PeerInfo(
        known, address, outbound(), since, now.roundTrip, now.in, now.out, now.queued, hello);
  }
}
