package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Pong;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Many peers of one node, each with a key and a link of its own, on one thread: they answer pings,
 * have no block to tell of, and note when a block was announced to them. As cheap as can be, so
 * that the node is measured.
 */
final class Audience implements AutoCloseable {

  private static final int LENGTH_BYTES = 4;

  /** Fewer than a node lets shake hands at a time. */
  private static final int AT_ONCE = 32;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int port;
  private final Envelope hello;
  private final Envelope pong;
  private final int maxFrameBytes;
  private final SecureRandom random = new SecureRandom();
  private final IoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Channel> channels = new ArrayList<>();

  private int linked;
  private int ended;
  private final List<Long> announced = new ArrayList<>();

  Audience(NodeProcess node) {
    NetworkParameters network = NetworkParameters.dev();
    this.port = node.peerPort();
    this.maxFrameBytes = Limits.maxFrameBytes(network.largestBlock());
    ByteString genesis = Wire.bytes(network.genesisHash().value());
    this.hello =
        Envelope.newBuilder()
            .setHello(
                Hello.newBuilder().setProtocolVersion(Limits.PROTOCOL_VERSION).setNetwork(genesis))
            .build();
    this.pong = Envelope.newBuilder().setPong(Pong.newBuilder().setTipHash(genesis)).build();
  }

  /** Links up until there are so many. */
  void grow(int count) throws InterruptedException {
    while (channels.size() < count) {
      int next = Math.min(count, channels.size() + AT_ONCE);
      while (channels.size() < next) {
        channels.add(connect());
      }
      awaitLinked(next);
    }
  }

  private synchronized void awaitLinked(int count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (linked < count) {
      long left = deadline - System.nanoTime();
      checkState(left > 0 && ended == 0, "%s links of %s, %s ended", linked, count, ended);
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
    }
  }

  /** Forgets who has heard of a block. */
  synchronized void forget() {
    announced.clear();
  }

  /** Waits until all have heard of a block, and answers when each did, the first one first. */
  synchronized List<Long> awaitAnnounced() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (announced.size() < channels.size()) {
      long left = deadline - System.nanoTime();
      checkState(left > 0, "%s of %s heard of the block", announced.size(), channels.size());
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return List.copyOf(announced);
  }

  private synchronized void onLinked() {
    linked++;
    notifyAll();
  }

  private synchronized void onEnded() {
    ended++;
    notifyAll();
  }

  private synchronized void onAnnounced(long now) {
    announced.add(now);
    if (announced.size() >= channels.size()) {
      notifyAll();
    }
  }

  private Channel connect() throws InterruptedException {
    NodeIdentity identity = NodeIdentity.generate(random);
    return new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) throws SSLException {
                channel
                    .pipeline()
                    .addLast(
                        SslContextBuilder.forClient()
                            .keyManager(identity.privateKey(), identity.certificate())
                            .endpointIdentificationAlgorithm(null)
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .build()
                            .newHandler(channel.alloc()))
                    .addLast(
                        new LengthFieldBasedFrameDecoder(
                            maxFrameBytes, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                    .addLast(new Listener());
              }
            })
        .connect(InetAddress.getLoopbackAddress(), port)
        .sync()
        .channel();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static void send(ChannelHandlerContext ctx, Envelope envelope) {
    byte[] bytes = envelope.toByteArray();
    ctx.writeAndFlush(
        ctx.alloc().buffer(LENGTH_BYTES + bytes.length).writeInt(bytes.length).writeBytes(bytes));
  }

  private final class Listener extends SimpleChannelInboundHandler<ByteBuf> {

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent tls && tls.isSuccess()) {
        send(ctx, hello);
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame)
        throws InvalidProtocolBufferException {
      long now = System.nanoTime();
      Envelope envelope = Envelope.parseFrom(ByteBufUtil.getBytes(frame));
      if (envelope.hasHello()) {
        onLinked();
      } else if (envelope.hasPing()) {
        send(ctx, pong.toBuilder().setRequestId(envelope.getRequestId()).build());
      } else if (envelope.hasGetHeaders()) {
        send(ctx, Wire.headers(envelope.getRequestId(), List.of()));
      } else if (envelope.hasNewBlock()) {
        onAnnounced(now);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      onEnded();
    }
  }
}
