package dev.dolmen.node.relay;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.wire.Wire;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Announces each new tip once to every peer that is not known to have it, together with those of
 * its transactions that the peer may lack. One encoding serves all peers that lack the same, which
 * is the rule.
 */
public final class BlockRelay {

  /** Blocks remembered for each peer; only those around the tip are ever announced. */
  static final int MAX_KNOWN_BLOCKS = 256;

  /**
   * Canonical bytes of transactions that go with an announcement: the largest one fits, so an entry
   * that was made into a block at once travels with it.
   */
  static final int MAX_PLACED_BYTES = Transaction.MIN_BYTES + Transaction.MAX_PAYLOAD_BYTES;

  private final BiPredicate<PeerId, TransactionId> mayHave;
  private final Map<PeerId, KnownHashes> peers = new LinkedHashMap<>();

  /**
   * A relay without peers.
   *
   * @param mayHave whether a peer is thought to hold a pending transaction
   */
  public BlockRelay(BiPredicate<PeerId, TransactionId> mayHave) {
    this.mayHave = mayHave;
  }

  /** A peer to announce to from now on; what its Hello says of its tip is not believed. */
  public void onPeerReady(PeerId peer) {
    peers.put(peer, new KnownHashes(MAX_KNOWN_BLOCKS));
  }

  /** The peer is gone, and with it everything held for it. */
  public void onPeerGone(PeerId peer) {
    peers.remove(peer);
  }

  /** A peer has shown that it has a block: by sending it, or by naming it as its tip. */
  public void peerHas(PeerId peer, BlockHash hash) {
    KnownHashes known = peers.get(peer);
    if (known != null) {
      known.add(hash.value());
    }
  }

  /** Tells everyone who lacks it about the new tip. */
  public List<NodeAction> announce(Block tip) {
    Map<List<Integer>, List<PeerId>> byLack = new LinkedHashMap<>();
    peers.forEach(
        (peer, known) -> {
          if (known.add(tip.hash().value())) {
            byLack.computeIfAbsent(lackedBy(peer, tip), lack -> new ArrayList<>()).add(peer);
          }
        });
    List<NodeAction> actions = new ArrayList<>();
    byLack.forEach((lack, to) -> actions.add(NodeAction.sendAll(to, Wire.newBlock(tip, lack))));
    return actions;
  }

  /** Indexes of the transactions that a peer may lack, as many as may go along. */
  private List<Integer> lackedBy(PeerId peer, Block block) {
    List<Integer> lacked = new ArrayList<>();
    int room = MAX_PLACED_BYTES;
    for (int i = 0; i < block.transactions().size() && room >= Transaction.MIN_BYTES; i++) {
      Transaction transaction = block.transactions().get(i);
      if (transaction.size() <= room && !mayHave.test(peer, transaction.id())) {
        lacked.add(i);
        room -= transaction.size();
      }
    }
    return lacked;
  }
}
