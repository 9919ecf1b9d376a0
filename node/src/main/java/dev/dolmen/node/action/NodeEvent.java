package dev.dolmen.node.action;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.network.identity.PeerId;

/** What the node tells its listeners: the API's event stream, the log, an embedding program. */
public sealed interface NodeEvent {

  /**
   * The best chain changed. While catching up one event may stand for many blocks.
   *
   * @param update from the tip told last to the tip now
   * @param transactions how many entries the new tip holds
   */
  record TipMoved(ChainUpdate update, int transactions) implements NodeEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.tipMoved(update, transactions);
    }
  }

  /** A transaction changed its state. */
  record TransactionChanged(TransactionId id, TransactionState state) implements NodeEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.transactionChanged(id, state);
    }
  }

  /** A peer came or went. */
  record PeerChanged(PeerId id, String address, boolean connected) implements NodeEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.peerChanged(id, address, connected);
    }
  }

  /**
   * Something is wrong here that a person must mend, or should know of.
   *
   * @param sentence what, and what to do
   */
  record Warned(String sentence) implements NodeEvent {
    @Override
    public void deliverTo(Reader reader) {
      reader.warned(sentence);
    }
  }

  /** Hands this event to a listener. */
  void deliverTo(Reader reader);

  /** One method for each event. */
  interface Reader {
    /** See {@link TipMoved}. */
    void tipMoved(ChainUpdate update, int transactions);

    /** See {@link TransactionChanged}. */
    void transactionChanged(TransactionId id, TransactionState state);

    /** See {@link PeerChanged}. */
    void peerChanged(PeerId id, String address, boolean connected);

    /** See {@link Warned}. */
    void warned(String sentence);
  }
}
