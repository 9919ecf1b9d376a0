package dev.dolmen.network.netty;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.fuzz.FuzzTarget;
import dev.dolmen.fuzz.LogWatch;
import dev.dolmen.fuzz.Mutator;
import dev.dolmen.fuzz.Samples;
import dev.dolmen.network.handshake.Handshake;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The whole pipeline from the frame up, before and after the handshake. The first byte says how the
 * rest is cut into pieces, and whether a good Hello goes before it.
 */
public final class FrameTarget implements FuzzTarget {

  private static final int MAX_FRAME_BYTES =
      Limits.maxFrameBytes(NetworkParameters.dev().largestBlock());
  private static final byte[] GREETING = frame(Samples.hello());
  private static final int FIRST_PIECE = 16;
  private static final int MOST_PIECES = 32;

  private final LogWatch log = new LogWatch();

  @Override
  public boolean feed(byte[] input) {
    if (input.length == 0) {
      return false;
    }
    boolean greeted = (input[0] & 1) == 0;
    int piece = Math.max(FIRST_PIECE << ((input[0] & 0xe) >> 1), input.length / MOST_PIECES);
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] bytes = greeted ? Bytes.concat(GREETING, rest) : rest;

    Link link = new Link();
    EmbeddedChannel channel = new EmbeddedChannel();
    link.channel = PeerChannel.install(channel, Ticker.systemTicker(), link.terms(), link);
    channel.pipeline().fireChannelActive();
    channel.pipeline().fireUserEventTriggered(new PeerProven(peer(2)));
    for (int from = 0; from < bytes.length && channel.isOpen(); from += piece) {
      channel.writeInbound(
          Unpooled.wrappedBuffer(bytes, from, Math.min(piece, bytes.length - from)));
      channel.runPendingTasks();
    }
    channel.checkException();
    boolean stands = link.met && !link.ended;
    channel.finishAndReleaseAll();
    log.check();
    if (link.bug != null) {
      throw new AssertionError("a bug ended the link", link.bug);
    }
    return stands;
  }

  private static PeerId peer(int key) {
    byte[] bytes = new byte[Limits.KEY_BYTES];
    Arrays.fill(bytes, (byte) key);
    return PeerId.of(bytes);
  }

  private static byte[] frame(Envelope envelope) {
    byte[] bytes = envelope.toByteArray();
    return Bytes.concat(Ints.toByteArray(bytes.length), bytes);
  }

  @Override
  public List<byte[]> examples() {
    List<byte[]> examples = new ArrayList<>();
    examples.add(Bytes.concat(new byte[] {1}, GREETING));
    for (Envelope envelope : Samples.envelopes()) {
      if (!envelope.hasHello()) {
        examples.add(Bytes.concat(new byte[] {14}, frame(envelope)));
      }
    }
    return examples;
  }

  /** Mostly what is inside the frames, so that it gets further than to a wrong length. */
  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    if (mutator.below(3) == 0 || example.length < 1 + Limits.FRAME_LENGTH_BYTES) {
      return mutator.bytes(example, other);
    }
    byte[] inside = Arrays.copyOfRange(example, 1 + Limits.FRAME_LENGTH_BYTES, example.length);
    byte[] changed = mutator.message(inside, other);
    return ByteBuffer.allocate(1 + Limits.FRAME_LENGTH_BYTES + changed.length)
        .put(example[0])
        .putInt(changed.length)
        .put(changed)
        .array();
  }

  /** Takes everything that gets through, at once. */
  private static final class Link implements PeerChannel.Owner {

    private @Nullable PeerChannel channel;
    private @Nullable Throwable bug;
    private boolean met;
    private boolean ended;

    PeerChannel.Terms terms() {
      return new PeerChannel.Terms(
          peer(1),
          new Handshake.Terms(Optional.empty(), unused -> Optional.empty(), unused -> false),
          Duration.ofDays(1),
          OptionalLong.empty(),
          MAX_FRAME_BYTES,
          Limits.MAX_UNCONSUMED_BYTES,
          () -> Samples.hello().getHello());
    }

    @Override
    public void connected() {}

    @Override
    public void handshaken(PeerId peer, Hello hello) {
      met = true;
      if (channel != null) {
        channel.admit();
      }
    }

    @Override
    public void probed(PeerId peer) {}

    @Override
    public void received(Envelope envelope, int bytes) {
      if (channel != null) {
        channel.consumed(bytes);
      }
    }

    @Override
    public void reading(boolean goesOn) {}

    @Override
    public void flushed(int bytes) {}

    @Override
    public void ending(DisconnectReason reason, @Nullable Throwable cause) {
      ended = true;
      bug = cause;
    }

    @Override
    public void closed() {}
  }
}
