package dev.dolmen.network.peers;

import dev.dolmen.network.identity.PeerId;
import java.time.Instant;

/**
 * A peer that was in the pool and is not any more, for people to read.
 *
 * @param address the other end of the connection, {@code HOST:PORT}
 * @param outbound whether this side had dialled
 * @param at when it went
 * @param reason why
 */
public record Departure(
    PeerId id, String address, boolean outbound, Instant at, DisconnectReason reason) {}
