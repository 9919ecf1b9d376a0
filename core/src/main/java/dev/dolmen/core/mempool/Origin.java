package dev.dolmen.core.mempool;

/** Who a pending transaction came from, and so in whose share of the pool it counts. */
public sealed interface Origin {

  /** Given by this node's own users: pinned, so that no stranger can push it out. */
  Origin LOCAL = Common.LOCAL;

  /**
   * Sent by a connected peer.
   *
   * @param key tells peers apart; only whether two are equal is asked
   */
  record Peer(Object key) implements Origin {}

  /** Shares that belong to no connected peer. */
  enum Common implements Origin {
    LOCAL,
    /** Sent by peers that are no longer connected. */
    GONE_PEERS,
    /** Given back by a block that is not on the best chain. */
    GIVEN_BACK
  }
}
