package dev.dolmen.node.relay;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Announces each new tip once to every peer that is not known to have it. */
public final class BlockRelay {

  /** Blocks remembered for each peer; only those around the tip are ever announced. */
  static final int MAX_KNOWN_BLOCKS = 256;

  private final Map<PeerId, KnownHashes<BlockHash>> peers = new LinkedHashMap<>();

  /** A peer to announce to from now on; what its Hello says of its tip is not believed. */
  public void onPeerReady(PeerId peer) {
    peers.put(peer, new KnownHashes<>(MAX_KNOWN_BLOCKS));
  }

  /** The peer is gone, and with it everything held for it. */
  public void onPeerGone(PeerId peer) {
    peers.remove(peer);
  }

  /** A peer has shown that it has a block: by sending it, or by naming it as its tip. */
  public void peerHas(PeerId peer, BlockHash hash) {
    KnownHashes<BlockHash> known = peers.get(peer);
    if (known != null) {
      known.add(hash);
    }
  }

  /** Tells everyone who lacks it about the new tip. */
  public List<NodeAction> announce(Block tip) {
    List<NodeAction> actions = new ArrayList<>();
    Envelope announcement = null;
    for (Map.Entry<PeerId, KnownHashes<BlockHash>> peer : peers.entrySet()) {
      if (peer.getValue().add(tip.hash())) {
        if (announcement == null) {
          announcement = Wire.newBlock(tip);
        }
        actions.add(new Send(peer.getKey(), announcement));
      }
    }
    return actions;
  }
}
