package dev.dolmen.it.simulation;

import dev.dolmen.network.peers.PeerEvent;

/**
 * What a {@link Villain} does when something happens to it. It may send anything to anyone; a
 * method that is not overridden does nothing.
 */
interface Behaviour {

  /** A link to a peer stands. */
  default void ready(Villain self, PeerEvent.Ready event) {}

  /** A peer says something, which counts as dealt with when this returns. */
  default void received(Villain self, PeerEvent.Received event) {}

  /** An answer to a peer has left. */
  default void drained(Villain self, PeerEvent.Drained event) {}

  /** A link is over. */
  default void gone(Villain self, PeerEvent.Gone event) {}
}
