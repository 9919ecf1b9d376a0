package dev.dolmen.network.keepalive;

import com.google.protobuf.ByteString;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps one link honest: a ping at every interval, with our tip in it, and the end after too long a
 * silence. Silence does not count while it is we who do not read.
 *
 * <p>Pure: times are nanoseconds of one monotonic clock.
 */
public final class Keepalive {

  private final long interval;
  private final Duration silence;
  private long nextPing;
  private long lastHeard;
  private boolean reading = true;
  private long requests;
  private long openPing;
  private long openPingSentAt;
  private boolean pingIsOpen;
  private Optional<Duration> roundTrip = Optional.empty();
  private Optional<Duration> bestRoundTrip = Optional.empty();

  /**
   * @param interval between pings
   * @param silence without a message after which the link is over
   * @param now when the link became ready
   */
  public Keepalive(Duration interval, Duration silence, long now) {
    this.interval = interval.toNanos();
    this.silence = silence;
    this.nextPing = now + this.interval;
    this.lastHeard = now;
  }

  /**
   * The peer sent this.
   *
   * @param tip our tip's hash
   * @return the Pong to answer with, if it was a Ping
   */
  public Optional<Envelope> onEnvelope(Envelope envelope, ByteString tip, long now) {
    lastHeard = now;
    if (envelope.getBodyCase() == Envelope.BodyCase.PONG
        && pingIsOpen
        && envelope.getRequestId() == openPing) {
      pingIsOpen = false;
      Duration measured = Duration.ofNanos(now - openPingSentAt);
      roundTrip = Optional.of(measured);
      bestRoundTrip =
          bestRoundTrip.filter(best -> best.compareTo(measured) <= 0).or(() -> roundTrip);
    }
    return envelope.getBodyCase() == Envelope.BodyCase.PING
        ? Optional.of(
            Envelope.newBuilder()
                .setRequestId(envelope.getRequestId())
                .setPong(Pong.newBuilder().setTipHash(tip))
                .build())
        : Optional.empty();
  }

  /** A ping, if it is time for one. */
  public Optional<Envelope> pingIfDue(ByteString tip, long now) {
    return now - nextPing >= 0 ? Optional.of(ping(tip, now)) : Optional.empty();
  }

  /** A ping at once; the next regular one is a whole interval later. */
  public Envelope ping(ByteString tip, long now) {
    nextPing = now + interval;
    openPing = nextRequestId();
    openPingSentAt = now;
    pingIsOpen = true;
    return Envelope.newBuilder()
        .setRequestId(openPing)
        .setPing(Ping.newBuilder().setTipHash(tip))
        .build();
  }

  /** An id for a question that the link asks on its own account. */
  public long nextRequestId() {
    return Limits.FIRST_KEEPALIVE_REQUEST_ID + requests++;
  }

  /** Why the link must end now, if the peer has been silent for too long. */
  public Optional<DisconnectReason> silence(long now) {
    return reading && now - lastHeard >= silence.toNanos()
        ? Optional.of(
            new DisconnectReason(Code.TIMEOUT, "silent for " + silence.toMillis() + " ms"))
        : Optional.empty();
  }

  /** Says whether we read from the peer at present. */
  public void reading(boolean value, long now) {
    reading = value;
    lastHeard = now;
  }

  /** Whether we read from the peer at present; if not, it has said more than was dealt with. */
  public boolean isReading() {
    return reading;
  }

  /** When to ask {@link #pingIfDue} and {@link #silence} again, if nothing happens before. */
  public long nextWake() {
    long silent = lastHeard + silence.toNanos();
    return reading && silent - nextPing < 0 ? silent : nextPing;
  }

  /** The last measured time from a ping to its pong. */
  public Optional<Duration> roundTrip() {
    return roundTrip;
  }

  /** The shortest that was ever measured. */
  public Optional<Duration> bestRoundTrip() {
    return bestRoundTrip;
  }
}
