package dev.dolmen.network.netty;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.WireScan;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a frame as an {@link Envelope}, once a {@link WireScan} of its bytes has found nothing that
 * would take more memory than it should; what it does not know inside is kept or ignored as
 * protobuf rules.
 */
final class EnvelopeDecoder extends MessageToMessageDecoder<ByteBuf> {

  private final Consumer<String> violation;
  private final WireScan scan = new WireScan();

  EnvelopeDecoder(Consumer<String> violation) {
    super(ByteBuf.class);
    this.violation = violation;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf frame, List<Object> out)
      throws IOException {
    int bytes = frame.readableBytes();
    ByteBuffer view = frame.nioBuffer();
    Optional<String> wrong = scan.scan(view);
    if (wrong.isPresent()) {
      violation.accept("a frame of " + bytes + " bytes has " + wrong.get());
      return;
    }
    try {
      out.add(new SizedEnvelope(Envelope.parseFrom(CodedInputStream.newInstance(view)), bytes));
    } catch (InvalidProtocolBufferException e) {
      violation.accept("a frame of " + bytes + " bytes is not an envelope: " + e.getMessage());
    }
  }
}
