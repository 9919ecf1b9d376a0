package dev.dolmen.network.peers;

/** What the owner of {@link Links} must do next, in this order. */
public sealed interface LinkAction {

  /** The link concerned. */
  long link();

  /** Gives this action to the method of the performer that is made for it. */
  void deliverTo(Performer performer);

  /** Whoever performs the actions. */
  interface Performer {
    void admit(Admit action);

    void ping(Ping action);

    void refuse(Refuse action);
  }

  /** This link now is the one to its peer: let envelopes flow. */
  record Admit(long link) implements LinkAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.admit(this);
    }
  }

  /** Ask this link whether it still lives. */
  record Ping(long link) implements LinkAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.ping(this);
    }
  }

  /** Tell the other side why, then close. If the link was admitted, it is no longer. */
  record Refuse(long link, DisconnectReason reason) implements LinkAction {
    @Override
    public void deliverTo(Performer performer) {
      performer.refuse(this);
    }
  }
}
