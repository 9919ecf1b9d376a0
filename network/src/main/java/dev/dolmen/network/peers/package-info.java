/**
 * What is decided about peers: addresses to dial, which link of two stays, how much may be queued;
 * and the events that tell of it. The control executor owns the machines, the values belong to
 * anyone. It may depend on identity and the protocol; it reads no clock and knows no Netty.
 */
@NullMarked
package dev.dolmen.network.peers;

import org.jspecify.annotations.NullMarked;
