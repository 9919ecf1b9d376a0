package dev.dolmen.network.netty;

import dev.dolmen.network.peers.ReceiveWindow;
import dev.dolmen.protocol.Envelope;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** Hands envelopes to the network, and stops reading while too many of them are not dealt with. */
final class EnvelopeHandler extends SimpleChannelInboundHandler<SizedEnvelope> {

  private final PeerChannel channel;
  private final ReceiveWindow window;

  EnvelopeHandler(PeerChannel channel, ReceiveWindow window) {
    super(SizedEnvelope.class);
    this.channel = channel;
    this.window = window;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, SizedEnvelope sized) {
    if (sized.envelope().getBodyCase() == Envelope.BodyCase.BODY_NOT_SET) {
      return; // a kind that a later version may know
    }
    window.delivered(sized.bytes());
    if (!window.isOpen()) {
      channel.pauseReading();
    }
    channel.deliver(sized);
  }

  /** The layer above has dealt with an envelope of so many bytes. */
  void consumed(int bytes) {
    boolean wasOpen = window.isOpen();
    window.consumed(bytes);
    if (!wasOpen && window.isOpen()) {
      channel.resumeReading();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    channel.broken(cause);
  }
}
