package dev.dolmen.network.netty;

import dev.dolmen.network.identity.PeerId;

/** Travels down a pipeline when the transport knows whose key the other side has. */
public record PeerProven(PeerId peer) {}
