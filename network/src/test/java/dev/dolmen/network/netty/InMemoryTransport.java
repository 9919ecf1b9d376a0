package dev.dolmen.network.netty;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One host's end of an {@link InMemoryWire}. Each connection is a pair of {@link EmbeddedChannel}s
 * that share the wire's clock; there is no TLS, the wire simply knows who is who. A host listens
 * under its name, whatever address it is told.
 */
public final class InMemoryTransport implements Transport {

  private static final int FIRST_EPHEMERAL_PORT = 49_152;

  private final InMemoryWire wire;
  private final String host;
  private final PeerId peer;
  private final EmbeddedChannel control;
  private final List<Pipe> pipes = new ArrayList<>();
  private @Nullable Consumer<Channel> arrivals;
  private int nextPort = FIRST_EPHEMERAL_PORT;

  InMemoryTransport(InMemoryWire wire, String host, PeerId peer) {
    this.wire = wire;
    this.host = host;
    this.peer = peer;
    this.control = EmbeddedChannel.builder().ticker(wire.ticker()).build();
  }

  /** The name others dial. */
  public String host() {
    return host;
  }

  @Override
  public EventExecutor control() {
    return control.eventLoop();
  }

  @Override
  public HostAndPort listen(HostAndPort where, Consumer<Channel> install) throws IOException {
    HostAndPort actual =
        HostAndPort.fromParts(host, where.getPort() == 0 ? nextPort++ : where.getPort());
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
    Promise<Void> connected = control().newPromise();
    HostAndPort from = HostAndPort.fromParts(host, nextPort++);
    wire.carry(
        host,
        address.host(),
        () -> {
          InMemoryTransport listener = wire.listenerAt(address.place());
          if (listener == null) {
            wire.carry(
                address.host(),
                host,
                () -> connected.tryFailure(new IOException("nobody listens there")));
          } else {
            listener.accept(this, from, address.place(), install, connected);
          }
        });
    return connected;
  }

  @Override
  public void close() {
    wire.remove(this);
    List.copyOf(pipes).forEach(EmbeddedChannel::close);
  }

  /** Runs what is due on this host; whether there was anything. */
  boolean runTasks() {
    boolean busy = runTasks(control);
    for (Pipe pipe : List.copyOf(pipes)) {
      busy |= runTasks(pipe);
    }
    return busy;
  }

  /** When the next task of this host falls due, or the end of time. */
  long nextTask() {
    long next = nextTask(control);
    for (Pipe pipe : pipes) {
      next = Math.min(next, nextTask(pipe));
    }
    return next;
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
    Pipe here = new Pipe(this, dialler.host, from);
    wire.carry(
        host,
        dialler.host,
        () -> {
          if (connected.trySuccess(null)) {
            Pipe there = new Pipe(dialler, host, to);
            here.other = there;
            there.other = here;
            there.start(install, peer);
          } else {
            here.close();
          }
        });
    here.start(arrival, dialler.peer);
  }

  private static boolean runTasks(EmbeddedChannel channel) {
    boolean busy = channel.hasPendingTasks();
    if (busy) {
      channel.runPendingTasks();
    }
    return busy;
  }

  private long nextTask(EmbeddedChannel channel) {
    long wait = channel.runScheduledPendingTasks();
    return wait < 0 ? Long.MAX_VALUE : wire.now() + wait;
  }

  /** One end of a connection. */
  private static final class Pipe extends EmbeddedChannel {
    private static final Object END = new Object();

    private final InMemoryTransport owner;
    private final String otherHost;
    private final SocketAddress otherAddress;
    private final Queue<Object> sent = new ArrayDeque<>();
    private final Queue<Object> arrived = new ArrayDeque<>();
    private @Nullable Pipe other;
    private @Nullable PeerId unproven;
    private boolean wantsBytes;

    Pipe(InMemoryTransport owner, String otherHost, HostAndPort otherAddress) {
      super(EmbeddedChannel.builder().register(false).ticker(owner.wire.ticker()));
      this.owner = owner;
      this.otherHost = otherHost;
      this.otherAddress =
          InetSocketAddress.createUnresolved(otherAddress.getHost(), otherAddress.getPort());
    }

    /** Comes to life; the other side is proved once someone reads, as with TLS. */
    void start(Consumer<Channel> install, PeerId otherPeer) {
      unproven = otherPeer;
      owner.pipes.add(this);
      config().setAutoRead(false);
      pipeline()
          .addLast(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  install.accept(channel);
                }
              });
      try {
        register();
      } catch (Exception e) {
        throw new IllegalStateException("an embedded channel registers", e);
      }
    }

    @Override
    protected void handleOutboundMessage(Object message) {
      ByteBuf bytes = (ByteBuf) message;
      send(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }

    @Override
    protected void doBeginRead() {
      wantsBytes = true;
      eventLoop().execute(this::read0);
    }

    @Override
    protected void doClose() throws Exception {
      super.doClose();
      owner.pipes.remove(this);
      send(END);
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return otherAddress;
    }

    /**
     * Each arrival takes the oldest of what was sent, so a change of latency cannot reorder a
     * stream.
     */
    private void send(Object piece) {
      sent.add(piece);
      owner.wire.carry(
          owner.host,
          otherHost,
          () -> {
            Object oldest = sent.remove();
            if (other != null && other.isOpen()) {
              other.arrived.add(oldest);
              other.read0();
            }
          });
    }

    private void read0() {
      if (wantsBytes && unproven != null) {
        PeerProven proven = new PeerProven(unproven);
        unproven = null;
        pipeline().fireUserEventTriggered(proven);
      }
      while (wantsBytes && isOpen() && !arrived.isEmpty()) {
        Object piece = arrived.remove();
        if (piece instanceof byte[] bytes) {
          wantsBytes = false;
          pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes));
          pipeline().fireChannelReadComplete();
        } else {
          close();
        }
      }
    }
  }
}
