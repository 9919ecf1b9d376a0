package dev.dolmen.node.action;

import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.Gift;
import dev.dolmen.protocol.Envelope;
import java.util.List;

/**
 * One thing a machine wants done. The runner performs a list in its order, with one exception that
 * keeps what we promise: whatever is {@link Tell told} waits until the store is synced.
 */
public sealed interface NodeAction {

  /** Sends a message to one peer; if it is gone by then, nothing happens. */
  record Send(PeerId peer, Envelope envelope) implements NodeAction {
    @Override
    public void deliverTo(Reader reader) {
      reader.send(peer, envelope);
    }
  }

  /** Sends one message to several peers; it is encoded once. */
  record SendAll(List<PeerId> peers, Envelope envelope) implements NodeAction {
    public SendAll {
      peers = List.copyOf(peers);
    }

    @Override
    public void deliverTo(Reader reader) {
      reader.sendAll(peers, envelope);
    }
  }

  /** Ends a link, telling the other side why. */
  record Disconnect(PeerId peer, DisconnectReason reason) implements NodeAction {
    /**
     * For what breaks a rule, of the protocol or of the chain.
     *
     * @param sentence which one, for both sides' logs
     */
    public static Disconnect violation(PeerId peer, String sentence) {
      return new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence));
    }

    @Override
    public void deliverTo(Reader reader) {
      reader.disconnect(peer, reason);
    }
  }

  /**
   * Lets go of a peer that is of little use, if this node found it by itself and has enough others;
   * those whom the operator named stay.
   */
  record Replace(PeerId peer, DisconnectReason reason) implements NodeAction {
    @Override
    public void deliverTo(Reader reader) {
      reader.replace(peer, reason);
    }
  }

  /** Notes that a peer gave something that was new, which counts when places are scarce. */
  record Credit(PeerId peer, Gift gift) implements NodeAction {
    @Override
    public void deliverTo(Reader reader) {
      reader.credit(peer, gift);
    }
  }

  /** Searches a nonce for this block from now on, instead of whatever was searched before. */
  record Mine(BlockTemplate template) implements NodeAction {
    @Override
    public void deliverTo(Reader reader) {
      reader.mine(template);
    }
  }

  /** Tells listeners and the log, once what it speaks of is on disk. */
  record Tell(NodeEvent event) implements NodeAction {
    @Override
    public void deliverTo(Reader reader) {
      reader.tell(event);
    }
  }

  /** Sends one message to one or more peers. */
  static NodeAction sendAll(List<PeerId> peers, Envelope envelope) {
    return peers.size() == 1 ? new Send(peers.get(0), envelope) : new SendAll(peers, envelope);
  }

  /** Hands this action to the one who performs it. */
  void deliverTo(Reader reader);

  /** One method for each action. */
  interface Reader {
    /** See {@link Send}. */
    void send(PeerId peer, Envelope envelope);

    /** See {@link SendAll}. */
    void sendAll(List<PeerId> peers, Envelope envelope);

    /** See {@link Disconnect}. */
    void disconnect(PeerId peer, DisconnectReason reason);

    /** See {@link Replace}. */
    void replace(PeerId peer, DisconnectReason reason);

    /** See {@link Credit}. */
    void credit(PeerId peer, Gift gift);

    /** See {@link Mine}. */
    void mine(BlockTemplate template);

    /** See {@link Tell}. */
    void tell(NodeEvent event);
  }
}
