package dev.dolmen.network;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * How long the network waits for what. {@link #standard()} is what nodes use; see {@link Limits}
 * for the meaning and reason of each. Tests wait less.
 */
public record Timeouts(
    Duration connect,
    Duration handshake,
    Duration pingInterval,
    Duration silence,
    Duration duplicate,
    Duration writeStall,
    Duration goodbye,
    Duration firstRedial,
    Duration mostRedial,
    Duration inboundRedial,
    Duration rest) {

  public Timeouts {
    checkArgument(
        Stream.of(
                connect,
                handshake,
                pingInterval,
                silence,
                duplicate,
                writeStall,
                goodbye,
                firstRedial,
                mostRedial,
                inboundRedial,
                rest)
            .allMatch(each -> each.compareTo(Duration.ZERO) > 0),
        "a time-out must be longer than nothing");
  }

  /** The time-outs of {@link Limits}. */
  public static Timeouts standard() {
    return new Timeouts(
        Limits.CONNECT_TIMEOUT,
        Limits.HANDSHAKE_TIMEOUT,
        Limits.PING_INTERVAL,
        Limits.SILENCE_TIMEOUT,
        Limits.DUPLICATE_TIMEOUT,
        Limits.WRITE_STALL_TIMEOUT,
        Limits.GOODBYE_TIMEOUT,
        Limits.FIRST_REDIAL_DELAY,
        Limits.MAX_REDIAL_DELAY,
        Limits.INBOUND_REDIAL_PAUSE,
        Limits.USELESS_REST);
  }

  /** The same with another total for the handshake. */
  public Timeouts withHandshake(Duration value) {
    return new Timeouts(
        connect,
        value,
        pingInterval,
        silence,
        duplicate,
        writeStall,
        goodbye,
        firstRedial,
        mostRedial,
        inboundRedial,
        rest);
  }

  /** The same with another patience for a peer that does not read. */
  public Timeouts withWriteStall(Duration value) {
    return new Timeouts(
        connect,
        handshake,
        pingInterval,
        silence,
        duplicate,
        value,
        goodbye,
        firstRedial,
        mostRedial,
        inboundRedial,
        rest);
  }

  /** The same with other pauses between attempts to dial. */
  public Timeouts withRedial(Duration first, Duration most) {
    return new Timeouts(
        connect,
        handshake,
        pingInterval,
        silence,
        duplicate,
        writeStall,
        goodbye,
        first,
        most,
        inboundRedial,
        rest);
  }
}
