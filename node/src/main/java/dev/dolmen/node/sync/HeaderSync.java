package dev.dolmen.node.sync;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.ImmutableList;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.HeaderCursor;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Earliest;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, by headers alone, which branch is worth fetching: the target. Nothing a peer claims
 * steers it, only headers that follow the rules and the work behind them.
 *
 * <p>Every peer is asked once what follows our locator. Who tells a branch that is at least as
 * heavy as ours has a candidate for the target. Those whose branch needs more headers to show that,
 * the explorers, go on, some at a time. Who tells headers of the target follows it, and may be
 * asked for the ones after them. A header whose block is not here is never stored.
 *
 * <p>Headers may be cheap, and a branch of them be all that its teller has. So each candidate that
 * waits is asked for one block of its branch, a sample, and who has shown one goes first.
 */
final class HeaderSync {

  /**
   * Headers of the target whose blocks are not asked for yet, from which on no more are asked for:
   * twice what {@link BlockDownload} has under way, so that it never waits for a header.
   */
  static final int MAX_HEADERS_AHEAD = 16_384;

  /**
   * Explorers that are asked at the same time: more than the links that a node looks for itself, so
   * that whoever dials it with endless light branches does not keep the others waiting.
   */
  static final int MAX_EXPLORERS = 16;

  /**
   * Answers of one explorer, after which the next one goes on if more want to: some 16,000 headers.
   */
  static final int ANSWERS_PER_TURN = 8;

  /**
   * How long a branch must have been fetched for everybody to be asked again at its end, and how
   * old an answer must be for its peer to be: what came since has been announced.
   */
  static final Duration LOOK_AGAIN_AFTER = Duration.ofSeconds(2);

  /** How long a branch may not grow at first before another one that waits is fetched instead. */
  static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

