package dev.dolmen.network;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Envelope;
import java.util.List;

/**
 * Overhears what a network says and hears, for people who watch. Told on the control executor, one
 * thing at a time; must not block. A network without a tap pays one look for each message.
 */
public interface MessageTap {

  /**
   * The same message was queued for these peers; on a slowed link it is on its way for a while.
   *
   * @param to at least one
   * @param everyone whether these are all peers there are, and more than one
   */
  void said(List<PeerId> to, boolean everyone, Envelope envelope);

  /** A message arrived from a peer. */
  void heard(PeerId from, Envelope envelope);
}
