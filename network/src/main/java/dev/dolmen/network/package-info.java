/**
 * One process as client and server at once: {@link dev.dolmen.network.PeerNetwork} listens, dials,
 * sends and broadcasts. Its state is owned by the transport's one control executor, and readers get
 * immutable snapshots. It may use every package beside it, none of which may use it.
 */
@NullMarked
package dev.dolmen.network;

import org.jspecify.annotations.NullMarked;
