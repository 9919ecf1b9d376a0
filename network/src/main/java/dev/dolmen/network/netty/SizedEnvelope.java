package dev.dolmen.network.netty;

import dev.dolmen.protocol.Envelope;

/**
 * An envelope and what it took on the wire.
 *
 * @param bytes of the frame, without its length
 */
record SizedEnvelope(Envelope envelope, int bytes) {}
