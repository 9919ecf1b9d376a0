package dev.dolmen.network.netty;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.peers.PeerAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Real sockets with mutual TLS 1.3. Every connection has a TLS context of its own, so that no
 * session can be resumed and each identity is proved afresh. Names are looked up on threads of
 * their own, never on an event loop.
 */
public final class SocketTransport implements Transport {

  /**
   * The first also is the control executor: what it hands to itself wakes no thread, and a block
   * crosses a node with two hand-overs less. On two processors one loop does as much as two would.
   */
  private static final int MAX_EVENT_LOOPS = 2;

  /** Lookups at a time; a resolver that hangs holds up other names, never a connection. */
  private static final int LOOKUP_THREADS = 2;

  /** Lookups waiting; each belongs to a kept address, and the next attempt asks again. */
  private static final int MAX_WAITING_LOOKUPS = 1_000;

  /** Connections the kernel completes ahead of us. */
  private static final int BACKLOG = 128;

  private static final String PROTOCOL = "TLSv1.3";

  /** All of TLS 1.3 that the JDK has, what processors do in hardware with the least work first. */
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };

  /** What Netty must see of a record to tell what it is. */
  private static final int RECORD_HEADER_BYTES = 5;

  /**
   * What is read from one connection at most before the loop turns to the next one that has
   * something: about one record of TLS, so that a short question waits for little of each of many
   * floods.
   */
  private static final int READ_BYTES_IN_TURN = 16 * 1024;

  private static final int FIRST_READ_BYTES = 2 * 1024;

  private static final RecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(FIRST_READ_BYTES, FIRST_READ_BYTES, READ_BYTES_IN_TURN)
          .maxMessagesPerRead(1);

  private static final Duration CLOSE_NOTIFY_TIMEOUT = Duration.ofMillis(500);
  private static final Duration THREADS_END_TIMEOUT = Duration.ofSeconds(5);

  private final EventLoopGroup loops;
  private final EventExecutor control;
  private final ThreadPoolExecutor lookups;

  /** Done once a connection can have TLS without reading files; done also if that failed. */
  private final CompletableFuture<@Nullable Void> tlsLoaded = new CompletableFuture<>();

  private final ChannelGroup channels;
  private final Class<? extends ServerSocketChannel> serverChannel;
  private final Class<? extends SocketChannel> clientChannel;
  private final IdentityKeyManager keys;
  private final String httpHint;

  private SocketTransport(NodeIdentity identity, String httpHint) {
    this.keys = new IdentityKeyManager(identity);
    this.httpHint = httpHint;
    int threads =
        Math.max(1, Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors() / 2));
    DefaultThreadFactory names = new DefaultThreadFactory("dolmen-peers");
    boolean epoll = Epoll.isAvailable();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, names, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.serverChannel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    this.clientChannel = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.control = loops.next();
    this.channels = new DefaultChannelGroup(control, true);
    this.lookups =
        new ThreadPoolExecutor(
            LOOKUP_THREADS,
            LOOKUP_THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING_LOOKUPS),
            new DefaultThreadFactory("dolmen-names", true));
    this.lookups.allowCoreThreadTimeOut(true);
    lookups.execute(this::loadTls);
  }

  /**
   * The first engine in a JVM loads some hundred classes, and Netty asks at its first look at a
   * record what this Java can do, for which files are read: no event loop has time for either.
   */
  private void loadTls() {
    try {
      tls(true, new ProvenKey());
      tls(false, new ProvenKey());
      SslHandler.isEncrypted(Unpooled.wrappedBuffer(new byte[RECORD_HEADER_BYTES]), false);
      tlsLoaded.complete(null);
    } catch (SSLException | RuntimeException e) {
      tlsLoaded.completeExceptionally(e); // the first connection fails in the same way, and says so
    }
  }

  /**
   * Sockets for this identity.
   *
   * @param httpHint told to whoever speaks HTTP to the peer port: one sentence that says where the
   *     API is
   */
  public static SocketTransport create(NodeIdentity identity, String httpHint) {
    return new SocketTransport(identity, httpHint);
  }

  @Override
  public EventExecutor control() {
    return control;
  }

  @Override
  public HostAndPort listen(HostAndPort where, Consumer<Channel> install) throws IOException {
    InetSocketAddress address = new InetSocketAddress(where.getHost(), where.getPort());
    if (address.isUnresolved()) {
      throw new IOException(
          "cannot listen on " + where + ": unknown host. Choose another with --listen");
    }
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(serverChannel)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false) // accepts once TLS is loaded
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Initializer(true, install))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + where + ": " + bindAdvice(bound.cause()), bound.cause());
    }
    channels.add(bound.channel());
    tlsLoaded.whenComplete((done, failure) -> bound.channel().config().setAutoRead(true));
    InetSocketAddress actual = (InetSocketAddress) bound.channel().localAddress();
    return HostAndPort.fromParts(where.getHost(), actual.getPort());
  }

  @Override
  public Future<?> dial(PeerAddress address, Consumer<Channel> install) {
    Promise<Void> connected = control.newPromise();
    if (InetAddresses.isInetAddress(address.host())) {
      connect(InetAddresses.forString(address.host()), address, install, connected);
    } else {
      try {
        lookups.execute(() -> lookUp(address, install, connected));
      } catch (RejectedExecutionException full) {
        connected.tryFailure(new IOException("too many names are being looked up", full));
      }
    }
    return connected;
  }

  @Override
  public void close() {
    channels.close().awaitUninterruptibly(THREADS_END_TIMEOUT.toMillis());
    lookups.shutdownNow();
    loops.shutdownGracefully(0, THREADS_END_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    loops.terminationFuture().awaitUninterruptibly(THREADS_END_TIMEOUT.toMillis());
  }

  private void lookUp(PeerAddress address, Consumer<Channel> install, Promise<Void> connected) {
    if (connected.isDone()) {
      return; // given up while it waited for its turn
    }
    try {
      connect(InetAddress.getByName(address.host()), address, install, connected);
    } catch (UnknownHostException e) {
      connected.tryFailure(new IOException("unknown host " + address.host(), e));
    }
  }

  private void connect(
      InetAddress ip, PeerAddress address, Consumer<Channel> install, Promise<Void> connected) {
    tlsLoaded.whenComplete(
        (done, failure) -> {
          if (!connected.isDone()) {
            connectNow(ip, address, install, connected);
          }
        });
  }

  private void connectNow(
      InetAddress ip, PeerAddress address, Consumer<Channel> install, Promise<Void> connected) {
    ChannelFuture attempt =
        new Bootstrap()
            .group(loops)
            .channel(clientChannel)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new Initializer(false, install))
            .connect(new InetSocketAddress(ip, address.port()));
    attempt.addListener(
        done -> {
          if (done.isSuccess()) {
            connected.trySuccess(null);
          } else {
            connected.tryFailure(connectFailure(done.cause()));
          }
        });
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            attempt.channel().close();
          }
        });
  }

  private static IOException connectFailure(Throwable cause) {
    String text =
        cause instanceof ConnectException && String.valueOf(cause.getMessage()).contains("refused")
            ? "nobody listens there"
            : String.valueOf(cause.getMessage());
    return new IOException(text, cause);
  }

  private static String bindAdvice(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    if (cause instanceof BindException || text.contains("bind")) {
      if (text.contains("in use")) {
        return "port in use. Stop the other node, or choose another with --listen";
      }
      if (text.contains("assign")) {
        return "this machine has no such address. Choose another with --listen";
      }
      if (text.contains("ermission")) {
        return "not allowed. Choose a port above 1023 with --listen";
      }
    }
    return text + ". Choose another with --listen";
  }

  /** Everything below the frame: TLS, and before it a look for HTTP. */
  private final class Initializer extends ChannelInitializer<Channel> {
    private final boolean inbound;
    private final Consumer<Channel> install;

    Initializer(boolean inbound, Consumer<Channel> install) {
      this.inbound = inbound;
      this.install = install;
    }

    @Override
    protected void initChannel(Channel channel) throws SSLException {
      channels.add(channel);
      channel.config().setRecvByteBufAllocator(READS);
      ProvenKey key = new ProvenKey();
      SslHandler tls = new SslHandler(tls(inbound, key));
      tls.setHandshakeTimeoutMillis(0); // the network has one deadline for all of the handshake
      tls.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_TIMEOUT.toMillis());
      if (inbound) {
        channel.pipeline().addLast("HttpOnPeerPort", new HttpOnPeerPort(httpHint));
      }
      channel.pipeline().addLast("TLS", tls).addLast("TlsOutcome", new TlsOutcome(key));
      install.accept(channel);
    }
  }

  /**
   * TLS for one connection. It is made of the JDK's own parts: Netty's builder would first protect
   * some key with a password, ten thousand digests that every start of a node would wait for.
   */
  private SSLEngine tls(boolean inbound, ProvenKey key) throws SSLException {
    SSLEngine engine;
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(new KeyManager[] {keys}, new TrustManager[] {key}, null);
      engine = context.createSSLEngine();
    } catch (GeneralSecurityException e) {
      throw new SSLException("this Java has no " + PROTOCOL, e);
    }
    engine.setUseClientMode(!inbound);
    engine.setEnabledProtocols(new String[] {PROTOCOL});
    engine.setEnabledCipherSuites(CIPHERS);
    engine.setNeedClientAuth(inbound);
    return engine;
  }
}
