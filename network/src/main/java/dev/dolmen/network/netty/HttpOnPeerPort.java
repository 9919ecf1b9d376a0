package dev.dolmen.network.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableSet;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Looks at the first bytes of a connection: a browser or curl that took the peer port for the API
 * is told so in its own language; everybody else goes on to TLS.
 */
final class HttpOnPeerPort extends ByteToMessageDecoder {

  /** As many bytes as it takes to know a method. */
  private static final int SNIFFED_BYTES = 4;

  private static final ImmutableSet<String> METHODS =
      ImmutableSet.of(
          "GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "TRAC", "CONN", "PRI ");

  private final String hint;
  private boolean answered;

  /**
   * @param hint where the API is, one sentence
   */
  HttpOnPeerPort(String hint) {
    this.hint = hint;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (answered) {
      in.skipBytes(in.readableBytes());
      return;
    }
    boolean couldBeHttp = Character.isUpperCase(in.getByte(in.readerIndex()));
    if (couldBeHttp && in.readableBytes() < SNIFFED_BYTES) {
      return;
    }
    if (couldBeHttp && METHODS.contains(in.toString(in.readerIndex(), SNIFFED_BYTES, US_ASCII))) {
      answered = true;
      in.skipBytes(in.readableBytes());
      ctx.writeAndFlush(Unpooled.copiedBuffer(answer(), UTF_8));
      ctx.fireUserEventTriggered(
          new LinkFailed(new DisconnectReason(Code.FAILED, "spoke HTTP on the peer port")));
    } else {
      ctx.pipeline().remove(this); // hands on what it has read
    }
  }

  private String answer() {
    String body = "This is the peer port of a Dolmen node, which speaks no HTTP. " + hint + "\n";
    return "HTTP/1.1 400 Bad Request\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\n"
        + "Content-Length: "
        + body.getBytes(UTF_8).length
        + "\r\nConnection: close\r\n\r\n"
        + body;
  }
}
