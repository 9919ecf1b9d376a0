package dev.dolmen.network.netty;

import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/** Says in the network's own words how TLS went. */
final class TlsOutcome extends ChannelInboundHandlerAdapter {

  private final ProvenKey key;

  TlsOutcome(ProvenKey key) {
    this.key = key;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent tls)) {
      ctx.fireUserEventTriggered(event);
    } else if (tls.isSuccess() && key.peer().isPresent()) {
      ctx.fireUserEventTriggered(new PeerProven(key.peer().get()));
    } else {
      ctx.fireUserEventTriggered(
          new LinkFailed(new DisconnectReason(Code.FAILED, "TLS: " + text(tls.cause()))));
      ctx.close();
    }
  }

  private static String text(@Nullable Throwable cause) {
    if (cause == null) {
      return "no key was proved";
    }
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
  }
}
