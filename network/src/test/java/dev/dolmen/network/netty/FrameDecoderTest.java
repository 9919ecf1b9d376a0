package dev.dolmen.network.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.protocol.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {

  private final List<String> violations = new ArrayList<>();
  private final FrameDecoder decoder = new FrameDecoder(violations::add);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  @Test
  void takesAFrameOfTheLargestSizeAndNoLarger() {
    channel.writeInbound(Unpooled.buffer().writeInt(4_096).writeZero(4_096));
    assertThat(nextFrameBytes()).isEqualTo(Limits.MAX_FRAME_BYTES_BEFORE_HANDSHAKE);
    channel.writeInbound(Unpooled.buffer().writeInt(4_097));
    assertThat(violations).containsExactly("a frame of 4097 bytes exceeds 4096");
  }

  @Test
  void takesLargerFramesOnceAllowed() {
    decoder.allow(5_000);
    channel.writeInbound(Unpooled.buffer().writeInt(5_000).writeZero(5_000));
    assertThat(nextFrameBytes()).isEqualTo(5_000);
  }

  @Test
  void putsAFrameTogetherFromSingleBytes() {
    ByteBuf whole = Unpooled.buffer().writeInt(3).writeMedium(7);
    while (whole.isReadable()) {
      channel.writeInbound(whole.readBytes(1));
    }
    whole.release();
    assertThat(nextFrameBytes()).isEqualTo(3);
  }

  @Test
  void refusesZeroNegativeAndHugeLengths() {
    for (int length : new int[] {0, -1, Integer.MIN_VALUE}) {
      FrameDecoder fresh = new FrameDecoder(violations::add);
      EmbeddedChannel other = new EmbeddedChannel(fresh);
      other.writeInbound(Unpooled.buffer().writeInt(length).writeZero(100));
      assertThat(other.inboundMessages()).isEmpty();
      other.finishAndReleaseAll();
    }
    assertThat(violations)
        .containsExactly(
            "a frame of 0 bytes",
            "a frame of 4294967295 bytes exceeds 4096",
            "a frame of 2147483648 bytes exceeds 4096");
  }

  @Test
  void passesNothingOnWhilePausedAndEverythingAfter() throws Exception {
    decoder.pause();
    channel.writeInbound(
        Unpooled.buffer().writeInt(1).writeByte(1).writeInt(2).writeShort(2).writeInt(3));
    assertThat(channel.inboundMessages()).isEmpty();
    decoder.resume(channel.pipeline().context(decoder));
    assertThat(nextFrameBytes()).isEqualTo(1);
    assertThat(nextFrameBytes()).isEqualTo(2);
    assertThat(channel.inboundMessages()).isEmpty();
  }

  @Test
  void passesNothingOnAfterAViolation() {
    channel.writeInbound(Unpooled.buffer().writeInt(0).writeInt(1).writeByte(1));
    channel.writeInbound(Unpooled.buffer().writeInt(1).writeByte(1));
    assertThat(channel.inboundMessages()).isEmpty();
    assertThat(violations).hasSize(1);
  }

  private int nextFrameBytes() {
    ByteBuf frame = channel.readInbound();
    int bytes = frame.readableBytes();
    frame.release();
    return bytes;
  }
}
