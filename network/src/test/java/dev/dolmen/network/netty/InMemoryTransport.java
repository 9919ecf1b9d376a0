package dev.dolmen.network.netty;

import com.google.common.collect.ImmutableList;
import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerAddress;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One host's end of an {@link InMemoryWire}. There is no TLS, the wire simply knows who is who. A
 * host listens under its name, whatever address it is told.
 */
public final class InMemoryTransport implements Transport {

  private static final int FIRST_EPHEMERAL_PORT = 49_152;
  private static final int LAST_PORT = 65_535;

  private final InMemoryWire wire;
  private final String host;
  private final PeerId peer;
  private final HostLoop loop;
  private final Set<InMemoryChannel> channels = new LinkedHashSet<>();
  private @Nullable Consumer<Channel> arrivals;
  private int nextPort = FIRST_EPHEMERAL_PORT;

  InMemoryTransport(InMemoryWire wire, String host, PeerId peer) {
    this.wire = wire;
    this.host = host;
    this.peer = peer;
    this.loop = new HostLoop(wire);
  }

  /** The name others dial. */
  public String host() {
    return host;
  }

  @Override
  public EventExecutor control() {
    return loop;
  }

  @Override
  public HostAndPort listen(HostAndPort where, Consumer<Channel> install) throws IOException {
    HostAndPort actual =
        HostAndPort.fromParts(host, where.getPort() == 0 ? ephemeralPort() : where.getPort());
    if (wire.listenerAt(actual) != null) {
      throw new IOException(
          "cannot listen on "
              + actual
              + ": port in use. Stop the other node, or choose another with --listen");
    }
    arrivals = install;
    wire.listen(actual, this);
    return actual;
  }

  @Override
  public Future<?> dial(PeerAddress address, Consumer<Channel> install) {
    Promise<Void> connected = loop.newPromise();
    HostAndPort from = HostAndPort.fromParts(host, ephemeralPort());
    Path there = wire.path(host, address.host());
    Path back = wire.path(address.host(), host);
    there.carry(
        there.arrival(0),
        () -> {
          InMemoryTransport listener = wire.listenerAt(address.place());
          if (listener == null) {
            back.carry(
                back.arrival(0),
                () ->
                    loop.execute(
                        () -> connected.tryFailure(new IOException("nobody listens there"))));
          } else {
            listener.loop.execute(
                () -> listener.accept(this, from, address.place(), install, connected));
          }
        });
    return connected;
  }

  @Override
  public void close() {
    wire.remove(this);
    ImmutableList.copyOf(channels).forEach(InMemoryChannel::close);
  }

  /** Does nothing until {@link #goOn}; what arrives waits. */
  public void pause() {
    loop.pause();
  }

  /** Ends a pause. */
  public void goOn() {
    loop.goOn();
  }

  /**
   * The process is killed: nothing runs here any more, and its peers see their connections break.
   */
  public void kill() {
    ImmutableList<InMemoryChannel> broken = ImmutableList.copyOf(channels);
    losePower();
    broken.forEach(InMemoryChannel::breakForOther);
  }

  /**
   * The machine is off: nothing runs here any more, and its peers hear nothing of it before it is
   * back.
   */
  public void losePower() {
    wire.remove(this);
    loop.die();
    channels.clear();
  }

  /** Whether nothing is left to do here and no timer is set. */
  public boolean isIdle() {
    return loop.isIdle();
  }

  /** How many connections have an end here. */
  public int connections() {
    return channels.size();
  }

  /** Breaks every connection to another host. */
  void reset(InMemoryTransport other) {
    for (InMemoryChannel channel : ImmutableList.copyOf(channels)) {
      if (channel.leadsTo(other)) {
        channel.breakNow();
      }
    }
  }

  InMemoryWire wire() {
    return wire;
  }

  HostLoop loop() {
    return loop;
  }

  void opened(InMemoryChannel channel) {
    channels.add(channel);
  }

  void closed(InMemoryChannel channel) {
    channels.remove(channel);
  }

  /** Whether another of the same name runs in its place. */
  boolean wasReplaced() {
    InMemoryTransport now = wire.hostNamed(host);
    return loop.isDead() && now != null && now != this;
  }

  /**
   * The dialler's connection request has arrived: the acceptor's end exists now, the dialler's
   * after the way back.
   */
  private void accept(
      InMemoryTransport dialler,
      HostAndPort from,
      HostAndPort to,
      Consumer<Channel> install,
      Promise<Void> connected) {
    Consumer<Channel> arrival = arrivals;
    if (arrival == null) {
      return;
    }
    InMemoryChannel here = new InMemoryChannel(this, wire.path(host, dialler.host), to, from);
    here.carryFirst(
        () ->
            dialler.loop.execute(
                () -> {
                  if (connected.trySuccess(null)) {
                    InMemoryChannel there =
                        new InMemoryChannel(dialler, wire.path(dialler.host, host), from, to);
                    there.start(install, peer);
                    here.meets(there);
                  } else {
                    loop.execute(here::close);
                  }
                }));
    here.start(arrival, dialler.peer);
  }

  private int ephemeralPort() {
    int port = nextPort;
    nextPort = port == LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    return port;
  }
}
