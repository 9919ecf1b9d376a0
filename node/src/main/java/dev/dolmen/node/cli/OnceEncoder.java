package dev.dolmen.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event down once, however often its bytes are wanted one after the other: first to see
 * whether there is room for them, then to put them there.
 */
final class OnceEncoder extends EncoderBase<ILoggingEvent> {

  private final Encoder<ILoggingEvent> encoder;
  private @Nullable ILoggingEvent last;
  private byte[] bytes = {};

  OnceEncoder(Encoder<ILoggingEvent> encoder) {
    this.encoder = encoder;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    if (event != last) {
      bytes = encoder.encode(event);
      last = event;
    }
    return bytes;
  }

  @Override
  public byte @Nullable [] headerBytes() {
    return encoder.headerBytes();
  }

  @Override
  public byte @Nullable [] footerBytes() {
    return encoder.footerBytes();
  }

  @Override
  public void start() {
    encoder.setContext(getContext());
    encoder.start();
    super.start();
  }

  @Override
  public void stop() {
    super.stop();
    encoder.stop();
  }
}
