package dev.dolmen.network.peers;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;

/**
 * What the network tells the layer above. For each peer: one {@link Ready}, then any number of
 * {@link Received} and {@link Drained}, then one {@link Gone}; after which the same peer may come
 * again with a higher link number. Events come one at a time from the control executor, which must
 * not be kept waiting.
 */
public sealed interface PeerEvent {

  /** The peer concerned. */
  PeerId peer();

  /** Which link to that peer; numbers rise and are never used twice by one network. */
  long link();

  /** Gives this event to the method of the reader that is made for it. */
  void deliverTo(Reader reader);

  /** Whoever must answer every kind of event. */
  interface Reader {
    void ready(Ready event);

    void gone(Gone event);

    void received(Received event);

    void drained(Drained event);
  }

  /**
   * A peer entered the pool and can be sent to.
   *
   * @param address the other end of the connection, {@code HOST:PORT}
   * @param outbound whether this side dialled
   */
  record Ready(PeerId peer, long link, String address, boolean outbound, Hello hello)
      implements PeerEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.ready(this);
    }
  }

  /** A peer left the pool. Everything queued for it is forgotten. */
  record Gone(PeerId peer, long link, DisconnectReason reason) implements PeerEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.gone(this);
    }
  }

  /**
   * A peer sent something. It must be given back with {@code PeerNetwork.consumed} once dealt with;
   * reading from a peer stops while too much is outstanding. A Ping is answered already and shown
   * for the tip it carries.
   *
   * @param bytes of the frame, without its length
   */
  record Received(PeerId peer, long link, Envelope envelope, int bytes) implements PeerEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.received(this);
    }
  }

  /**
   * The answer sent last to this peer has left this process, so a long one may go on. Told once for
   * each answer that is waited for, and not for anything else that leaves.
   */
  record Drained(PeerId peer, long link) implements PeerEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.drained(this);
    }
  }
}
