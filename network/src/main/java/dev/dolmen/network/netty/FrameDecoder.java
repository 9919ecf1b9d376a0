package dev.dolmen.network.netty;

import dev.dolmen.protocol.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts the stream into frames: four bytes of big-endian length, then so many bytes. The length is
 * judged before a byte is kept for it. While paused, no frame is passed on, even if it is there
 * already.
 */
final class FrameDecoder extends ByteToMessageDecoder {

  private enum Mode {
    OPEN,
    PAUSED,
    DISCARDING
  }

  private final Consumer<String> violation;
  private int maxFrameBytes = Limits.MAX_FRAME_BYTES_BEFORE_HANDSHAKE;
  private Mode mode = Mode.OPEN;

  /**
   * @param violation told what is wrong with a length; nothing is decoded after that
   */
  FrameDecoder(Consumer<String> violation) {
    this.violation = violation;
  }

  /** From now on frames up to this size are taken. */
  void allow(int bytes) {
    maxFrameBytes = bytes;
  }

  void pause() {
    if (mode == Mode.OPEN) {
      mode = Mode.PAUSED;
    }
  }

  /** Goes on with what is there already. */
  void resume(ChannelHandlerContext ctx) throws Exception {
    if (mode == Mode.PAUSED) {
      mode = Mode.OPEN;
      if (actualReadableBytes() > 0) {
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
        channelReadComplete(ctx);
      }
    }
  }

  /** Throws away whatever comes from now on. */
  void discard() {
    mode = Mode.DISCARDING;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (mode == Mode.PAUSED) {
      ctx.fireChannelReadComplete(); // asks for no more, unlike the inherited one
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (mode == Mode.DISCARDING) {
      in.skipBytes(in.readableBytes());
    }
    if (mode != Mode.OPEN || in.readableBytes() < Limits.FRAME_LENGTH_BYTES) {
      return;
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length == 0) {
      refuse(in, "a frame of 0 bytes");
    } else if (length > maxFrameBytes) {
      refuse(in, "a frame of " + length + " bytes exceeds " + maxFrameBytes);
    } else if (in.readableBytes() >= Limits.FRAME_LENGTH_BYTES + length) {
      in.skipBytes(Limits.FRAME_LENGTH_BYTES);
      out.add(in.readRetainedSlice((int) length));
    }
  }

  private void refuse(ByteBuf in, String what) {
    discard();
    in.skipBytes(in.readableBytes());
    violation.accept(what);
  }
}
