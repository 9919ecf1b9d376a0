package dev.dolmen.node.sync;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.action.NodeAction.Tell;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches damaged blocks again. Their headers are known, so whoever answers cannot lie: a body is
 * taken only if the stored header commits to it. Peers are asked in turn, each for a few blocks at
 * a time; nobody is blamed for being slow or for not having one.
 */
public final class BlockHealing {

  /** Named in one question; at most so many largest blocks come for it, a part at a time. */
  static final int MAX_BLOCKS_PER_QUESTION = 16;

  /** How long a peer may take for the next part of its answer. */
  static final Duration ANSWER_TIMEOUT = Limits.REQUEST_TIMEOUT;

  /** After all peers were asked in vain, before they are asked again. */
  static final Duration PAUSE = Duration.ofSeconds(30);

  private final Chain chain;
  private final Block genesis;
  private final RequestIds requestIds;
  private final Set<PeerId> peers = new LinkedHashSet<>();

  /** What is damaged, with the peers that did not give it. */
  private final Map<BlockHash, Set<PeerId>> wanted = new LinkedHashMap<>();

  private final Map<PeerId, Question> open = new LinkedHashMap<>();
  private @Nullable Instant askAgainAt;

  private static final class Question {
    private final long id;
    private final Set<BlockHash> left;
    private Instant deadline;

    Question(long id, List<BlockHash> hashes, Instant deadline) {
      this.id = id;
      this.left = new LinkedHashSet<>(hashes);
      this.deadline = deadline;
    }
  }

  /**
   * For one chain.
   *
   * @param genesis its first block, which is known without asking
   */
  public BlockHealing(Chain chain, Block genesis, RequestIds requestIds) {
    this.chain = chain;
    this.genesis = genesis;
    this.requestIds = requestIds;
  }

  /** A peer may be asked; {@link #goOn} does it. */
  public void onPeerReady(PeerId peer) {
    peers.add(peer);
  }

  /** A peer is gone, and with it everything held for it. */
  public void onPeerGone(PeerId peer) {
    peers.remove(peer);
    open.remove(peer);
    wanted.values().forEach(tried -> tried.remove(peer));
  }

  /** Whether an answer is one we wait for. */
  public boolean awaits(PeerId peer, long requestId) {
    Question question = open.get(peer);
    return question != null && question.id == requestId;
  }

  /**
   * A peer answered a question that {@link #awaits} says is open.
   *
   * @param more whether another response to the same question follows
   */
  public List<NodeAction> onBlocks(PeerId peer, List<Block> blocks, boolean more, Moment now) {
    Question question = verifyNotNull(open.get(peer));
    List<NodeAction> actions = new ArrayList<>();
    for (Block block : blocks) {
      if (!question.left.remove(block.hash())) {
        giveUp(peer);
        actions.add(Disconnect.violation(peer, "a block that was not asked for"));
        return actions;
      }
      Optional<Violation> otherBody = chain.restore(block);
      if (otherBody.isPresent()) {
        question.left.add(block.hash());
        giveUp(peer);
        actions.add(Disconnect.violation(peer, otherBody.get().about(block.header())));
        return actions;
      }
      wanted.remove(block.hash());
      question.deadline = now.steady().plus(ANSWER_TIMEOUT);
      actions.add(tell(named(block.hash()) + " is healed: " + peer.toShortString() + " gave it"));
    }
    if (!more) {
      giveUp(peer);
    }
    return actions;
  }

  /** A peer would not answer a question that {@link #awaits} says is open. */
  public void onRefusal(PeerId peer) {
    giveUp(peer);
  }

  /** No more of this answer is waited for; what it did not bring is asked for elsewhere. */
  private void giveUp(PeerId peer) {
    Question question = open.remove(peer);
    if (question != null) {
      for (BlockHash hash : question.left) {
        wanted.computeIfPresent(
            hash,
            (same, tried) -> {
              tried.add(peer);
              return tried;
            });
      }
    }
  }

