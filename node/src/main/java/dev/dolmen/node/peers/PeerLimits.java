package dev.dolmen.node.peers;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.protocol.Limits;

/**
 * How many peers a node has.
 *
 * @param total connected peers, from 1 to {@value #MOST}
 * @param outbound places among them that only peers this side dialled may take, and, where it finds
 *     peers by itself, how many it wants to have dialled; from 0 to {@code total}
 * @param perAddress connections from one address, not of this machine, that it did not dial; from 1
 *     to {@value #MOST}
 * @param perGroup the same from one /16, or one /32 of IPv6
 */
public record PeerLimits(int total, int outbound, int perAddress, int perGroup) {

  /** More links than one node is of use to; each costs up to 6 MiB while it is slow. */
  public static final int MOST = 1_000;

  /** What a node has if nothing is said. */
  public static final PeerLimits STANDARD =
      new PeerLimits(
          Limits.MAX_PEERS,
          Limits.PEERS_RESERVED_FOR_DIALLED,
          Limits.MAX_INBOUND_PER_ADDRESS,
          Limits.MAX_INBOUND_PER_GROUP);

  public PeerLimits {
    checkArgument(total >= 1 && total <= MOST, "from 1 to %s peers, not %s", MOST, total);
    checkArgument(
        outbound >= 0 && outbound <= total,
        "%s outbound peers do not fit in %s in all",
        outbound,
        total);
    checkArgument(
        perAddress >= 1 && perAddress <= MOST,
        "from 1 to %s connections from an address, not %s",
        MOST,
        perAddress);
    checkArgument(
        perGroup >= 1 && perGroup <= MOST,
        "from 1 to %s connections from a network, not %s",
        MOST,
        perGroup);
  }
}