  /** At most, after turns in vain: a slow line needs so long for the first answer of a turn. */
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);

  /**
   * One part in so many of it is all that a branch gets of which nothing comes, once another one
   * has shown a block: 500 ms at first, some round trips.
   */
  static final int UNSHOWN_PART = 4;

  /** Before a header from the future is asked for again at the latest: our clock may be mended. */
  static final Duration CLOCK_RECHECK = Duration.ofMinutes(1);

  /**
   * A question for headers.
   *
   * @param named hashes after one of which they were asked for
   */
  private record Question(long requestId, Locator named, Instant asked) {}

  /** A block asked of a peer whose branch waits. */
  private record Sample(long requestId, BlockHash hash) {}

  /** A header from the future, and how far ahead of our clock it was when we heard it. */
  record Early(BlockHeader header, Duration ahead) {}

  /** One peer, as a source of headers. */
  private static final class Teller {
    private @Nullable Question question;
    private @Nullable Branch branch;
    private @Nullable BlockHash heard;
    private @Nullable Instant askAgainAt;
    private @Nullable Early early;

    /** The end of a branch that we would not take. Whatever grows on it has another name. */
    private @Nullable BlockHash unwanted;

    private @Nullable Sample sample;
    private boolean hasShown;

    /** Who keeps the branch that it followed, until that has its next turn. */
    private @Nullable PeerId keeper;

    private int answersOfTurn;
    private Instant hadTurnAt;
    private boolean hadTurnInVain;
    private Duration pause = FIRST_PAUSE;
    private Instant lastAsked = Instant.MIN;
    private Duration patience = Patience.FIRST;
    private boolean isSilent;
    private boolean hasMore;
    private boolean follows;

    /** Who is new waits as long as all who are here already. */
    Teller(Instant now) {
      this.hadTurnAt = now;
    }

    boolean isFree() {
      return question == null && askAgainAt == null;
    }
  }

  private final Chain chain;
  private final RequestIds requestIds;
  private final int fullAnswer;
  private final Map<PeerId, Teller> tellers = new LinkedHashMap<>();
  private final Set<PeerId> explorers = new LinkedHashSet<>();
  private @Nullable Branch target;
  private Instant targetSince = Instant.MIN;

  /**
   * Looks for branches beside one chain.
   *
   * @param fullAnswer headers in an answer that is not the peer's last
   */
  HeaderSync(Chain chain, RequestIds requestIds, int fullAnswer) {
    this.chain = chain;
    this.requestIds = requestIds;
    this.fullAnswer = fullAnswer;
  }

  /** On a new link we begin by asking for what follows our chain. */
  List<NodeAction> onPeerReady(PeerId peer, Moment now) {
    Teller teller = new Teller(now.steady());
    tellers.put(peer, teller);
    return ask(peer, teller, now);
  }

  /**
   * A peer is gone, and with it the branch that it kept: others who followed that tell it again.
   */
  void onPeerGone(PeerId peer) {
    Teller teller = tellers.remove(peer);
    explorers.remove(peer);
    if (teller == null) {
      return;
    }
    stopFollowing(teller);
    Branch kept = teller.branch;
    for (Teller other : tellers.values()) {
      if (peer.equals(other.keeper)) {
        other.keeper = null;
        other.heard = kept == null || other.heard != null ? other.heard : kept.end().hash();
      }
    }
  }

  /** A target that nobody follows any more is forgotten. */
  private void stopFollowing(Teller teller) {
    teller.follows = false;
    if (tellers.values().stream().noneMatch(other -> other.follows)) {
      target = null;
    }
  }

  /**
   * A peer has named a block as its tip.
   *
   * @return whether it is news of more than we have and know of
   */
  boolean onTipHeard(PeerId peer, BlockHash tip) {
    Teller teller = tellers.get(peer);
    if (teller == null || chain.contains(tip) || tip.equals(teller.unwanted)) {
      return false;
    }
    if (target != null && target.lacks(tip)) {
      teller.follows = true;
    } else {
      teller.heard = tip;
    }
    return true;
  }

  /** A peer's block was from the future: it is asked again when that has come. */
  void onEarlyBlock(PeerId peer, BlockHeader header, Moment now) {
    Teller teller = tellers.get(peer);
    if (teller != null) {
      waitFor(teller, header, now);
    }
  }

  /** Whether an answer with headers is one we wait for. */
  boolean awaits(PeerId peer, long requestId) {
    Teller teller = tellers.get(peer);
    return teller != null && teller.question != null && teller.question.requestId() == requestId;
  }

  /** A peer answered a question that {@link #awaits} says is open. */
  List<NodeAction> onHeaders(PeerId peer, List<BlockHeader> headers, Moment now) {
    Locator named = verifyNotNull(teller(peer).question).named();
    Teller teller = answered(peer);
    if (headers.size() > fullAnswer) {
      return List.of(
          Disconnect.violation(peer, headers.size() + " headers, asked for " + fullAnswer));
    }
    teller.hasMore = headers.size() == fullAnswer;
    int known = 0;
    while (known < headers.size() && chain.contains(headers.get(known).hash())) {
      known++;
    }
    if (known == headers.size()) {
      return tellsNothingNew(peer, teller, headers);
    }
    return tellsNew(peer, teller, named, headers.subList(known, headers.size()), now);
  }

  private Teller answered(PeerId peer) {
    Teller teller = teller(peer);
    teller.patience =
        teller.isSilent ? Patience.longer(teller.patience) : Patience.shorter(teller.patience);
    teller.isSilent = false;
    teller.question = null;
    teller.early = null;
    return teller;
  }

  private List<NodeAction> tellsNothingNew(PeerId peer, Teller teller, List<BlockHeader> headers) {
    if (target != null && target.isToldAgain()) {
      stopFollowing(teller); // It does not tell the rest a second time.
    }
    if (headers.isEmpty()) {
      teller.heard = null;
      return List.of(); // Its branch, if one waits, ends where we know.
    }
    Branch before = teller.branch;
    teller.branch = null;
    if (teller.hasMore) {
      BlockHeader last = headers.get(headers.size() - 1);
      if (before != null && last.height() <= before.end().height()) {
        teller.hasMore = false; // It goes in circles.
      } else {
        teller.branch =
            chain.cursorAt(last.hash()).map(start -> new Branch(chain, start)).orElse(null);
        explorers.add(peer);
      }
    }
    return List.of();
  }

  private List<NodeAction> tellsNew(
      PeerId peer, Teller teller, Locator named, List<BlockHeader> headers, Moment now) {
    BlockHash base = headers.get(0).previousHash();
    BlockHash last = headers.get(headers.size() - 1).hash();
    if (teller.heard != null
        && headers.stream().anyMatch(header -> header.hash().equals(teller.heard))) {
      teller.heard = null;
    }
    if (target != null && target.lacks(last)) {
      follow(teller);
      return List.of();
    }
    if (target != null && base.equals(target.askFrom())) {
      follow(teller);
      return heard(peer, teller, target, headers, now);
    }
    Branch branch = teller.branch;
    if (branch == null || !base.equals(branch.askFrom())) {
      teller.branch = null;
      Optional<HeaderCursor> start = chain.cursorAt(base);
      if (start.isEmpty()) {
        return named.hashes().contains(base)
            ? ask(peer, teller, now) // What we named has been overtaken or forgotten meanwhile.
            : List.of(
                Disconnect.violation(
                    peer, "header " + headers.get(0).hash() + " follows none of those we named"));
      }
      branch = new Branch(chain, start.get());
      teller.branch = branch;
      teller.hasShown = false;
    }
    stopFollowing(teller);
    return heard(peer, teller, branch, headers, now);
  }

  private void follow(Teller teller) {
    teller.branch = null;
    teller.hasShown = false;
    teller.keeper = null;
    teller.follows = true;
  }

  private List<NodeAction> heard(
      PeerId peer, Teller teller, Branch branch, List<BlockHeader> headers, Moment now) {
    Branch.Told told = branch.add(peer, headers, now.wall());
    if (told.fault().isPresent()) {
      teller.branch = null;
      return List.of(Disconnect.violation(peer, told.fault().get()));
    }
    if (told.isOther()) {
      stopFollowing(teller); // It may have changed its branch in good faith.
      teller.hasMore = false;
      return List.of();
    }
    told.early().ifPresent(header -> waitFor(teller, header, now));
    if (branch != target && !isWorthFetching(teller)) {
      if (!teller.hasMore || branch.isTooLong()) {
        teller.branch = null;
        teller.hasMore = false;
      } else {
        explorers.add(peer);
      }
    }
    return List.of();
  }

  private void waitFor(Teller teller, BlockHeader header, Moment now) {
    Instant validFrom = Instant.ofEpochMilli(chain.headerRules().validFrom(header));
    teller.early =
        new Early(header, Duration.ofMillis(header.timestamp() - now.wall().toEpochMilli()));
    teller.hasMore = false;
    teller.askAgainAt = lookAgainAt(validFrom, now);
  }

  /** When to look again at what is valid only from a time on by our clock, which may be mended. */
  static Instant lookAgainAt(Instant validFrom, Moment now) {
    Duration wait = Duration.between(now.wall(), validFrom);
    return now.steady().plus(wait.compareTo(CLOCK_RECHECK) < 0 ? wait : CLOCK_RECHECK);
  }

  /** A peer would not answer the question we asked. */
  void onRefusal(PeerId peer) {
    Teller teller = answered(peer);
    stopFollowing(teller);
    teller.branch = null;
    teller.hasMore = false;
    teller.heard = null;
  }

  /**
   * Whether a peer's branch is heavier than ours, so that it would replace it, or as heavy and told
   * to its end: then whoever holds it shares its entries, and the tie dissolves.
   */
  private boolean isWorthFetching(Teller teller) {
    Branch branch = teller.branch;
    return branch != null
        && !branch.isDone()
        && (isHeavier(branch) || (!teller.hasMore && !isLighter(branch)));
  }

  private boolean isHeavier(Branch branch) {
    return chain.isBetterThanTip(branch.end().totalWork());
  }

  private boolean isLighter(Branch branch) {
    return chain.headerRules().isBetter(chain.tip().totalWork(), branch.end().totalWork());
  }

  // What is asked next.

  /** Asks whoever has something to tell that we want to know now. */
  List<NodeAction> goOn(Moment now) {
    if (target != null && (target.isDone() || isLighter(target))) {
      targetIsDone(now);
    }
    if (target == null) {
      targetSince = now.steady();
      candidates().findFirst().ifPresent(this::makeTarget);
    }
    List<NodeAction> actions = new ArrayList<>();
    for (Map.Entry<PeerId, Teller> entry : tellers.entrySet()) {
      Teller teller = entry.getValue();
      if (teller.branch != null && !isWorthFetching(teller)) {
        if (teller.hasMore) {
          explorers.add(entry.getKey());
        } else {
          teller.branch = null;
        }
      }
      boolean isDue = teller.askAgainAt != null && !now.steady().isBefore(teller.askAgainAt);
      boolean hasNews = teller.heard != null && !teller.follows && teller.branch == null;
      if (teller.question == null && (isDue || (hasNews && teller.askAgainAt == null))) {
        actions.addAll(ask(entry.getKey(), teller, now));
      }
    }
    actions.addAll(extendTarget(now));
    actions.addAll(explore(now));
    actions.addAll(askForSamples());
    return actions;
  }

  /**
   * Those whose turn is due first: whose last one was longest ago, before them all whose branches
   * did not stand still in it, and before them who has shown a block. So branches that are withheld
   * do not starve one that grows.
   */
  private Stream<Teller> candidates() {
    return tellers.values().stream()
        .filter(this::isWorthFetching)
        .sorted(
            Comparator.<Teller, Boolean>comparing(teller -> !teller.hasShown)
                .thenComparing(teller -> teller.hadTurnInVain)
                .thenComparing(teller -> teller.hadTurnAt));
  }

  // Samples.

  private List<NodeAction> askForSamples() {
    List<NodeAction> actions = new ArrayList<>();
    tellers.forEach(
        (peer, teller) -> {
          if (teller.sample == null && !teller.hasShown && isWorthFetching(teller)) {
            verifyNotNull(teller.branch)
                .firstLacking()
                .ifPresent(
                    wanted -> {
                      long id = requestIds.next(peer);
                      teller.sample = new Sample(id, wanted.hash());
                      actions.add(new Send(peer, Wire.getBlocks(id, List.of(wanted.hash()))));
                    });
          }
        });
    return actions;
  }

  /** Whether an answer with blocks is a sample that we wait for. */
  boolean awaitsSample(PeerId peer, long requestId) {
    Teller teller = tellers.get(peer);
    return teller != null && teller.sample != null && teller.sample.requestId() == requestId;
  }

  /**
   * A peer answered with what {@link #awaitsSample} says is one. Whoever has no block of what it
   * told is asked what else it has after a while.
   *
   * @return empty unless it did wrong; whether the block itself is good is for others to say
   */
  List<NodeAction> onSample(PeerId peer, List<Block> blocks, boolean more, Moment now) {
    Teller teller = teller(peer);
    BlockHash asked = verifyNotNull(teller.sample).hash();
    teller.sample = null;
    if (blocks.isEmpty()) {
      hasNone(teller, now);
      return more
          ? List.of(Disconnect.violation(peer, "GetBlocks answered with nothing, and more of it"))
          : List.of();
    }
    Optional<Block> other =
        blocks.stream().filter(block -> !block.hash().equals(asked)).findFirst();
    if (blocks.size() > 1 || other.isPresent()) {
      hasNone(teller, now);
      BlockHash hash = other.map(Block::hash).orElse(asked);
      return List.of(
          Disconnect.violation(peer, "block " + hash + " was not asked for, or came before"));
    }
    return List.of();
  }

  /** A peer would not give the sample, or gave a bad one. */
  void hasNoSample(PeerId peer, Moment now) {
    Teller teller = teller(peer);
    teller.sample = null;
    hasNone(teller, now);
  }

  private static void hasNone(Teller teller, Moment now) {
    if (!teller.follows) {
      teller.branch = null;
      waitsForMore(teller, now);
    }
  }

  private static void waitsForMore(Teller teller, Moment now) {
    teller.hasMore = false;
    teller.patience = Patience.longer(teller.patience);
    teller.askAgainAt = now.steady().plus(teller.patience);
  }

  /** The sample that a peer gave is a block of this network, as far as can be said. */
  void hasShown(PeerId peer) {
    Teller teller = tellers.get(peer);
    if (teller != null) {
      teller.hasShown = true;
    }
  }

  private void makeTarget(Teller teller) {
    Branch branch = verifyNotNull(teller.branch);
    branch.becomeTarget();
    target = branch;
    follow(teller);
    for (Teller other : tellers.values()) {
      if (other.branch != null && branch.lacks(other.branch.end().hash())) {
        follow(other);
      }
    }
  }

  /** All of the target that is known is in the chain, or ours is heavier now: look around again. */
  private void targetIsDone(Moment now) {
    dropTarget();
    boolean tookLong = !now.steady().isBefore(targetSince.plus(LOOK_AGAIN_AFTER));
    tellers.forEach(
        (peer, teller) -> {
          if (teller.hasMore) {
            explorers.add(peer);
          } else if (tookLong
              && teller.isFree()
              && !now.steady().isBefore(teller.lastAsked.plus(LOOK_AGAIN_AFTER))) {
            teller.askAgainAt = now.steady();
          }
        });
  }

  /** The target breaks a rule: whoever followed it is asked what else it has. */
  void targetIsInvalid(Moment now) {
    for (Teller teller : dropTarget()) {
      teller.hasMore = false;
      teller.askAgainAt = now.steady();
    }
  }

  /** The target is of no use to anybody here, and nobody is to blame. */
  void targetIsUnwanted() {
    BlockHash end = verifyNotNull(target).end().hash();
    for (Teller teller : dropTarget()) {
      teller.unwanted = end;
    }
  }

  /** Nobody has the target's blocks: it is looked at again after a while. */
  void targetIsWithheld(Moment now) {
    dropTarget().forEach(teller -> waitsForMore(teller, now));
  }

  /** There is no target any more; says who followed it. */
  private List<Teller> dropTarget() {
    target = null;
    List<Teller> followers = tellers.values().stream().filter(teller -> teller.follows).toList();
    followers.forEach(teller -> teller.follows = false);
    return followers;
  }

  /** Whether another branch than the target waits to be fetched. */
  boolean hasCandidate() {
    return tellers.values().stream().anyMatch(this::isWorthFetching);
  }

  /** The same, of which a block was shown. */
  boolean hasShownCandidate() {
    return tellers.values().stream().anyMatch(teller -> teller.hasShown && isWorthFetching(teller));
  }

  /** The same, and whose last turn was not in vain. */
  boolean hasGoodCandidate() {
    return tellers.values().stream()
        .anyMatch(teller -> teller.hasShown && !teller.hadTurnInVain && isWorthFetching(teller));
  }

  /**
   * How long the target may not grow while another one waits. What nobody has shown a block of is
   * no better than what grew in this turn, nor is what did not grow than what was shown.
   */
  Duration pause(boolean grew) {
    Duration whole =
        tellers.values().stream()
            .filter(teller -> teller.follows)
            .map(teller -> teller.pause)
            .findFirst()
            .orElse(FIRST_PAUSE);
    if (grew == hasShownCandidate()) {
      return whole;
    }
    return grew ? LONGEST_PAUSE : whole.dividedBy(UNSHOWN_PART);
  }

  /**
   * The target has had its turn; the next candidate gets one, and it waits for its next.
   *
   * @param inVain whether it did not grow
   */
  void nextTurn(boolean inVain, Moment now) {
    Branch branch = verifyNotNull(target);
    branch.giveBack();
    PeerId told =
        tellers.keySet().stream()
            .filter(peer -> teller(peer).follows)
            .max(Comparator.comparingInt(branch::toldBy))
            .orElseThrow();
    Teller keeper = teller(told);
    keeper.hadTurnAt = now.steady();
    keeper.hadTurnInVain = inVain;
    keeper.hasShown = !inVain;
    if (inVain) {
      Duration longer = keeper.pause.multipliedBy(2);
      keeper.pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
    for (Teller follower : dropTarget()) {
      follower.keeper = follower == keeper ? null : told;
    }
    if (branch.fitsOnePeer()) {
      keeper.branch = branch;
    } else {
      keeper.hasMore = true; // It tells the branch once more when its turn comes.
      explorers.add(told);
    }
  }

  private List<NodeAction> extendTarget(Moment now) {
    Branch branch = target;
    if (branch == null || branch.ahead() > MAX_HEADERS_AHEAD - fullAnswer) {
      return List.of();
    }
    PeerId next = null;
    Instant nextAsked = Instant.MAX; // In turn, since a follower need not tell anything new.
    for (Map.Entry<PeerId, Teller> entry : tellers.entrySet()) {
      Teller teller = entry.getValue();
      if (teller.follows && teller.question != null && !teller.isSilent) {
        return List.of();
      }
      if (teller.follows
          && teller.isFree()
          && (teller.hasMore || teller.heard != null || branch.isToldAgain())
          && teller.lastAsked.isBefore(nextAsked)) {
        next = entry.getKey();
        nextAsked = teller.lastAsked;
      }
    }
    return next == null ? List.of() : ask(next, teller(next), now);
  }

  private List<NodeAction> explore(Moment now) {
    explorers.removeIf(peer -> !needsMoreHeaders(teller(peer)));
    if (explorers.size() > MAX_EXPLORERS) {
      takeTurns();
    }
    List<NodeAction> actions = new ArrayList<>();
    int exploring = 0;
    for (PeerId peer : ImmutableList.copyOf(explorers)) {
      Teller teller = teller(peer);
      if (exploring == MAX_EXPLORERS) {
        break;
      }
      if (teller.isFree()) {
        teller.answersOfTurn++;
        actions.addAll(ask(peer, teller, now));
        exploring++;
      } else if (teller.question != null && !teller.isSilent) {
        exploring++;
      }
    }
    return actions;
  }

  /** Whoever has told enough for now goes behind the others. */
  private void takeTurns() {
    for (PeerId peer : ImmutableList.copyOf(explorers)) {
      Teller teller = teller(peer);
      if (teller.answersOfTurn >= ANSWERS_PER_TURN && teller.isFree()) {
        teller.answersOfTurn = 0;
        explorers.remove(peer);
        explorers.add(peer);
      }
    }
  }

  private boolean needsMoreHeaders(Teller teller) {
    return teller.hasMore && !teller.follows && !isWorthFetching(teller);
  }

  private List<NodeAction> ask(PeerId peer, Teller teller, Moment now) {
    BlockHash tip = chain.tip().hash();
    BlockHash from = tip;
    if (teller.branch != null) {
      from = teller.branch.askFrom();
    } else if (target != null) {
      from = target.askFrom();
    }
    Locator named = from.equals(tip) ? chain.locator() : chain.locatorFrom(from);
    long id = requestIds.next(peer);
    teller.question = new Question(id, named, now.steady());
    teller.lastAsked = now.steady();
    teller.askAgainAt = null;
    teller.heard = null;
    teller.keeper = null;
    return List.of(new Send(peer, Wire.getHeaders(id, named, fullAnswer)));
  }

  // Time.

  /** Notes who is silent, and ends the links of those who were for too long. */
  List<NodeAction> onTick(Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    tellers.forEach(
        (peer, teller) -> {
          Question question = teller.question;
          if (question == null) {
            return;
          }
          teller.isSilent = !now.steady().isBefore(question.asked().plus(teller.patience));
          if (!now.steady().isBefore(question.asked().plus(Limits.REQUEST_TIMEOUT))) {
            teller.question = null;
            teller.hasMore = false;
            actions.add(
                new Disconnect(
                    peer,
                    new DisconnectReason(
                        DisconnectReason.Code.TIMEOUT,
                        "GetHeaders unanswered for " + Limits.REQUEST_TIMEOUT.toSeconds() + " s")));
          }
        });
    return actions;
  }

  /** When {@link #onTick} and {@link #goOn} next want to be called. */
  Optional<Instant> nextWake() {
    Earliest earliest = new Earliest();
    for (Teller teller : tellers.values()) {
      Question question = teller.question;
      if (question == null) {
        earliest.add(teller.askAgainAt);
      } else {
        earliest.add(question.asked().plus(Limits.REQUEST_TIMEOUT));
        if (!teller.isSilent) {
          earliest.add(question.asked().plus(teller.patience));
        }
      }
    }
    return earliest.get();
  }

  // Looking.

  /** The branch whose blocks are to be fetched, if any. */
  Optional<Branch> target() {
    return Optional.ofNullable(target);
  }

  /** Whether a peer told headers of the target. */
  boolean follows(PeerId peer) {
    Teller teller = tellers.get(peer);
    return teller != null && teller.follows;
  }

  /** How the target's blocks are to be taken: what may only tie is bounded like any side branch. */
  Standing standing() {
    return target != null && isHeavier(target) ? Standing.PROVED_HEAVIER : Standing.ORDINARY;
  }

  /** A peer that we wait for headers from, if any. */
  Optional<PeerId> asked() {
    return tellers.entrySet().stream()
        .filter(entry -> entry.getValue().question != null)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Headers from the future, one for each peer that told one. */
  List<Early> early() {
    List<Early> early = new ArrayList<>();
    for (Teller teller : tellers.values()) {
      if (teller.early != null) {
        early.add(teller.early);
      }
    }
    return early;
  }

  private Teller teller(PeerId peer) {
    return verifyNotNull(tellers.get(peer));
  }
}
