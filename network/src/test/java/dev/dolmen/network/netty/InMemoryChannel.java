package dev.dolmen.network.netty;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection on an {@link InMemoryWire}. As with TCP, bytes come in order or not at
 * all, and no more of them are under way or unread than the window holds: what is written beyond
 * that waits in the channel.
 */
final class InMemoryChannel extends AbstractChannel {

  /** Bytes under way or unread, as the buffers of two kernels would hold. */
  static final int WINDOW_BYTES = 256 * 1024;

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final Object END = new Object();
  private static final Object RESET = new Object();

  private final InMemoryTransport owner;
  private final SocketAddress address;
  private final SocketAddress otherAddress;
  private final Path path;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Queue<Object> sent = new ArrayDeque<>();
  private final Queue<Object> arrived = new ArrayDeque<>();
  private @Nullable InMemoryChannel other;
  private @Nullable PeerId unproven;
  private long lastArrival = Long.MIN_VALUE;
  private int underWay;
  private int early;
  private boolean closed;
  private boolean wantsBytes;
  private boolean reading;

  /**
   * @param path to the other host
   */
  InMemoryChannel(
      InMemoryTransport owner, Path path, HostAndPort address, HostAndPort otherAddress) {
    super(null);
    this.owner = owner;
    this.path = path;
    this.address = unresolved(address);
    this.otherAddress = unresolved(otherAddress);
    config.setAllocator(UnpooledByteBufAllocator.DEFAULT);
    config.setAutoRead(false);
  }

  private static SocketAddress unresolved(HostAndPort place) {
    return InetSocketAddress.createUnresolved(place.getHost(), place.getPort());
  }

  /** The dialler's end exists now; what came for it before is there. */
  void meets(InMemoryChannel dialled) {
    other = dialled;
    dialled.other = this;
    for (; early > 0; early--) {
      arriveOldest();
    }
  }

  /** Comes to life; the other side is proved once someone reads, as with TLS. */
  void start(Consumer<Channel> install, PeerId otherPeer) {
    unproven = otherPeer;
    owner.opened(this);
    pipeline()
        .addLast(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                install.accept(channel);
              }
            });
    owner.loop().register(this);
  }

  /** Carries the news that the connection stands, which nothing that is written may overtake. */
  void carryFirst(Runnable news) {
    lastArrival = path.arrival(0);
    path.carry(lastArrival, news);
  }

  /** The connection breaks: both ends see it, this one at once. */
  void breakNow() {
    send(RESET);
    owner.loop().execute(this::wasReset);
  }

  /** The other end hears of a reset; this one is not alive any more to see it. */
  void breakForOther() {
    send(RESET);
  }

  boolean leadsTo(InMemoryTransport host) {
    return other != null && other.owner == host;
  }

  // Sending.

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    while (out.current() instanceof ByteBuf bytes && underWay < WINDOW_BYTES && !closed) {
      int length = bytes.readableBytes();
      owner.wire().saw(owner, bytes);
      if (path.breaks()) {
        out.remove();
        breakNow();
        return;
      }
      underWay += length;
      send(bytes.retainedSlice());
      out.remove();
    }
  }

  /**
   * Each arrival takes the oldest of what was sent, so a path whose latency changes cannot reorder
   * a stream.
   */
  private void send(Object piece) {
    sent.add(piece);
    int bytes = piece instanceof ByteBuf content ? content.readableBytes() : 0;
    lastArrival = Math.max(lastArrival, path.arrival(bytes));
    path.carry(lastArrival, this::arriveOldest);
  }

  private void arriveOldest() {
    InMemoryChannel there = other;
    if (there == null) {
      early++; // The dialler's host is busy, or has given up and will not read it.
      return;
    }
    Object oldest = sent.remove();
    if (!there.takes(oldest)) {
      if (oldest instanceof ByteBuf bytes) {
        bytes.release();
      }
      if (there.owner.wasReplaced() && !closed) {
        owner.loop().execute(this::wasReset); // A host that was restarted knows no such connection.
      }
    }
  }

  private boolean takes(Object piece) {
    if (closed || owner.loop().isDead()) {
      return false;
    }
    arrived.add(piece);
    owner.loop().execute(this::read0);
    return true;
  }

  /** The other side has read so much. */
  private void acknowledged(int bytes) {
    boolean wasFull = underWay >= WINDOW_BYTES;
    underWay -= bytes;
    if (wasFull && underWay < WINDOW_BYTES) {
      owner.loop().execute(() -> ((End) unsafe()).goOn());
    }
  }

  // Receiving.

  @Override
  protected void doBeginRead() {
    wantsBytes = true;
    if (!reading && (unproven != null || !arrived.isEmpty())) {
      owner.loop().execute(this::read0);
    }
  }

  private void read0() {
    if (reading) {
      return;
    }
    reading = true;
    if (wantsBytes && unproven != null) {
      PeerProven proven = new PeerProven(unproven);
      unproven = null;
      pipeline().fireUserEventTriggered(proven);
    }
    while (!closed && !arrived.isEmpty() && (wantsBytes || arrived.peek() == RESET)) {
      Object piece = arrived.remove();
      if (piece instanceof ByteBuf bytes) {
        int length = bytes.readableBytes();
        wantsBytes = false;
        pipeline().fireChannelRead(bytes);
        pipeline().fireChannelReadComplete();
        InMemoryChannel sender = other;
        if (sender != null) {
          path.acknowledge(() -> sender.acknowledged(length));
        }
      } else if (piece == RESET) {
        wasReset();
      } else {
        unsafe().close(voidPromise());
      }
    }
    reading = false;
  }

  private void wasReset() {
    if (!closed) {
      pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      unsafe().close(voidPromise());
    }
  }

  // What a channel must say of itself.

  @Override
  protected void doClose() {
    closed = true;
    owner.closed(this);
    while (!arrived.isEmpty()) {
      if (arrived.remove() instanceof ByteBuf bytes) {
        bytes.release();
      }
    }
    send(END);
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof HostLoop;
  }

  @Override
  protected SocketAddress localAddress0() {
    return address;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return otherAddress;
  }

  @Override
  protected void doBind(SocketAddress unused) {
    throw new UnsupportedOperationException("the wire connects both ends");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new End();
  }

  private final class End extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("the wire connects both ends"));
    }

    /** Writes what waited for room in the window. */
    void goOn() {
      flush0();
    }
  }
}
