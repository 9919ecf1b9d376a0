package dev.dolmen.network.netty;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.protocol.Envelope;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageDecoder;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads a frame as an {@link Envelope}; what it does not know inside is kept or ignored as protobuf
 * rules.
 */
final class EnvelopeDecoder extends MessageToMessageDecoder<ByteBuf> {

  private final Consumer<String> violation;

  EnvelopeDecoder(Consumer<String> violation) {
    super(ByteBuf.class);
    this.violation = violation;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf frame, List<Object> out)
      throws IOException {
    int bytes = frame.readableBytes();
    try {
      out.add(
          new SizedEnvelope(
              Envelope.parseFrom(CodedInputStream.newInstance(frame.nioBuffer())), bytes));
    } catch (InvalidProtocolBufferException e) {
      violation.accept("a frame of " + bytes + " bytes is not an envelope: " + e.getMessage());
    }
  }
}
