package dev.dolmen.benchmarks.process;

import dev.dolmen.network.identity.NodeIdentity;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What loopback carries if nobody looks at it: frames with a length before them, plain or under the
 * same TLS that peers use, both ends in this process with a thread each.
 */
final class TransportFloor implements AutoCloseable {

  private static final int LENGTH_BYTES = 4;
  private static final int LARGE_FRAME = 64 << 10;

  /** What a block's announcement has, about. */
  private static final int SMALL_FRAME = 350;

  private static final int LONGEST_FRAME = 1 << 20;
  private static final long WARMUP_MILLIS = 1_000;
  private static final long MEASURED_MILLIS = 2_000;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  private final boolean tls;
  private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
  private final List<IoEventLoopGroup> loops = new ArrayList<>();

  private TransportFloor(boolean tls) {
    this.tls = tls;
  }

  /** Megabytes in a second, in large frames one way. */
  static double megabytesPerSecond(boolean tls) throws IOException, InterruptedException {
    try (TransportFloor floor = new TransportFloor(tls)) {
      AtomicLong received = new AtomicLong();
      Channel server =
          floor.listen(floor.loop(), frame -> received.addAndGet(frame.readableBytes()));
      Channel client = floor.connect(floor.loop(), server, new Pump(LARGE_FRAME));
      TimeUnit.MILLISECONDS.sleep(WARMUP_MILLIS);
      long before = received.get();
      long start = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep(MEASURED_MILLIS);
      double bytes = received.get() - before;
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      client.close().sync();
      return bytes / seconds / BYTES_PER_MEGABYTE;
    }
  }

  /** Milliseconds that a small frame takes along so many links with TLS, each end on a thread. */
  static Samples lineMillis(int links, int frames) throws IOException, InterruptedException {
    try (TransportFloor floor = new TransportFloor(true)) {
      BlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();
      IoEventLoopGroup loop = floor.loop();
      Channel next = floor.listen(loop, frame -> arrivals.add(System.nanoTime()));
      for (int i = 1; i < links; i++) {
        loop = floor.loop();
        Channel onward = floor.connect(loop, next, null);
        next = floor.listen(loop, frame -> onward.writeAndFlush(frame.retain()));
      }
      Channel first = floor.connect(floor.loop(), next, null);
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < 2 * frames; i++) {
        long sent = System.nanoTime();
        first.writeAndFlush(frame(SMALL_FRAME)).sync();
        Long arrived = arrivals.poll(MEASURED_MILLIS, TimeUnit.MILLISECONDS);
        if (arrived == null) {
          throw new IOException("a frame was lost on loopback");
        }
        if (i >= frames) { // The first half warms up.
          millis.add((arrived - sent) / NANOS_PER_MILLI);
        }
      }
      return new Samples(millis);
    }
  }

  private static ByteBuf frame(int bytes) {
    return Unpooled.buffer(LENGTH_BYTES + bytes).writeInt(bytes).writeZero(bytes);
  }

  private IoEventLoopGroup loop() {
    IoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    loops.add(loop);
    return loop;
  }

  /** What is done with a frame, its length included. */
  private interface Receiver {
    void accept(ByteBuf frame);
  }

  private Channel listen(IoEventLoopGroup loop, Receiver receiver) throws InterruptedException {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) throws SSLException {
                if (tls) {
                  channel.pipeline().addLast(serverContext().newHandler(channel.alloc()));
                }
                channel
                    .pipeline()
                    .addLast(new LengthFieldBasedFrameDecoder(LONGEST_FRAME, 0, LENGTH_BYTES, 0, 0))
                    .addLast(
                        new SimpleChannelInboundHandler<ByteBuf>() {
                          @Override
                          protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
                            receiver.accept(frame);
                          }
                        });
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sync()
        .channel();
  }

  private Channel connect(IoEventLoopGroup loop, Channel server, @Nullable Pump pump)
      throws InterruptedException {
    Channel channel =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) throws SSLException {
                    if (tls) {
                      channel.pipeline().addLast(clientContext().newHandler(channel.alloc()));
                    }
                    if (pump != null) {
                      channel.pipeline().addLast(pump);
                    }
                  }
                })
            .connect(server.localAddress())
            .sync()
            .channel();
    SslHandler handshake = channel.pipeline().get(SslHandler.class);
    if (handshake != null) {
      handshake.handshakeFuture().sync();
    }
    return channel;
  }

  private SslContext serverContext() throws SSLException {
    return SslContextBuilder.forServer(identity.privateKey(), identity.certificate())
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .clientAuth(ClientAuth.REQUIRE)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .build();
  }

  private SslContext clientContext() throws SSLException {
    return SslContextBuilder.forClient()
        .keyManager(identity.privateKey(), identity.certificate())
        .endpointIdentificationAlgorithm(null)
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .build();
  }

  @Override
  public void close() {
    loops.forEach(loop -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
  }

  /** Writes as long as there is room. */
  private static final class Pump extends ChannelInboundHandlerAdapter {

    private final ByteBuf frame;

    Pump(int bytes) {
      frame = TransportFloor.frame(bytes);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      pump(ctx);
      ctx.fireChannelActive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      pump(ctx);
      ctx.fireChannelWritabilityChanged();
    }

    private void pump(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable()) {
        ctx.write(frame.retainedDuplicate());
      }
      ctx.flush();
    }
  }
}
