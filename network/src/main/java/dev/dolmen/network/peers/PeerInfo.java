package dev.dolmen.network.peers;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Hello;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A connected peer for people to read.
 *
 * @param address the other end of the connection, {@code HOST:PORT}
 * @param outbound whether this side dialled
 * @param since when the peer entered the pool
 * @param roundTrip last measured time from a ping to its pong, if there was one
 * @param bytesIn received since then, without the frames' lengths
 * @param bytesOut left this process since then
 * @param bytesQueued written and not yet gone
 * @param hello what the peer said of itself; claims
 */
public record PeerInfo(
    PeerId id,
    String address,
    boolean outbound,
    Instant since,
    Optional<Duration> roundTrip,
    long bytesIn,
    long bytesOut,
    long bytesQueued,
    Hello hello) {}
