/**
 * How bytes become envelopes: sockets and TLS, frames, and thin handlers that feed the pure
 * machines. Each channel's event loop owns what its handlers hold. It may depend on Netty and every
 * package of this module except the root.
 */
@NullMarked
package dev.dolmen.network.netty;

import org.jspecify.annotations.NullMarked;