  /** Does what is due: looks for what was found damaged, asks, and asks elsewhere. */
  public List<NodeAction> goOn(Moment now) {
    List<NodeAction> actions = new ArrayList<>(takeWhatWasFound());
    if (wanted.isEmpty()) {
      askAgainAt = null;
      return actions;
    }
    for (Map.Entry<PeerId, Question> asked : List.copyOf(open.entrySet())) {
      if (!now.steady().isBefore(asked.getValue().deadline)) {
        giveUp(asked.getKey());
      }
    }
    if (askAgainAt != null && !now.steady().isBefore(askAgainAt)) {
      wanted.values().forEach(Set::clear);
    }
    actions.addAll(ask(now));
    if (!open.isEmpty()) {
      askAgainAt = null;
    } else if (askAgainAt == null || !now.steady().isBefore(askAgainAt)) {
      askAgainAt = now.steady().plus(PAUSE);
    }
    return actions;
  }

  private List<NodeAction> takeWhatWasFound() {
    List<BlockHash> found = new ArrayList<>();
    List<BlockHash> damaged = chain.damagedBlocks();
    if (damaged.isEmpty()) {
      wanted.clear();
      return List.of();
    }
    wanted.keySet().retainAll(new LinkedHashSet<>(damaged)); // Others were forgotten.
    for (BlockHash hash : damaged) {
      if (hash.equals(genesis.hash())) {
        chain.restore(genesis);
      } else if (wanted.putIfAbsent(hash, new LinkedHashSet<>()) == null) {
        found.add(hash);
      }
    }
    if (found.isEmpty()) {
      return List.of();
    }
    String first = named(found.get(0));
    return List.of(
        tell(
            (found.size() == 1 ? first + " is" : found.size() + " blocks, first " + first + ", are")
                + " damaged on this node's disk; peers are asked for it again, and until then it is"
                + " given to nobody. Have the disk checked"));
  }

  private List<NodeAction> ask(Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    Set<BlockHash> asked = new LinkedHashSet<>();
    open.values().forEach(question -> asked.addAll(question.left));
    for (PeerId peer : peers) {
      if (open.containsKey(peer)) {
        continue;
      }
      List<BlockHash> hashes =
          wanted.entrySet().stream()
              .filter(entry -> !asked.contains(entry.getKey()) && !entry.getValue().contains(peer))
              .map(Map.Entry::getKey)
              .limit(MAX_BLOCKS_PER_QUESTION)
              .toList();
      if (!hashes.isEmpty()) {
        long id = requestIds.next(peer);
        open.put(peer, new Question(id, hashes, now.steady().plus(ANSWER_TIMEOUT)));
        asked.addAll(hashes);
        actions.add(new Send(peer, Wire.getBlocks(id, hashes)));
      }
    }
    return actions;
  }

  /** When {@link #goOn} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    for (BlockHash damaged : chain.damagedBlocks()) {
      if (!wanted.containsKey(damaged)) {
        return Optional.of(Instant.EPOCH); // Some reader has found one.
      }
    }
    Earliest earliest = new Earliest();
    if (!wanted.isEmpty() && !peers.isEmpty()) {
      earliest.add(askAgainAt);
    }
    for (Question question : open.values()) {
      earliest.add(question.deadline);
    }
    return earliest.get();
  }

  /** Whether something is damaged. */
  public boolean isNeeded() {
    return !chain.damagedBlocks().isEmpty();
  }

  /** What we wait for, in words; empty if all is sound. */
  public Optional<String> waitingFor() {
    return wanted.isEmpty()
        ? Optional.empty()
        : Optional.of("a peer's copy of " + wanted.size() + " blocks damaged on this disk");
  }

  private String named(BlockHash hash) {
    return "block "
        + chain.reader().header(hash).map(header -> header.height() + " ").orElse("")
        + hash;
  }

  private static NodeAction tell(String sentence) {
    return new Tell(new NodeEvent.Warned(sentence));
  }
}
