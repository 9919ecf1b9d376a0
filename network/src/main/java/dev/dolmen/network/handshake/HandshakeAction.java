package dev.dolmen.network.handshake;

import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;

/** What the owner of a {@link Handshake} must do next. */
public sealed interface HandshakeAction {

  /** Gives this action to the method of the performer that is made for it. */
  void deliverTo(Performer performer);

  /** Whoever performs the actions. */
  interface Performer {
    void send(Send action);

    void ready(Ready action);

    void probed(Probed action);

    void refuse(Refuse action);

    void end(End action);
  }

  /** Send this to the other side. */
  record Send(Envelope envelope) implements HandshakeAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.send(this);
    }
  }

  /** Both sides have said Hello; this is the other's. Envelopes may flow. */
  record Ready(Hello hello) implements HandshakeAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.ready(this);
    }
  }

  /** The other side is there and of our network, which is all we wanted to know. */
  record Probed() implements HandshakeAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.probed(this);
    }
  }

  /** Tell the other side why, then close. */
  record Refuse(DisconnectReason reason) implements HandshakeAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.refuse(this);
    }
  }

  /** Close; the other side has told us why, or could not hear us. */
  record End(DisconnectReason reason) implements HandshakeAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.end(this);
    }
  }
}
