package dev.dolmen.node.sync;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks peers for what we lack:
 *
 * <pre>
 *   What is your latest block?     It extends ours: take it.
 *   It does not fit?               Give me all blocks after what we share.
 *   Has that branch more work?     Then it is our chain now.
 * </pre>
 *
 * <p>The last line is {@link Chain#add}'s. All blocks are asked of one peer at a time, and the
 * others that have something we lack wait for their turn: what they have may have come by then. A
 * peer that does not answer in time loses its link and its turn.
 */
public final class Conversation {

  /** Takes a block in, whoever sent it; the node's one door. */
  public interface BlockImport {
    /** Checks and stores a block, and does what follows from that. */
    AddBlockResult add(PeerId from, Block block);
  }

  private enum Asked {
    LATEST_BLOCK,
    ALL_BLOCKS
  }

  private record Question(Asked asked, long requestId, Instant deadline) {}

  private final Chain chain;
  private final RequestIds requestIds;
  private final Map<PeerId, Question> open = new LinkedHashMap<>();
  private final Set<PeerId> waiting = new LinkedHashSet<>();
  private final Map<PeerId, Instant> askAgainAt = new LinkedHashMap<>();
  private @Nullable PeerId source;

  /** A conversation about one chain. */
  public Conversation(Chain chain, RequestIds requestIds) {
    this.chain = chain;
    this.requestIds = requestIds;
  }

  /** On a new link we begin by asking for the other side's latest block. */
  public List<NodeAction> onPeerReady(PeerId peer, Moment now) {
    return askLatestBlock(peer, now);
  }

  /** A peer is gone; if it was giving us all blocks, those in line are asked. */
  public List<NodeAction> onPeerGone(PeerId peer, Moment now) {
    open.remove(peer);
    waiting.remove(peer);
    askAgainAt.remove(peer);
    return peer.equals(source) ? sourceIsDone(now) : List.of();
  }

  /** A peer's ping or pong named its tip, which heals an announcement that was lost. */
  public List<NodeAction> onTipHeard(PeerId peer, BlockHash tip, Moment now) {
    return chain.contains(tip) || open.containsKey(peer) || waiting.contains(peer)
        ? List.of()
        : askLatestBlock(peer, now);
  }

  /** A peer announced a block. */
  public List<NodeAction> onNewBlock(
      PeerId peer, Block block, BlockImport blockImport, Moment now) {
    return takeOrAskForAll(peer, block, blockImport, now);
  }

  /** Whether an answer with blocks is one we wait for. */
  public boolean awaits(PeerId peer, long requestId) {
    Question question = open.get(peer);
    return question != null && question.requestId() == requestId;
  }

  /**
   * A peer answered a question that {@link #awaits} says is open.
   *
   * @param more whether another response to the same question follows
   */
  public List<NodeAction> onBlocks(
      PeerId peer, List<Block> blocks, boolean more, BlockImport blockImport, Moment now) {
    return switch (verifyNotNull(open.get(peer)).asked()) {
      case LATEST_BLOCK -> onLatestBlock(peer, blocks, more, blockImport, now);
      case ALL_BLOCKS -> onAllBlocks(peer, blocks, more, blockImport, now);
    };
  }

  private List<NodeAction> onLatestBlock(
      PeerId peer, List<Block> blocks, boolean more, BlockImport blockImport, Moment now) {
    open.remove(peer);
    if (blocks.size() != 1 || more) {
      return disconnect(peer, "LatestBlock answered with " + blocks.size() + " blocks");
    }
    return takeOrAskForAll(peer, blocks.get(0), blockImport, now);
  }

  private List<NodeAction> takeOrAskForAll(
      PeerId peer, Block block, BlockImport blockImport, Moment now) {
    return take(peer, block, blockImport, now, () -> askAllBlocksInTurn(peer, now))
        .orElse(List.of());
  }

  private List<NodeAction> onAllBlocks(
      PeerId peer, List<Block> blocks, boolean more, BlockImport blockImport, Moment now) {
    if (blocks.isEmpty() && more) {
      return disconnect(peer, "AllBlocks answered with nothing, and more of it");
    }
    for (Block block : blocks) {
      Optional<List<NodeAction>> notTaken =
          take(
              peer,
              block,
              blockImport,
              now,
              () -> disconnect(peer, "AllBlocks answered with a block that follows nothing"));
      if (notTaken.isPresent()) {
        open.remove(peer);
        return concat(notTaken.get(), sourceIsDone(now));
      }
    }
    if (more) {
      open.compute(
          peer,
          (p, question) ->
              new Question(
                  Asked.ALL_BLOCKS,
                  verifyNotNull(question).requestId(),
                  now.steady().plus(Limits.REQUEST_TIMEOUT)));
      return List.of();
    }
    open.remove(peer);
    return sourceIsDone(now);
  }

  /**
   * Takes a block that a peer sent.
   *
   * @param unknownParent what to do if it follows nothing we know
   * @return what to do since we do not have the block now; empty if we have
   */
  private Optional<List<NodeAction>> take(
      PeerId peer,
      Block block,
      BlockImport blockImport,
      Moment now,
      Supplier<List<NodeAction>> unknownParent) {
    return blockImport
        .add(peer, block)
        .deliverTo(
            new AddBlockResult.Reader<Optional<List<NodeAction>>>() {
              @Override
              public Optional<List<NodeAction>> added(ChainUpdate update) {
                return Optional.empty();
              }

              @Override
              public Optional<List<NodeAction>> alreadyKnown() {
                return Optional.empty();
              }

              @Override
              public Optional<List<NodeAction>> unknownParent(BlockHash parent) {
                return Optional.of(unknownParent.get());
              }

              @Override
              public Optional<List<NodeAction>> notYet(Instant validFrom) {
                askAgainAt.put(peer, now.steady().plus(Duration.between(now.wall(), validFrom)));
                return Optional.of(List.of());
              }

              @Override
              public Optional<List<NodeAction>> tooFarBehind() {
                return Optional.of(List.of());
              }

              @Override
              public Optional<List<NodeAction>> bodyMismatch(Violation violation) {
                return Optional.of(brokeRule(peer, block, violation));
              }

              @Override
              public Optional<List<NodeAction>> rejected(Violation violation) {
                return Optional.of(brokeRule(peer, block, violation));
              }
            });
  }

  /** A peer would not answer the question we asked. */
  public List<NodeAction> onRefusal(PeerId peer, Moment now) {
    open.remove(peer);
    return peer.equals(source) ? sourceIsDone(now) : List.of();
  }

  /** Gives up questions whose deadline has passed, and asks again where a block was too early. */
  public List<NodeAction> onTick(Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    for (PeerId peer : List.copyOf(open.keySet())) {
      Question question = open.get(peer);
      if (question != null && !now.steady().isBefore(question.deadline())) {
        open.remove(peer);
        actions.add(
            new Disconnect(
                peer,
                new DisconnectReason(
                    DisconnectReason.Code.TIMEOUT,
                    question.asked()
                        + " unanswered for "
                        + Limits.REQUEST_TIMEOUT.toSeconds()
                        + " s")));
      }
    }
    for (Map.Entry<PeerId, Instant> entry : List.copyOf(askAgainAt.entrySet())) {
      if (!now.steady().isBefore(entry.getValue()) && !open.containsKey(entry.getKey())) {
        actions.addAll(askLatestBlock(entry.getKey(), now));
      }
    }
    return actions;
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    return Stream.concat(
            open.values().stream().map(Question::deadline),
            askAgainAt.entrySet().stream()
                .filter(entry -> !open.containsKey(entry.getKey()))
                .map(Map.Entry::getValue))
        .min(Comparator.naturalOrder());
  }

  /** The peer that is giving us all its blocks, if any. */
  public Optional<PeerId> source() {
    return Optional.ofNullable(source);
  }

  private List<NodeAction> askLatestBlock(PeerId peer, Moment now) {
    askAgainAt.remove(peer);
    return ask(peer, Asked.LATEST_BLOCK, now);
  }

  private List<NodeAction> askAllBlocksInTurn(PeerId peer, Moment now) {
    if (open.containsKey(peer)) {
      return List.of(); // The answer that is on its way is newer than what we just heard.
    }
    if (source != null) {
      waiting.add(peer);
      return List.of();
    }
    source = peer;
    return ask(peer, Asked.ALL_BLOCKS, now);
  }

  private List<NodeAction> sourceIsDone(Moment now) {
    source = null;
    List<NodeAction> actions = new ArrayList<>();
    for (PeerId peer : waiting) {
      actions.addAll(askLatestBlock(peer, now));
    }
    waiting.clear();
    return actions;
  }

  private List<NodeAction> ask(PeerId peer, Asked asked, Moment now) {
    long id = requestIds.next(peer);
    open.put(peer, new Question(asked, id, now.steady().plus(Limits.REQUEST_TIMEOUT)));
    return List.of(
        new Send(
            peer,
            switch (asked) {
              case LATEST_BLOCK -> Wire.latestBlock(id);
              case ALL_BLOCKS -> Wire.allBlocks(id, chain.locator());
            }));
  }

  private static List<NodeAction> brokeRule(PeerId peer, Block block, Violation violation) {
    return disconnect(
        peer, "block " + block.height() + " " + block.hash() + ": " + violation.sentence());
  }

  private static List<NodeAction> disconnect(PeerId peer, String sentence) {
    return List.of(
        new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence)));
  }

  private static List<NodeAction> concat(List<NodeAction> first, List<NodeAction> second) {
    List<NodeAction> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
