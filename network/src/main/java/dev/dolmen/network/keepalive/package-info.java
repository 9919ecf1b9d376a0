/**
 * Whether the other side still lives: a pure machine of pings, pongs and silence. The control
 * executor owns one for each link. It may depend on peers and the protocol; it reads no clock and
 * knows no Netty.
 */
@NullMarked
package dev.dolmen.network.keepalive;

import org.jspecify.annotations.NullMarked;
