package dev.dolmen.network.netty;

import dev.dolmen.network.handshake.Handshake;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.Optional;

/** Feeds the {@link Handshake} and lets through what comes after it. */
final class HandshakeHandler extends SimpleChannelInboundHandler<SizedEnvelope> {

  private final PeerChannel channel;

  HandshakeHandler(PeerChannel channel) {
    super(SizedEnvelope.class);
    this.channel = channel;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel.connected();
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof PeerProven proven) {
      channel.proven(proven.peer());
    } else if (event instanceof LinkFailed failed) {
      channel.failed(failed.reason());
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, SizedEnvelope sized) {
    Optional<Handshake> handshake = channel.handshake();
    if (handshake.isEmpty()) {
      return;
    }
    boolean greeted = handshake.get().isDone();
    channel.perform(handshake.get().onEnvelope(sized.envelope()));
    if (greeted && handshake.get().isDone()) {
      ctx.fireChannelRead(sized);
    }
  }
}
