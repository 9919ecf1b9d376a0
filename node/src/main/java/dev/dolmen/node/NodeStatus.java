package dev.dolmen.node;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.identity.PeerId;
import java.util.Optional;

/**
 * How a node stands, as last synced to disk.
 *
 * @param name by which people know it
 * @param network whose chain it keeps
 * @param id its public key, by which peers know it and under which it writes
 * @param view chain, mempool and catching up
 * @param peers how many links it has
 */
public record NodeStatus(
    String name, NetworkParameters network, PeerId id, NodeView view, int peers) {

  /** Height of the best chain's last block. */
  public long height() {
    return view.tip().height();
  }

  /** Hash of the best chain's last block. */
  public BlockHash hash() {
    return view.tip().hash();
  }

  /** Whether blocks are being caught up with. */
  public boolean syncing() {
    return view.syncing();
  }

  /** What the node waits for, in words; empty if for nothing but the next block. */
  public Optional<String> waitingFor() {
    return view.waitingFor();
  }
}
