/**
 * How two peers meet: a pure machine that exchanges Hellos or says why not. Each connection's event
 * loop owns its own. It may depend on identity, peers and the protocol; it reads no clock and knows
 * no Netty.
 */
@NullMarked
package dev.dolmen.network.handshake;

import org.jspecify.annotations.NullMarked;
