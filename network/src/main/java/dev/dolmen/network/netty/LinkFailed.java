package dev.dolmen.network.netty;

import dev.dolmen.network.peers.DisconnectReason;

/** Travels down a pipeline when the transport cannot make a link of this channel. */
public record LinkFailed(DisconnectReason reason) {}
