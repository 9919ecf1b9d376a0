package dev.dolmen.node.sync;

import dev.dolmen.core.consensus.Work;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.NodeAction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Peers whose chain stands still. Each peer names its tip in every ping and pong; one that has not
 * named a block with as much work as our tip had {@link #PATIENCE} ago is of no use to hear of
 * blocks from, and its place may be another's. That is no offence: it may be catching up itself.
 *
 * <p>Rule: {@code docs/protocol.md#disconnecting}
 */
public final class Laggards {

  /** How long a peer may need for what we have. Source: Bitcoin Core, which takes the same. */
  static final Duration PATIENCE = Duration.ofMinutes(20);

  /** What a peer has to show, and since when it has not. */
  private record Debt(Work work, Instant since) {}

  private static final class Peer {
    private @Nullable Debt debt;
  }

  private final Map<PeerId, Peer> peers = new LinkedHashMap<>();

  /** A peer can be spoken to; it has shown nothing yet. */
  public void onPeerReady(PeerId id, Work ours, Instant now) {
    Peer peer = new Peer();
    peer.debt = new Debt(ours, now);
    peers.put(id, peer);
  }

  /** A peer is gone, and with it what is known of it here. */
  public void onPeerGone(PeerId id) {
    peers.remove(id);
  }

  /**
   * A peer names its tip.
   *
   * @param theirs work of that block's chain; empty if we do not know the block
   * @param ours work of our tip
   */
  public void onTipHeard(PeerId id, Optional<Work> theirs, Work ours, Instant now) {
    Peer peer = peers.get(id);
    if (peer == null) {
      return;
    }
    Debt debt = peer.debt;
    boolean isPaid = debt == null || theirs.filter(has -> isEnough(has, debt.work)).isPresent();
    if (isPaid) {
      boolean isLevel = theirs.filter(has -> isEnough(has, ours)).isPresent();
      peer.debt = isLevel ? null : new Debt(ours, now);
    }
  }

  private static boolean isEnough(Work has, Work wanted) {
    return has.compareTo(wanted) >= 0;
  }

  /** Gives up the places of those that have not kept up. */
  public List<NodeAction> onTick(Work ours, Instant now) {
    List<NodeAction> actions = new ArrayList<>();
    peers.forEach(
        (id, peer) -> {
          Debt debt = peer.debt;
          if (debt != null && !now.isBefore(debt.since.plus(PATIENCE))) {
            peer.debt = new Debt(ours, now);
            actions.add(
                new NodeAction.Replace(
                    id,
                    new DisconnectReason(
                        Code.USELESS, "its tip was behind for " + PATIENCE.toMinutes() + " min")));
          }
        });
    return actions;
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    Earliest earliest = new Earliest();
    for (Peer peer : peers.values()) {
      Debt debt = peer.debt;
      if (debt != null) {
        earliest.add(debt.since.plus(PATIENCE));
      }
    }
    return earliest.get();
  }
}
