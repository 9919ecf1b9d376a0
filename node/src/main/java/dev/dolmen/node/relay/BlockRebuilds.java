package dev.dolmen.node.relay;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.HeaderCursor;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.BlockAnnouncement;
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
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes announced blocks whole:
 *
 * <pre>
 *   Header good?               Else its sender loses the link.
 *   Every transaction here?    Then the block is, without asking anybody.
 *   Some missing?              Ask an announcer for those; if it is silent, the next one.
 *   Not the Merkle root's?     Ask for the whole block. Nobody is to blame: leaves are told by
 *                              eight bytes, and another one of ours may have the same.
 * </pre>
 *
 * <p>What cannot be made whole so is left to the ordinary way of catching up. On networks whose
 * target is not fixed a block is announced when it is whole and before its signatures are verified,
 * since work vouches for it; whoever did that in good faith is not punished if it breaks a rule.
 *
 * <p>Rule: {@code docs/protocol.md#relay}
 */
public final class BlockRebuilds {

  /** Blocks that are being made whole; each holds one block's bytes and one answer at most. */
  static final int MAX_REBUILDS = 16;

  /**
   * Of these, on account of one peer: a tip and what follows it while it is fetched. And as many
   * questions may be unanswered by one peer, given up or not: one with a slow line deals with them
   * all, and ends the link if too many wait.
   */
  static final int MAX_REBUILDS_PER_PEER = 4;

  /** Bytes of all of them; where blocks are large there are fewer. */
  static final long MAX_BYTES = 64L * 1024 * 1024;

  /** Announcers asked for one block before it is left to catching up. */
  static final int MAX_ASKED = 3;

  /** How long an announcer may take before the next one is asked. */
  static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);

  /**
   * From an announcement until its block is left to catching up, even if a piece comes at times.
   */
  static final Duration REBUILD_TIMEOUT = Limits.REQUEST_TIMEOUT;

  /** Where blocks go, and who looks after those that cannot be made whole here. */
  public interface Door {
    /** Checks and stores a block, and does what follows from that. */
    AddBlockResult add(PeerId from, Block block);

    /** A peer has a block that we should catch up with. */
    List<NodeAction> catchUp(PeerId peer, BlockHash tip);

    /** A peer has a block that may be taken once our clock has come so far. */
    List<NodeAction> waitFor(PeerId peer, BlockHeader early);
  }

  private record InHand(Block block, List<PeerId> from) {
    private InHand {
      from = List.copyOf(from);
    }
  }

  private final Chain chain;
  private final BlockRules rules;
  private final BlockRelay relay;
  private final RequestIds requestIds;
  private final LongFunction<Optional<Transaction>> pending;
  private final boolean fixedTarget;
  private final int largestBlock;
  private final int most;
  private final Map<BlockHash, Rebuild> rebuilds = new LinkedHashMap<>();

  /** Ids of the questions that a peer has not answered yet, whether or not we still wait. */
  private final Map<PeerId, Set<Long>> unanswered = new LinkedHashMap<>();

  private @Nullable InHand inHand;
  private Instant inHandSince = Instant.MIN;

  /**
   * For one chain.
   *
   * @param relay is told who has which block, and announces early
   * @param pending finds a pending transaction by its {@link Transaction#leafPrefix}
   */
  public BlockRebuilds(
      NetworkParameters parameters,
      Chain chain,
      BlockRelay relay,
      RequestIds requestIds,
      LongFunction<Optional<Transaction>> pending) {
    this.chain = chain;
    this.rules = new BlockRules(parameters);
    this.relay = relay;
    this.requestIds = requestIds;
    this.pending = pending;
    this.fixedTarget = parameters.fixedTarget();
    this.largestBlock = parameters.largestBlock();
    this.most = (int) Math.min(MAX_REBUILDS, MAX_BYTES / largestBlock);
  }

  /** A peer announced a block. */
  public List<NodeAction> onAnnouncement(
      PeerId peer, BlockAnnouncement announcement, Door door, Moment now) {
    BlockHash hash = announcement.hash();
    if (chain.contains(hash)) {
      relay.peerHas(peer, hash);
      return List.of();
    }
    Optional<HeaderCursor> parent = chain.cursorAt(announcement.header().previousHash());
    Optional<Violation> broken = brokenBy(announcement.header(), parent);
    if (broken.isPresent()) {
      boolean relayedInGoodFaith = broken.get() == Violation.KNOWN_INVALID && !fixedTarget;
      return relayedInGoodFaith
          ? List.of()
          : List.of(Disconnect.violation(peer, broken.get().about(announcement.header())));
    }
    if (parent.isEmpty()) {
      return door.catchUp(peer, hash);
    }
    if (isFromTheFuture(announcement.header(), now)) {
      return door.waitFor(peer, announcement.header());
    }
    relay.peerHas(peer, hash);
    Rebuild running = rebuilds.get(hash);
    if (running != null && running.announcers().contains(peer)) {
      return List.of(); // Said before: putting it together once more would cost us, not the peer.
    }
    Rebuild rebuild =
        running != null && running.hasSameLeaves(announcement)
            ? running
            : new Rebuild(
                announcement,
                parent.get().next(announcement.header(), Seal.NONE).totalWork(),
                now.steady().plus(REBUILD_TIMEOUT));
    for (Map.Entry<Integer, Transaction> placed : announcement.placed().entrySet()) {
      if (!rebuild.fits(placed.getKey(), placed.getValue())) {
        return List.of(
            Disconnect.violation(peer, "NewBlock with a transaction that is not its leaf's"));
      }
    }
    rebuild.announcedBy(peer, true);
    rebuild.fill(announcement, pending);
    Optional<Block> block = rebuild.block(rules);
    if (block.isPresent()) {
      return whole(block.get(), rebuild, running, door, now);
    }
    if (running != null) {
      running.announcedBy(peer, rebuild == running);
      return List.of();
    }
    if (!hasRoomFor(peer)) {
      return door.catchUp(peer, hash);
    }
    rebuilds.put(hash, rebuild);
    if (rebuild.isComplete()) {
      rebuild.needWholeBlock();
    }
    return ask(rebuild, peer, now);
  }

  private Optional<Violation> brokenBy(BlockHeader header, Optional<HeaderCursor> parent) {
    if (chain.isInvalid(header.hash())) {
      return Optional.of(Violation.KNOWN_INVALID);
    }
    if (chain.isInvalid(header.previousHash())) {
      return Optional.of(Violation.INVALID_ANCESTOR);
    }
    return parent.flatMap(cursor -> cursor.check(header, Seal.NONE));
  }

  private boolean isFromTheFuture(BlockHeader header, Moment now) {
    return chain.headerRules().checkClock(header, now.wall().toEpochMilli()).isPresent();
  }

  private boolean hasRoomFor(PeerId peer) {
    long own = rebuilds.values().stream().filter(r -> r.announcers().get(0).equals(peer)).count();
    return rebuilds.size() < most && own < MAX_REBUILDS_PER_PEER && mayBeAsked(peer);
  }

  // Answers.

  /** Whether an answer is one that a block waits for. */
  public boolean awaits(PeerId peer, long requestId) {
    return waitingFor(peer, requestId).isPresent();
  }

  private Optional<Rebuild> waitingFor(PeerId peer, long requestId) {
    return rebuilds.values().stream()
        .filter(
            rebuild ->
                rebuild
                    .open()
                    .filter(open -> open.peer().equals(peer) && open.requestId() == requestId)
                    .isPresent())
        .findFirst();
  }

  /** A peer answered a request that {@link #awaits} says is open, with transactions. */
  public List<NodeAction> onTransactions(
      PeerId peer, long requestId, List<Transaction> transactions, Door door, Moment now) {
    Rebuild rebuild = waitingFor(peer, requestId).orElseThrow();
    isAnswered(peer, requestId);
    List<Integer> indexes = rebuild.open().orElseThrow().indexes();
    if (transactions.size() > indexes.size()) {
      return concat(
          List.of(Disconnect.violation(peer, "more transactions of a block than were asked for")),
          askNext(rebuild, door, now));
    }
    if (transactions.isEmpty()) {
      return askNext(rebuild, door, now);
    }
    for (int i = 0; i < transactions.size(); i++) {
      if (!rebuild.fits(indexes.get(i), transactions.get(i))) {
        rebuild.needWholeBlock();
        return ask(rebuild, peer, now);
      }
      rebuild.put(indexes.get(i), transactions.get(i));
    }
    Optional<Block> block = rebuild.block(rules);
    if (block.isPresent()) {
      return whole(block.get(), rebuild, rebuild, door, now);
    }
    if (rebuild.isComplete() || rebuild.bytes() > largestBlock) {
      rebuild.needWholeBlock();
      return ask(rebuild, peer, now);
    }
    boolean leftSomeOut =
        transactions.size() < indexes.size()
            && !TransactionRelay.isFull(transactions, largestBlock);
    return leftSomeOut
        ? askNext(rebuild, door, now) // Or it would give them one by one until it is too late.
        : ask(rebuild, peer, now); // An answer holds what fits; the rest is asked again.
  }

  /** A peer answered a request that {@link #awaits} says is open, with blocks. */
  public List<NodeAction> onBlocks(
      PeerId peer, long requestId, List<Block> blocks, boolean more, Door door, Moment now) {
    Rebuild rebuild = waitingFor(peer, requestId).orElseThrow();
    isAnswered(peer, requestId);
    if (blocks.isEmpty() && !more) {
      return askNext(rebuild, door, now);
    }
    if (blocks.size() != 1 || more || !blocks.get(0).hash().equals(rebuild.hash())) {
      return concat(
          List.of(Disconnect.violation(peer, "asked for one block, answered others")),
          askNext(rebuild, door, now));
    }
    Block block = blocks.get(0);
    if (rules.bodyMatchesHeader(block).isPresent()) {
      return concat(
          List.of(Disconnect.violation(peer, Violation.MERKLE_ROOT_MISMATCH.about(block.header()))),
          askNext(rebuild, door, now));
    }
    return whole(block, rebuild, rebuild, door, now);
  }

  /** A peer would not answer a request that {@link #awaits} says is open. */
  public List<NodeAction> onRefusal(PeerId peer, long requestId, Door door, Moment now) {
    Rebuild rebuild = waitingFor(peer, requestId).orElseThrow();
    isAnswered(peer, requestId);
    return askNext(rebuild, door, now);
  }

  /** A peer answered a question, perhaps one that was given up: it may be asked another. */
  public void isAnswered(PeerId peer, long requestId) {
    Set<Long> left = unanswered.get(peer);
    if (left != null && left.remove(requestId) && left.isEmpty()) {
      unanswered.remove(peer);
    }
  }

  // Questions.

  private List<NodeAction> ask(Rebuild rebuild, PeerId peer, Moment now) {
    long id = requestIds.next(peer);
    unanswered.computeIfAbsent(peer, asked -> new LinkedHashSet<>()).add(id);
    Rebuild.Question question = rebuild.ask(peer, id, now.steady().plus(ANSWER_TIMEOUT));
    return List.of(
        new Send(
            peer,
            question.forWholeBlock()
                ? Wire.getBlocks(id, List.of(rebuild.hash()))
                : Wire.getTransactions(id, rebuild.hash(), question.indexes())));
  }

  private List<NodeAction> askNext(Rebuild rebuild, Door door, Moment now) {
    rebuild.close();
    Optional<PeerId> next = rebuild.toAsk().filter(this::mayBeAsked).findFirst();
    return next.isPresent() && rebuild.peersAsked() < MAX_ASKED
        ? ask(rebuild, next.get(), now)
        : giveUp(rebuild, door);
  }

  private boolean mayBeAsked(PeerId peer) {
    return unanswered.getOrDefault(peer, Set.of()).size() < MAX_REBUILDS_PER_PEER;
  }

  private List<NodeAction> giveUp(Rebuild rebuild, Door door) {
    rebuilds.remove(rebuild.hash());
    List<NodeAction> actions = new ArrayList<>();
    rebuild.announcers().forEach(peer -> actions.addAll(door.catchUp(peer, rebuild.hash())));
    return actions;
  }

  // Whole blocks.

  /**
   * A block is whole.
   *
   * @param rebuild that made it so
   * @param running the one that others announced to, which ends; it may be another one
   */
  private List<NodeAction> whole(
      Block block, Rebuild rebuild, @Nullable Rebuild running, Door door, Moment now) {
    if (running != null && running != rebuild) {
      running.announcers().forEach(peer -> rebuild.announcedBy(peer, false));
    }
    rebuilds.remove(block.hash());
    boolean mayBeAnnounced = !fixedTarget && block.size() <= largestBlock; // Form costs the link.
    if (!mayBeAnnounced || !chain.isBetterThanTip(rebuild.totalWork())) {
      return take(new InHand(block, rebuild.announcers()), door);
    }
    inHand = new InHand(block, rebuild.announcers());
    inHandSince = now.steady();
    return relay.announce(block);
  }

  /** Checks and stores what was announced before that; to be called before anything else. */
  public List<NodeAction> takeWhatIsInHand(Door door) {
    InHand taken = inHand;
    inHand = null;
    return taken == null ? List.of() : take(taken, door);
  }

  private List<NodeAction> take(InHand taken, Door door) {
    AddBlockResult result = door.add(taken.from().get(0), taken.block());
    List<NodeAction> actions = new ArrayList<>();
    if (result instanceof AddBlockResult.Rejected rejected && fixedTarget) {
      for (PeerId peer : taken.from()) {
        actions.add(Disconnect.violation(peer, rejected.violation().about(taken.block().header())));
      }
    } else if (result instanceof AddBlockResult.UnknownParent) {
      for (PeerId peer : taken.from()) {
        actions.addAll(door.catchUp(peer, taken.block().hash()));
      }
    } else if (result instanceof AddBlockResult.NotYet) { // Our clock was set back meanwhile.
      for (PeerId peer : taken.from()) {
        actions.addAll(door.waitFor(peer, taken.block().header()));
      }
    }
    return actions;
  }

  /** A block is stored, whichever way it came; it need not be made whole any more. */
  public void stored(BlockHash hash) {
    rebuilds.remove(hash);
  }

  // Peers and time.

  /** The peer is gone, and with it everything held for it; what it was asked is asked elsewhere. */
  public List<NodeAction> onPeerGone(PeerId peer, Door door, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    unanswered.remove(peer);
    for (Rebuild rebuild : List.copyOf(rebuilds.values())) {
      rebuild.forget(peer);
      if (rebuild.announcers().isEmpty()) {
        rebuilds.remove(rebuild.hash());
      } else if (rebuild.open().filter(open -> open.peer().equals(peer)).isPresent()) {
        actions.addAll(askNext(rebuild, door, now));
      }
    }
    return actions;
  }

  /** Asks the next announcer where one took too long, and gives up what takes too long in all. */
  public List<NodeAction> onTick(Door door, Moment now) {
    List<NodeAction> actions = new ArrayList<>(takeWhatIsInHand(door));
    for (Rebuild rebuild : List.copyOf(rebuilds.values())) {
      if (!now.steady().isBefore(rebuild.deadline())) {
        actions.addAll(giveUp(rebuild, door));
      } else if (!now.steady().isBefore(nextLook(rebuild))) {
        actions.addAll(askNext(rebuild, door, now));
      }
    }
    return actions;
  }

  private static Instant nextLook(Rebuild rebuild) {
    Instant answer = rebuild.open().map(Rebuild.Question::deadline).orElse(rebuild.deadline());
    return answer.isBefore(rebuild.deadline()) ? answer : rebuild.deadline();
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    if (inHand != null) {
      return Optional.of(inHandSince);
    }
    Earliest earliest = new Earliest();
    for (Rebuild rebuild : rebuilds.values()) {
      earliest.add(nextLook(rebuild));
    }
    return earliest.get();
  }

  private static List<NodeAction> concat(List<NodeAction> first, List<NodeAction> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
