package dev.dolmen.network.netty;

import dev.dolmen.network.handshake.Handshake;
import dev.dolmen.network.handshake.HandshakeAction;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.network.peers.ReceiveWindow;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the frame up: its pipeline, and what the control executor may ask of it. The
 * event loop of the channel owns everything here; the methods that others may call hand over to it.
 *
 * <p>It ends in two steps: {@link Owner#ending} when the end is decided, and {@link Owner#closed}
 * when the socket is gone. Between them the other side has a moment to read why.
 */
public final class PeerChannel {

  /** Bytes written at a time, so that a large message that trickles out counts as progress. */
  private static final int SLICE_BYTES = 64 * 1024;

  /** Whom a channel tells, on its event loop. */
  public interface Owner {
    /** The connection stands; the handshake's deadline runs. */
    void connected();

    /** Both Hellos are accepted. Nothing more is read until {@link PeerChannel#admit}. */
    void handshaken(PeerId peer, Hello hello);

    /** This peer is there, which is all that was to be found out; the end follows. */
    void probed(PeerId peer);

    /** An envelope arrived. */
    void received(Envelope envelope, int bytes);

    /** Reading stopped because too much is not dealt with, or goes on. */
    void reading(boolean goesOn);

    /** So many bytes of what was written have left, or never will. */
    void flushed(int bytes);

    /** The link is over; told once. */
    void ending(DisconnectReason reason, @Nullable Throwable bug);

    /** The socket is gone; told once, after {@link #ending}. */
    void closed();
  }

  /**
   * What a channel needs to know of its network.
   *
   * @param self our own id
   * @param handshake what is wanted of the other side
   * @param handshakeTimeout for connecting, TLS and both Hellos
   * @param begun when the attempt to connect began, if this side dialled
   * @param maxFrameBytes largest frame after the handshake
   * @param receiveBytes delivered and not dealt with, above which reading stops
   * @param hello what we say of ourselves, asked once for each channel on its event loop
   */
  public record Terms(
      PeerId self,
      Handshake.Terms handshake,
      Duration handshakeTimeout,
      OptionalLong begun,
      int maxFrameBytes,
      long receiveBytes,
      Supplier<Hello> hello) {}

  private final Channel channel;
  private final Ticker ticker;
  private final Terms terms;
  private final Owner owner;
  private final FrameDecoder frames;
  private final EnvelopeHandler envelopes;
  private @Nullable Handshake handshake;
  private @Nullable PeerId peer;
  private boolean ending;

  private PeerChannel(Channel channel, Ticker ticker, Terms terms, Owner owner) {
    this.channel = channel;
    this.ticker = ticker;
    this.terms = terms;
    this.owner = owner;
    this.frames = new FrameDecoder(this::violated);
    this.envelopes =
        new EnvelopeHandler(
            this, new ReceiveWindow(terms.receiveBytes(), Limits.MAX_UNCONSUMED_MESSAGES));
  }

  /**
   * Puts the handlers at the end of a channel's pipeline; called on its event loop before anything
   * is read.
   */
  public static PeerChannel install(Channel channel, Ticker ticker, Terms terms, Owner owner) {
    PeerChannel peerChannel = new PeerChannel(channel, ticker, terms, owner);
    channel
        .pipeline()
        .addLast("FrameDecoder", peerChannel.frames)
        .addLast("EnvelopeDecoder", new EnvelopeDecoder(peerChannel::violated))
        .addLast("HandshakeHandler", new HandshakeHandler(peerChannel))
        .addLast("EnvelopeHandler", peerChannel.envelopes);
    channel.closeFuture().addListener(unused -> peerChannel.gone());
    return peerChannel;
  }

  // -------------------------------------------------------------------------------------------
  // asked by control

  /** Starts to read: the connection is welcome. */
  public void open() {
    run(() -> channel.config().setAutoRead(true));
  }

  /** The other end, once the connection stands. */
  public @Nullable SocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  /** Lets envelopes flow after the handshake. */
  public void admit() {
    run(this::resumeReading);
  }

  /** Writes a frame; {@link Owner#flushed} tells when its bytes have left. */
  public void write(Frame frame) {
    run(() -> writeNow(frame));
  }

  /** The layer above has dealt with an envelope of so many bytes that was delivered. */
  public void consumed(int bytes) {
    run(() -> envelopes.consumed(bytes));
  }

  /** Tells the other side why, and waits for it to close, or for {@link #close}. */
  public void refuse(DisconnectReason reason) {
    run(() -> refuseNow(reason, null));
  }

  /** Closes the socket at once. */
  public void close(DisconnectReason reason) {
    run(
        () -> {
          end(reason, null);
          channel.close();
        });
  }

  /** Looks at the handshake's deadline. */
  public void onTime() {
    run(() -> handshake().ifPresent(current -> perform(current.onTime(ticker.nanoTime()))));
  }

  // -----------------------------------------------------------------------------------------
  // called by handlers

  void connected() {
    handshake =
        new Handshake(
            terms.self(),
            terms.handshake(),
            terms.handshakeTimeout(),
            terms.begun().orElseGet(ticker::nanoTime));
    owner.connected();
  }

  Optional<Handshake> handshake() {
    return ending ? Optional.empty() : Optional.ofNullable(handshake);
  }

  void proven(PeerId id) {
    peer = id;
    handshake().ifPresent(current -> perform(current.onProven(id, terms.hello().get())));
  }

  void failed(DisconnectReason reason) {
    end(reason, null);
  }

  void broken(Throwable cause) {
    Throwable root = cause.getCause() instanceof SSLException tls ? tls : cause;
    if (root instanceof NotSslRecordException) {
      close(new DisconnectReason(Code.FAILED, "TLS: what came is not TLS"));
    } else if (root instanceof SSLException) {
      close(new DisconnectReason(Code.FAILED, "TLS: " + root.getMessage()));
    } else if (root instanceof IOException) {
      close(new DisconnectReason(Code.FAILED, String.valueOf(root.getMessage())));
    } else {
      refuseNow(new DisconnectReason(Code.BUG, "an internal error on the refusing side"), cause);
    }
  }

  void perform(List<HandshakeAction> actions) {
    Performer performer = new Performer();
    actions.forEach(action -> action.deliverTo(performer));
  }

  void pauseReading() {
    frames.pause();
    channel.config().setAutoRead(false);
    owner.reading(false);
  }

  void resumeReading() {
    if (ending) {
      return;
    }
    owner.reading(true);
    channel.config().setAutoRead(true);
    ChannelHandlerContext ctx = channel.pipeline().context(frames);
    if (ctx != null) {
      try {
        frames.resume(ctx);
      } catch (Exception e) {
        broken(e);
      }
    }
  }

  void deliver(SizedEnvelope sized) {
    owner.received(sized.envelope(), sized.bytes());
  }

  // ------------------------------------------------------------------------------------------------------ inside

  private final class Performer implements HandshakeAction.Performer {
    @Override
    public void send(HandshakeAction.Send action) {
      channel.writeAndFlush(wire(action.envelope()));
    }

    @Override
    public void ready(HandshakeAction.Ready action) {
      frames.allow(terms.maxFrameBytes());
      frames.pause();
      channel.config().setAutoRead(false);
      if (peer != null) {
        owner.handshaken(peer, action.hello());
      }
    }

    @Override
    public void probed(HandshakeAction.Probed action) {
      if (peer != null) {
        owner.probed(peer);
      }
    }

    @Override
    public void refuse(HandshakeAction.Refuse action) {
      refuseNow(action.reason(), null);
    }

    @Override
    public void end(HandshakeAction.End action) {
      PeerChannel.this.end(action.reason(), null);
      channel.close();
    }
  }

  private void violated(String what) {
    refuseNow(new DisconnectReason(Code.VIOLATION, what), null);
  }

  private void refuseNow(DisconnectReason reason, @Nullable Throwable bug) {
    if (ending) {
      return;
    }
    end(reason, bug);
    if (peer == null) {
      channel.close(); // nobody there yet who could read it
    } else {
      channel.writeAndFlush(wire(Handshake.refusal(reason)));
      channel
          .config()
          .setAutoRead(true); // what still comes is thrown away until the other side closes
    }
  }

  private void end(DisconnectReason reason, @Nullable Throwable bug) {
    if (!ending) {
      ending = true;
      frames.discard();
      owner.ending(reason, bug);
    }
  }

  private void gone() {
    end(new DisconnectReason(Code.CLOSED, "the connection was closed"), null);
    owner.closed();
  }

  private void writeNow(Frame frame) {
    if (ending) {
      return;
    }
    for (int from = 0; from < frame.size(); from += SLICE_BYTES) {
      int length = Math.min(SLICE_BYTES, frame.size() - from);
      channel.write(frame.slice(from, length)).addListener(unused -> owner.flushed(length));
    }
    channel.flush();
  }

  private static ByteBuf wire(Envelope envelope) {
    Frame frame = Frame.of(envelope, Limits.MAX_FRAME_BYTES_BEFORE_HANDSHAKE);
    return frame.slice(0, frame.size());
  }

  private void run(Runnable task) {
    if (!channel.eventLoop().isShuttingDown()) {
      channel.eventLoop().execute(task);
    }
  }
}
