package dev.dolmen.node.sync;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.wire.RequestIds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks peers for what we lack. At heart it is still the conversation of two nodes that meet:
 *
 * <pre>
 *   What is your latest block?     It extends ours: take it.
 *   It does not fit?               Give me all blocks after what we share.
 *   Has that branch more work?     Then it is our chain now.
 * </pre>
 *
 * <p>Only that among many peers, some of which are slow or lie, the branch is shown first by its
 * headers ({@link HeaderSync}), so that work is counted before a block is asked for; and its blocks
 * are then fetched from everybody at once ({@link BlockDownload}). Here the two come together:
 * blocks go into the chain in order, as they arrive. The last line is {@link Chain#add}'s.
 */
public final class Conversation {

  /**
   * Blocks taken into the chain in one go, so that a peer that delivers the first of a full window
   * does not keep everybody else waiting.
   */
  static final int MAX_CONNECTED_AT_ONCE = 256;

  /** The same in canonical bytes, since signatures take their time: beyond, no further block. */
  static final long MAX_BYTES_CONNECTED_AT_ONCE = 1024 * 1024;

  /**
   * How long a branch is fetched while another one waits: nobody's may be the only one for long.
   */
  static final Duration TURN = Duration.ofSeconds(10);

  /** Peers with blocks from the future that make us doubt our own clock rather than theirs. */
  private static final int SEVERAL = 2;

  /** Between two warnings about the clock: strangers must not fill the log. */
  static final Duration WARNING_PAUSE = Duration.ofHours(1);

  /**
   * From the beginning of catching up, for how long headers are believed though no block has come:
   * some round trips.
   */
  static final Duration BELIEVED_WITHOUT_BLOCKS = Duration.ofSeconds(2);

  /** Takes a block in, whoever sent it; the node's one door. */
  public interface BlockImport {
    /** Checks and stores a block, and does what follows from that. */
    AddBlockResult add(PeerId from, Block block, Standing standing);
  }

  /**
   * How catching up goes.
   *
   * @param since when it began, by this machine's clock
   * @param fromHeight height of our tip then
   * @param toHeight height of the furthest header that was checked
   */
  public record CatchingUp(Instant since, long fromHeight, long toHeight) {}

  private final Chain chain;
  private final HeaderSync headers;
  private final BlockDownload download;
  private @Nullable CatchingUp catchingUp;
  private Instant catchingUpFrom = Instant.MIN;
  private boolean blocksCame;
  private Instant turnBegan = Instant.MIN;
  private @Nullable Instant turnEndsAt;
  private @Nullable Instant connectAt;
  private Instant warnAgainAt = Instant.MIN;

  /** A conversation about one chain. */
  public Conversation(NetworkParameters parameters, Chain chain, RequestIds requestIds) {
    this.chain = chain;
    this.headers =
        new HeaderSync(chain, requestIds, BlockServer.headersInAnswer(parameters.largestBlock()));
    this.download = new BlockDownload(parameters, chain, requestIds);
  }

  /** On a new link we begin by asking what follows our chain. */
  public List<NodeAction> onPeerReady(PeerId peer, Moment now) {
    download.onPeerReady(peer);
    return then(headers.onPeerReady(peer, now), now);
  }

  /** A peer is gone, and with it everything held for it; others are asked for the rest. */
  public List<NodeAction> onPeerGone(PeerId peer, Moment now) {
    headers.onPeerGone(peer);
    download.onPeerGone(peer);
    return goOn(now);
  }

  /** A peer has named a block as its tip, or announced one we cannot place. */
  public List<NodeAction> onTipHeard(PeerId peer, BlockHash tip, Moment now) {
    if (!headers.onTipHeard(peer, tip)) {
      return List.of();
    }
    download.hasNews(peer);
    return goOn(now);
  }

  /**
   * A block that a peer announced is in the chain now; what was waiting for it need not any more.
   */
  public List<NodeAction> onAdded(Moment now) {
    download.skipWhatIsHere(now);
    if (download.next().isPresent()) {
      connectAt = now.steady();
    }
    return goOn(now);
  }

  /** A peer announced a block from the future. */
  public List<NodeAction> onEarlyBlock(PeerId peer, BlockHeader header, Moment now) {
    headers.onEarlyBlock(peer, header, now);
    return List.of();
  }

  /** Whether an answer with headers is one we wait for. */
  public boolean awaitsHeaders(PeerId peer, long requestId) {
    return headers.awaits(peer, requestId);
  }

  /** A peer answered a question that {@link #awaitsHeaders} says is open. */
  public List<NodeAction> onHeaders(PeerId peer, List<BlockHeader> answer, Moment now) {
    if (!answer.isEmpty()) {
      download.hasNews(peer);
    }
    return then(headers.onHeaders(peer, answer, now), now);
  }

  /** Whether an answer with blocks is one we wait for. */
  public boolean awaitsBlocks(PeerId peer, long requestId) {
    return headers.awaitsSample(peer, requestId) || download.awaits(peer, requestId);
  }

  /** Whether a question is about blocks that the peer never told of: it may well lack them. */
  public boolean mayLack(PeerId peer, long requestId) {
    return download.mayLack(peer, requestId);
  }

  /**
   * A peer answered a question that {@link #awaitsBlocks} says is open.
   *
   * @param more whether another response to the same question follows
   */
  public List<NodeAction> onBlocks(
      PeerId peer,
      long requestId,
      List<Block> blocks,
      boolean more,
      BlockImport blockImport,
      Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    if (headers.awaitsSample(peer, requestId)) {
      actions.addAll(headers.onSample(peer, blocks, more, now));
      if (actions.isEmpty() && !blocks.isEmpty()) {
        if (takeLate(peer, blocks.get(0), actions, blockImport, now)) {
          headers.hasShown(peer);
        } else {
          headers.hasNoSample(peer, now);
        }
      }
    } else {
      actions.addAll(download.onBlocks(peer, requestId, blocks, more, now));
      for (Block late : download.late()) {
        takeLate(peer, late, actions, blockImport, now);
      }
    }
    connect(actions, blockImport, now);
    return then(actions, now);
  }

  /** A peer would not answer the question we asked. */
  public List<NodeAction> onRefusal(PeerId peer, long requestId, Moment now) {
    if (headers.awaits(peer, requestId)) {
      headers.onRefusal(peer);
    } else if (headers.awaitsSample(peer, requestId)) {
      headers.hasNoSample(peer, now);
    } else {
      download.onRefusal(peer, requestId);
    }
    return goOn(now);
  }

  /** Does what is due: asks elsewhere, gives up, goes on with blocks that wait. */
  public List<NodeAction> onTick(BlockImport blockImport, Moment now) {
    List<NodeAction> actions = new ArrayList<>(headers.onTick(now));
    actions.addAll(download.onTick(now));
    if (connectAt != null && !now.steady().isBefore(connectAt)) {
      connect(actions, blockImport, now);
    }
    return then(actions, now);
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    return new Earliest()
        .add(headers.nextWake())
        .add(download.nextWake())
        .add(connectAt)
        .add(turnEndsAt)
        .get();
  }

  // Blocks into the chain.

  /**
   * A block of a branch whose turn is over, or has not come yet, is taken if it fits: an answer may
   * take longer than a turn on a slow line, and would be thrown away each time.
   *
   * @return whether nothing is wrong with it
   */
  private boolean takeLate(
      PeerId peer, Block block, List<NodeAction> actions, BlockImport blockImport, Moment now) {
    AddBlockResult result = blockImport.add(peer, block, Standing.ORDINARY);
    if (result instanceof AddBlockResult.Added) {
      download.tookLate(peer, now);
    } else if (result instanceof AddBlockResult.Rejected rejected) {
      actions.add(Disconnect.violation(peer, rejected.violation().about(block.header())));
      return false;
    } else if (result instanceof AddBlockResult.BodyMismatch other) {
      actions.add(Disconnect.violation(peer, other.violation().about(block.header())));
      return false;
    }
    return true;
  }

  private void connect(List<NodeAction> actions, BlockImport blockImport, Moment now) {
    connectAt = null;
    download.skipWhatIsHere(now);
    Optional<BlockDownload.Arrived> next = download.next();
    long bytes = 0;
    for (int i = 0; next.isPresent(); i++) {
      if (i == MAX_CONNECTED_AT_ONCE || bytes >= MAX_BYTES_CONNECTED_AT_ONCE) {
        connectAt = now.steady();
        return;
      }
      bytes += next.get().block().size();
      if (!connect(next.get(), actions, blockImport, now)) {
        return;
      }
      download.skipWhatIsHere(now);
      next = download.next();
    }
  }

  /** Whether the chain has the block now. */
  private boolean connect(
      BlockDownload.Arrived arrived,
      List<NodeAction> actions,
      BlockImport blockImport,
      Moment now) {
    Block block = arrived.block();
    return blockImport
        .add(arrived.from(), block, headers.standing())
        .deliverTo(
            new AddBlockResult.Reader<Boolean>() {
              @Override
              public Boolean added(ChainUpdate update) {
                download.connected(now);
                return true;
              }

              @Override
              public Boolean alreadyKnown() {
                download.connected(now);
                return true;
              }

              @Override
              public Boolean unknownParent(BlockHash parent) {
                headers.targetIsInvalid(now); // Its beginning is gone; the rest is asked for anew.
                return false;
              }

              @Override
              public Boolean notYet(Instant validFrom) {
                // Its header was in time: our clock was set back. Whoever sent it did nothing.
                connectAt = HeaderSync.lookAgainAt(validFrom, now);
                return false;
              }

              @Override
              public Boolean tooFarBehind() {
                headers.targetIsUnwanted();
                return false;
              }

              @Override
              public Boolean bodyMismatch(Violation violation) {
                throw new IllegalStateException("a body that was checked differs: " + violation);
              }

              @Override
              public Boolean rejected(Violation violation) {
                String sentence = violation.about(block.header());
                actions.add(Disconnect.violation(arrived.from(), sentence));
                if (!arrived.teller().equals(arrived.from())) {
                  actions.add(
                      Disconnect.violation(arrived.teller(), "told the header of " + sentence));
                }
                headers.targetIsInvalid(now);
                return false;
              }
            });
  }

  // What is asked next.

  private List<NodeAction> then(List<NodeAction> actions, Moment now) {
    List<NodeAction> all = new ArrayList<>(actions);
    all.addAll(goOn(now));
    return all;
  }

  private List<NodeAction> goOn(Moment now) {
    blocksCame |= hasGrown();
    if (headers.target().isPresent()) {
      if (download.isWithheld()) {
        headers.targetIsWithheld(now);
      } else if (headers.hasCandidate() && !now.steady().isBefore(turnEnd())) {
        headers.nextTurn(!hasGrown(), now);
        download.follow(null, now);
      }
    }
    List<NodeAction> questions = headers.goOn(now);
    Optional<Branch> target = headers.target();
    if (download.follow(target.orElse(null), now)) {
      connectAt = null;
      turnBegan = now.steady();
    }
    turnEndsAt = target.isPresent() && headers.hasCandidate() ? turnEnd() : null;
    if (catchingUp == null) {
      catchingUpFrom = now.steady();
      blocksCame = false;
    }
    catchingUp = target.map(branch -> catchingUp(branch, now)).orElse(null);
    List<NodeAction> actions =
        new ArrayList<>(download.ask(headers::follows, now)); // Answers come in this order.
    actions.addAll(questions);
    return actions;
  }

  private Instant turnEnd() {
    Instant pause = download.progress().plus(headers.pause(hasGrown()));
    Instant turn = turnBegan.plus(TURN);
    return pause.isBefore(turn) || !headers.hasGoodCandidate() ? pause : turn;
  }

  /** Whether a block of the target has come since its turn began. */
  private boolean hasGrown() {
    return download.progress().isAfter(turnBegan);
  }

  private CatchingUp catchingUp(Branch branch, Moment now) {
    CatchingUp before = catchingUp;
    return new CatchingUp(
        before == null ? now.wall() : before.since(),
        before == null ? chain.tip().height() : before.fromHeight(),
        branch.end().height());
  }

  // Looking.

  /** Whether a branch is being fetched, and how that goes. */
  public Optional<CatchingUp> catchingUp() {
    return Optional.ofNullable(catchingUp);
  }

  /**
   * The height at which the chain is taken to be. Headers may cost nothing and be all that their
   * teller has: they count once a block has come since catching up began, and at first, until one
   * could.
   */
  public long expectedHeight(Moment now) {
    long tip = chain.tip().height();
    boolean isBelieved =
        blocksCame || now.steady().isBefore(catchingUpFrom.plus(BELIEVED_WITHOUT_BLOCKS));
    return catchingUp == null || !isBelieved ? tip : Math.max(tip, catchingUp.toHeight());
  }

  /** What we wait for, in words; empty if for nothing but news. */
  public Optional<String> waitingFor() {
    return download
        .waitingFor()
        .or(() -> headers.early().stream().findFirst().map(Conversation::clockDiffers))
        .or(() -> headers.asked().map(peer -> "headers from " + peer.toShortString()));
  }

  /**
   * What only an operator can mend, now and then: blocks of several peers are from the future, so
   * it is most probably our clock that is wrong.
   */
  public Optional<String> warning(Moment now) {
    List<HeaderSync.Early> early = headers.early();
    if (early.size() < SEVERAL || now.steady().isBefore(warnAgainAt)) {
      return Optional.empty();
    }
    warnAgainAt = now.steady().plus(WARNING_PAUSE);
    return Optional.of(
        early.size()
            + " peers have blocks from the future. Is this machine's clock right? It waits for "
            + clockDiffers(early.get(0)));
  }

  private static String clockDiffers(HeaderSync.Early early) {
    Duration ahead = early.ahead();
    return String.format(
        Locale.ROOT,
        "block %,d's time, %s ahead of this machine's clock: check it",
        early.header().height(),
        ahead.toHours() > 0
            ? ahead.toHours() + " h " + ahead.toMinutesPart() + " min"
            : ahead.toMinutes() + " min " + ahead.toSecondsPart() + " s");
  }
}
