package dev.dolmen.it.simulation;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold in every run, whatever the faults. Each check answers with what is wrong, empty if
 * nothing is. That nodes agree in time (I2) and that a seed gives one run (I6) is for the scenarios
 * to see.
 */
final class Invariants {

  /** Entries that wait for a block, as the mempool's own bound. */
  private static final long MAX_PENDING_BYTES = 64L * 1024 * 1024;

  /** Blocks of a node whose clock is ahead may still be too early for others. */
  private static final Duration MOST_SKEW = Duration.ofDays(1);

  private final Chain reference;
  private final Set<BlockHash> checked = new LinkedHashSet<>();

  Invariants(NetworkParameters parameters) {
    this.reference =
        new Chain(
            parameters,
            new MemoryBlockStore(parameters),
            new VerifiedSignatures(new KnownSignatures()));
    checked.add(parameters.genesisHash());
  }

  /** I1, at every move of a tip: no block that the node holds ends a branch with more work. */
  Optional<String> tipHasMostWork(SimulatedNode node) {
    return node.tip().totalWork().equals(node.disk().mostWork())
        ? Optional.empty()
        : Optional.of(
            "I1: "
                + node.name()
                + " holds a branch of work "
                + node.disk().mostWork()
                + " and stays at "
                + node.tip().totalWork());
  }

  /**
   * I1, at the end: every block that a node holds is valid, checked from genesis by a fresh chain.
   */
  Optional<String> everyBlockIsValid(SimulatedNode node, Instant now) {
    for (Block block : node.disk().blocks()) {
      if (checked.add(block.hash())) {
        AddBlockResult result = reference.add(block, now.plus(MOST_SKEW), Standing.PROVED_HEAVIER);
        if (!(result instanceof AddBlockResult.Added)) {
          return Optional.of("I1: " + node.name() + " holds " + block.hash() + ": " + result);
        }
      }
    }
    ChainedHeader tip = node.tip();
    BlockHash expected = tip.hash();
    for (long height = tip.height(); height >= 0; height--) {
      if (!node.disk().hashAt(height).filter(expected::equals).isPresent()) {
        return Optional.of("I1: " + node.name() + " has another block than " + expected);
      }
      expected = node.disk().header(expected).orElseThrow().header().previousHash();
    }
    return Optional.empty();
  }

  /**
   * I3, after a restart: the tip that listeners were told is there, on the best chain or below it.
   */
  static Optional<String> whatWasToldIsThere(SimulatedNode node) {
    return node.toldTip()
        .filter(
            told ->
                node.disk().header(told.hash()).isEmpty()
                    || node.tip().totalWork().compareTo(told.totalWork()) < 0)
        .map(
            told ->
                "I3: "
                    + node.name()
                    + " told of block "
                    + told.height()
                    + " "
                    + told.hash()
                    + " and is at "
                    + node.tip().height()
                    + " after its restart");
  }

  /** I4: what others can make a node hold stays within its bounds. */
  static Optional<String> staysInBounds(SimulatedNode node, int maxFrameBytes) {
    long mostQueued =
        (long) Limits.MAX_SEND_QUEUE_BYTES + maxFrameBytes + Limits.FRAME_LENGTH_BYTES;
    for (PeerInfo peer : node.network().peers()) {
      if (peer.bytesQueued() > mostQueued) {
        return Optional.of(
            "I4: " + node.name() + " has queued " + peer.bytesQueued() + " bytes for one peer");
      }
    }
    return node.pendingBytes() > MAX_PENDING_BYTES
        ? Optional.of("I4: " + node.name() + " keeps " + node.pendingBytes() + " bytes of entries")
        : Optional.empty();
  }

  /** I4, some time after a stop: what was held for peers is gone. */
  static Optional<String> holdsNothing(SimulatedNode node) {
    return node.holdsNothing()
        ? Optional.empty()
        : Optional.of("I4: " + node.name() + " has stopped and still holds something for a peer");
  }

  /** A bug ends no link, whoever is at its other end. */
  static Optional<String> isNoBug(SimulatedNode node, DisconnectReason reason) {
    return reason.code() == DisconnectReason.Code.BUG
        ? Optional.of(node.name() + " ended a link: " + reason)
        : Optional.empty();
  }

  /** I5: nobody honest is accused by anyone honest. */
  static Optional<String> isFriendly(
      SimulatedNode node, SimulatedNode other, DisconnectReason reason) {
    return switch (reason.code()) {
      case VIOLATION, BUG, NOT_ALLOWED, OTHER_NETWORK, OTHER_VERSION ->
          Optional.of("I5: between " + node.name() + " and " + other.name() + ": " + reason);
      case SELF, DUPLICATE, FULL, TIMEOUT, USELESS, GOODBYE, CLOSED, FAILED -> Optional.empty();
    };
  }
}
