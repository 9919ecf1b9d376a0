package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeaderSyncTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));

  /** Headers in a full answer, here. */
  private static final int FULL = 10;

  private static final List<Block> HONEST = Blocks.chain(60);

  private final Chain chain =
      new Chain(NetworkParameters.dev(), new MemoryBlockStore(NetworkParameters.dev()));
  private final HeaderSync sync = new HeaderSync(chain, new RequestIds(), FULL);

  @Test
  void asksEveryPeerOnceWhatFollowsOurChain() {
    assertEquals(List.of(getHeaders(ALICE, 1, chain.locator())), sync.onPeerReady(ALICE, T0));
    assertEquals(List.of(getHeaders(BOB, 1, chain.locator())), sync.onPeerReady(BOB, T0));
    assertEquals(List.of(), sync.goOn(T0));
  }

  @Test
  void aHeavierBranchBecomesTheTargetAndItsTellerGoesOn() {
    sync.onPeerReady(ALICE, T0);

    assertEquals(
        List.of(getHeaders(ALICE, 2, chain.locatorFrom(HONEST.get(9).hash()))),
        tell(ALICE, HONEST.subList(0, 10)));
    assertEquals(10, target().end().height());
    assertEquals(List.of(), tell(ALICE, HONEST.subList(10, 15)), "that was her tip");
    assertEquals(15, target().end().height());
  }

  @Test
  void aPeerThatTellsTheTargetsHeadersFollowsItAndGoesOnIfTheFirstOneGoes() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 10));
    assertEquals(List.of(), tell(BOB, HONEST.subList(0, 10)), "one at a time");

    sync.onPeerGone(ALICE);

    assertEquals(
        List.of(getHeaders(BOB, 2, chain.locatorFrom(HONEST.get(9).hash()))), sync.goOn(T0));
    assertEquals(10, target().end().height());
  }

  @Test
  void anotherFollowerIsAskedIfTheFirstOneIsSilentWhichLosesItsLinkMuchLater() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 10));
    tell(BOB, HONEST.subList(0, 10));
    Moment silent = T0.plus(Patience.FIRST);

    assertEquals(Optional.of(silent.steady()), sync.nextWake());
    sync.onTick(silent.plus(Duration.ofMillis(-1)));
    assertEquals(List.of(), sync.goOn(silent));
    assertEquals(List.of(), sync.onTick(silent));
    assertEquals(
        List.of(getHeaders(BOB, 2, chain.locatorFrom(HONEST.get(9).hash()))), sync.goOn(silent));

    tell(BOB, HONEST.subList(10, 15));
    Moment end = T0.plus(Limits.REQUEST_TIMEOUT);
    assertEquals(Optional.of(end.steady()), sync.nextWake());
    assertEquals(
        List.of(
            new Disconnect(
                ALICE,
                new DisconnectReason(
                    DisconnectReason.Code.TIMEOUT, "GetHeaders unanswered for 30 s"))),
        sync.onTick(end));
    assertEquals(Optional.empty(), sync.nextWake());
  }

  @Test
  void aBranchThatWeWouldNotTakeIsNotAskedForAgainBeforeItGrows() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(BOB, List.of());
    tell(ALICE, HONEST.subList(0, 5));
    sync.targetIsUnwanted();

    assertFalse(sync.onTipHeard(ALICE, HONEST.get(4).hash()));
    assertTrue(sync.onTipHeard(BOB, HONEST.get(4).hash()), "from somebody else it is news");
    assertTrue(sync.onTipHeard(ALICE, HONEST.get(5).hash()));
  }

  @Test
  void pausesWhenManyHeadersWaitForTheirBlocks() {
    sync.onPeerReady(ALICE, T0);
    List<Block> many = Blocks.chain(HeaderSync.MAX_HEADERS_AHEAD);
    tell(ALICE, many.subList(0, FULL));
    long id = 2;
    int told = FULL;
    while (told < HeaderSync.MAX_HEADERS_AHEAD) {
      int most = Math.min(told + FULL, many.size());
      if (most - told < FULL) {
        break;
      }
      List<NodeAction> next = tell(ALICE, many.subList(told, most));
      told = most;
      if (next.isEmpty()) {
        break;
      }
      assertEquals(++id, ((Send) next.get(0)).envelope().getRequestId());
    }

    assertThat(target().ahead())
        .isGreaterThan(HeaderSync.MAX_HEADERS_AHEAD - FULL)
        .isLessThanOrEqualTo(HeaderSync.MAX_HEADERS_AHEAD);
    assertFalse(sync.awaits(ALICE, id + 1));
  }

  @Test
  void aPeersHeadersAreHeldAgainstEveryRuleAndNothingIsKeptOfThoseThatBreakOne() {
    Block wrong = Blocks.childOf(HONEST.get(1)).withBits(0x207ffffe).build();
    sync.onPeerReady(ALICE, T0);

    List<NodeAction> actions =
        sync.onHeaders(ALICE, headers(List.of(HONEST.get(0), HONEST.get(1), wrong)), T0);

    assertEquals(
        violation(
            ALICE,
            "header 3 "
                + wrong.hash()
                + ": The target is not the one that the difficulty rule asks for."),
        actions);
    assertEquals(Optional.empty(), sync.target());
    assertEquals(List.of(), sync.goOn(T0));
  }

  @Test
  void disconnectsWhoTellsMoreThanAskedOrWhatFollowsNothing() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);

    assertEquals(
        violation(ALICE, "11 headers, asked for 10"),
        sync.onHeaders(ALICE, headers(HONEST.subList(0, 11)), T0));
    assertEquals(
        violation(BOB, "header " + HONEST.get(5).hash() + " follows none of those we named"),
        sync.onHeaders(BOB, headers(HONEST.subList(5, 7)), T0));
  }

  @Test
  void headersAfterABlockThatWeNamedAndHaveForgottenSinceAreNoViolation() {
    List<Block> ours = fork(0, 2);
    ours.forEach(this::add);
    sync.onPeerReady(ALICE, T0);
    HONEST.subList(0, 4).forEach(this::add);
    for (int i = 0; chain.contains(ours.get(0).hash()); i++) {
      add(forkAfter(HONEST.get(1), i, 1).get(0)); // Heavier ones that take its room.
    }

    assertEquals(
        List.of(getHeaders(ALICE, 2, chain.locator())), tell(ALICE, forkAfter(ours.get(0), 7, 3)));
  }

  @Test
  void stopsAtAHeaderFromTheFutureAndAsksAgainWhenItsTimeHasCome() {
    Block early =
        Blocks.childOf(HONEST.get(0)).withTime(T0.wall().plusSeconds(90).toEpochMilli()).build();
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, List.of(HONEST.get(0), early));

    assertEquals(1, target().end().height());
    assertEquals(early.header(), sync.early().get(0).header());
    Moment ofAge = T0.plus(Duration.ofSeconds(30));
    assertEquals(Optional.of(ofAge.steady()), sync.nextWake());
    assertEquals(List.of(), sync.goOn(ofAge.plus(Duration.ofMillis(-1))));
    assertThat(sync.goOn(ofAge)).hasSize(1);
  }

  @Test
  void looksAgainAtAHeaderFromFarInTheFutureNowAndThenSinceOurClockMayBeMended() {
    Block early =
        Blocks.childOf(Blocks.genesis())
            .withTime(T0.wall().plus(Duration.ofHours(3)).toEpochMilli())
            .build();
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, List.of(early));

    assertEquals(Optional.of(T0.steady().plus(HeaderSync.CLOCK_RECHECK)), sync.nextWake());
  }

  // Branches that are not heavier, yet.

  @Test
  void explorersGoOnAtTheSameTimeAlongBranchesThatAreNotHeavierYet() {
    fork(0, 40).forEach(this::add);
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);

    assertEquals(
        List.of(getHeaders(ALICE, 2, chain.locatorFrom(HONEST.get(9).hash()))),
        tell(ALICE, HONEST.subList(0, 10)));
    List<Block> others = fork(3, 50);
    assertEquals(
        List.of(getHeaders(BOB, 2, chain.locatorFrom(others.get(9).hash()))),
        tell(BOB, others.subList(0, 10)));
    assertEquals(Optional.empty(), sync.target());
  }

  @Test
  void oneExplorerTooManyWaitsUntilAnotherIsSilentOrHasToldEnough() {
    fork(0, 400).forEach(this::add);
    List<Block> light = Blocks.chain(200);
    for (int i = 0; i <= HeaderSync.MAX_EXPLORERS; i++) {
      sync.onPeerReady(peer(i), T0);
    }
    for (int i = 0; i < HeaderSync.MAX_EXPLORERS; i++) {
      assertEquals(1, tell(peer(i), light.subList(0, FULL)).size(), "explorer " + i);
    }
    PeerId last = peer(HeaderSync.MAX_EXPLORERS);
    assertEquals(List.of(), tell(last, light.subList(0, FULL)), "one too many");

    for (int answers = 1; answers < HeaderSync.ANSWERS_PER_TURN; answers++) {
      List<NodeAction> next = tell(peer(0), light.subList(FULL * answers, FULL * (answers + 1)));
      assertEquals(peer(0), ((Send) next.get(0)).peer());
    }
    int told = FULL * HeaderSync.ANSWERS_PER_TURN;
    List<NodeAction> next = tell(peer(0), light.subList(told, told + FULL));
    assertEquals(List.of(getHeaders(last, 2, chain.locatorFrom(light.get(FULL - 1).hash()))), next);

    sync.onTick(T0.plus(Patience.FIRST));
    assertEquals(
        List.of(
            getHeaders(
                peer(0),
                HeaderSync.ANSWERS_PER_TURN + 2,
                chain.locatorFrom(light.get(told + FULL - 1).hash()))),
        sync.goOn(T0.plus(Patience.FIRST)));
  }

  @Test
  void aBranchThatEndsLighterThanOursIsForgotten() {
    fork(0, 40).forEach(this::add);
    sync.onPeerReady(ALICE, T0);

    tell(ALICE, HONEST.subList(0, 10));
    assertEquals(List.of(), tell(ALICE, HONEST.subList(10, 15)));
    assertEquals(Optional.empty(), sync.target());
    assertFalse(sync.hasCandidate());
  }

  @Test
  void aLongBranchIsToldTwiceAndMustBeTheSame() {
    Branch branch = new Branch(chain, chain.cursorAt(chain.tip().hash()).orElseThrow());
    List<Block> many = Blocks.chain(Branch.MAX_KEPT_HEADERS + 25);
    addInParts(branch, many, 0);
    assertEquals(Branch.MAX_KEPT_HEADERS, branch.ahead());
    assertEquals(many.get(many.size() - 1).hash(), branch.askFrom());

    branch.becomeTarget();
    assertTrue(branch.isToldAgain());
    assertFalse(branch.isDone());
    assertEquals(many.get(Branch.MAX_KEPT_HEADERS - 1).hash(), branch.askFrom());
    List<Block> rest = many.subList(Branch.MAX_KEPT_HEADERS, many.size());
    List<Block> forged = forkAfter(many.get(Branch.MAX_KEPT_HEADERS - 1), 7, 10);
    assertTrue(branch.add(ALICE, headers(forged), T0.wall()).isOther());
    assertTrue(branch.add(ALICE, headers(rest.subList(1, 11)), T0.wall()).isOther());
    assertTrue(branch.add(ALICE, headers(rest.subList(0, 9)), T0.wall()).isOther(), "too few");
    assertEquals(Branch.MAX_KEPT_HEADERS, branch.ahead());

    addInParts(branch, many, Branch.MAX_KEPT_HEADERS);
    assertFalse(branch.isToldAgain());
    assertEquals(many.size(), branch.ahead());
    assertEquals(many.size(), branch.end().height());
  }

  @Test
  void whoDoesNotTellTheRestASecondTimeIsNotAskedForeverAndTheBranchIsForgotten() {
    List<Block> ours = fork(0, Branch.MAX_KEPT_HEADERS + 5);
    ours.forEach(this::add);
    List<Block> theirs = Blocks.chain(Branch.MAX_KEPT_HEADERS + FULL);
    sync.onPeerReady(ALICE, T0);
    for (int i = 0; i < theirs.size(); i += FULL) {
      tell(ALICE, theirs.subList(i, i + FULL));
    }
    assertTrue(target().isToldAgain());

    assertEquals(List.of(), tell(ALICE, List.of()));
    assertEquals(Optional.empty(), sync.target());
  }

  @Test
  void whoTellsTheBeginningAgainAndAgainKeepsNobodyFromTellingTheRest() {
    fork(0, Branch.MAX_KEPT_HEADERS + 5).forEach(this::add);
    List<Block> theirs = Blocks.chain(Branch.MAX_KEPT_HEADERS + FULL);
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    Moment later = T0.plus(Duration.ofMillis(1));
    for (int i = 0; i < theirs.size(); i += FULL) {
      tell(ALICE, theirs.subList(i, i + FULL), later);
    }
    assertEquals(List.of(), tell(BOB, theirs.subList(0, FULL), later), "one at a time");
    assertTrue(target().isToldAgain());

    assertEquals(
        List.of(getHeaders(BOB, 2, chain.locatorFrom(target().askFrom()))),
        tell(ALICE, theirs.subList(0, FULL), later));
  }

  @Test
  void whatIsToldBeyondTheLastCheckpointIsCheckedAndKept() {
    Branch branch = new Branch(chain, chain.cursorAt(chain.tip().hash()).orElseThrow());
    List<Block> many = Blocks.chain(Branch.MAX_KEPT_HEADERS + 12);
    addInParts(branch, many.subList(0, Branch.MAX_KEPT_HEADERS + 5), 0);
    branch.becomeTarget();

    List<Block> rest = many.subList(Branch.MAX_KEPT_HEADERS, Branch.MAX_KEPT_HEADERS + 10);
    assertFalse(branch.add(ALICE, headers(rest), T0.wall()).isOther());
    assertEquals(Branch.MAX_KEPT_HEADERS + 10, branch.ahead());
    assertEquals(Branch.MAX_KEPT_HEADERS + 10, branch.end().height());
  }

  @Test
  void aBranchThatStaysLighterForTooLongIsGivenUp() {
    Branch branch = new Branch(chain, chain.cursorAt(chain.tip().hash()).orElseThrow());
    Block tip = Blocks.genesis();
    for (int i = 0; i < Branch.MAX_KEPT_HEADERS + Branch.MAX_CHECKPOINTS; i++) {
      assertFalse(branch.isTooLong());
      tip = Blocks.childOf(tip).build();
      branch.add(ALICE, List.of(tip.header()), T0.wall());
    }
    assertTrue(branch.isTooLong());
  }

  // Samples.

  @Test
  void whoseBranchWaitsIsAskedForItsFirstBlockAndGoesFirstOnceItIsShown() {
    List<Block> withheld = fork(3, 5);
    List<Block> good = fork(4, 5);
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    sync.onPeerReady(CAROL, T0);
    assertEquals(List.of(), tell(ALICE, HONEST.subList(0, 3)), "nobody else waits");
    tell(BOB, withheld);
    assertEquals(
        List.of(new Send(CAROL, Wire.getBlocks(2, List.of(good.get(0).hash())))),
        tell(CAROL, good));
    assertEquals(HeaderSync.FIRST_PAUSE, sync.pause(false));

    assertFalse(sync.awaitsSample(CAROL, 1));
    assertTrue(sync.awaitsSample(CAROL, 2));
    assertEquals(List.of(), sync.onSample(CAROL, good.subList(0, 1), false, T0));
    sync.hasShown(CAROL);
    assertFalse(sync.awaitsSample(CAROL, 2));
    assertEquals(List.of(), sync.goOn(T0), "once is enough");
    assertEquals(
        HeaderSync.FIRST_PAUSE.dividedBy(HeaderSync.UNSHOWN_PART),
        sync.pause(false),
        "nothing has come of the target");
    assertEquals(HeaderSync.FIRST_PAUSE, sync.pause(true));

    sync.nextTurn(true, T0);
    sync.goOn(T0);
    assertEquals(good.get(4).hash(), target().end().hash(), "though he has waited longer");
    assertEquals(HeaderSync.LONGEST_PAUSE, sync.pause(true), "what nobody shows is no better");
  }

  @Test
  void whoHasNoBlockOfItsBranchIsAskedAgainAfterAWhile() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    sync.onPeerReady(CAROL, T0);
    tell(ALICE, HONEST.subList(0, 3));
    tell(BOB, fork(3, 5));
    tell(CAROL, fork(4, 5));

    assertEquals(List.of(), sync.onSample(BOB, List.of(), false, T0));
    assertTrue(sync.hasCandidate());
    sync.hasNoSample(CAROL, T0);
    assertFalse(sync.hasCandidate());
    assertEquals(Optional.of(T0.steady().plusSeconds(4)), sync.nextWake());
    assertEquals(List.of(), sync.goOn(T0.plus(Duration.ofMillis(3_999))));
    assertThat(sync.goOn(T0.plus(Duration.ofSeconds(4)))).hasSize(2);
  }

  @Test
  void disconnectsWhoShowsAnotherBlockOrMoreThanOneOrNothingAndMoreOfIt() {
    List<Block> branch = fork(3, 5);
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, HONEST.subList(0, 3));
    for (PeerId peer : List.of(BOB, CAROL, peer(9))) {
      sync.onPeerReady(peer, T0);
      tell(peer, branch);
    }

    String other = "block " + branch.get(1).hash() + " was not asked for, or came before";
    assertEquals(violation(BOB, other), sync.onSample(BOB, branch.subList(1, 2), false, T0));
    assertEquals(violation(CAROL, other), sync.onSample(CAROL, branch.subList(0, 2), false, T0));
    assertEquals(
        violation(peer(9), "GetBlocks answered with nothing, and more of it"),
        sync.onSample(peer(9), List.of(), true, T0));
  }

  @Test
  void aBranchWhoseTurnIsOverIsKeptForWhoeverToldMostOfIt() {
    sync.onPeerReady(BOB, T0);
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(CAROL, T0);
    tell(ALICE, HONEST.subList(0, 10));
    tell(BOB, HONEST.subList(0, 10));
    tell(ALICE, HONEST.subList(10, 15));
    tell(CAROL, fork(3, 5));
    sync.nextTurn(true, T0);
    sync.goOn(T0);

    sync.onPeerGone(BOB);
    assertTrue(sync.hasCandidate(), "he only followed");
    sync.onPeerGone(CAROL);
    sync.goOn(T0);
    assertEquals(15, target().end().height());
  }

  @Test
  void whoFollowedABranchIsAskedForItOnceWhoeverKeptItIsGone() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    sync.onPeerReady(CAROL, T0);
    tell(ALICE, HONEST.subList(0, 5));
    tell(BOB, HONEST.subList(0, 5));
    tell(CAROL, fork(3, 5));
    sync.nextTurn(true, T0);
    sync.goOn(T0);

    sync.onPeerGone(ALICE);

    assertFalse(sync.hasCandidate());
    assertThat(sync.goOn(T0)).extracting(action -> ((Send) action).peer()).containsExactly(BOB);
  }

  @Test
  void aPeerWithNothingMoreToTellKeepsTheBranchThatWaitsForItsTurn() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 10));
    tell(BOB, fork(3, 5));
    sync.nextTurn(true, T0);
    sync.goOn(T0);

    tell(ALICE, List.of());

    assertTrue(sync.hasCandidate());
  }

  // When the target is through.

  @Test
  void looksAroundAgainOnceTheTargetIsInTheChain() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 3));
    tell(BOB, HONEST.subList(0, 2));
    connect(3);
    Moment later = T0.plus(HeaderSync.LOOK_AGAIN_AFTER);

    assertEquals(
        List.of(getHeaders(ALICE, 2, chain.locator()), getHeaders(BOB, 2, chain.locator())),
        sync.goOn(later));
    assertEquals(Optional.empty(), sync.target());
  }

  @Test
  void asksNobodyAgainIfTheTargetCameQuickly() {
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, HONEST.subList(0, 3));
    connect(3);

    assertEquals(
        List.of(), sync.goOn(T0.plus(HeaderSync.LOOK_AGAIN_AFTER).plus(Duration.ofMillis(-1))));
  }

  @Test
  void aTipThatIsNamedInVainIsAskedForOnce() {
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, List.of());

    assertTrue(sync.onTipHeard(ALICE, HONEST.get(5).hash()));
    assertThat(sync.goOn(T0)).hasSize(1);
    assertEquals(List.of(), tell(ALICE, List.of()));
    assertFalse(sync.onTipHeard(ALICE, Blocks.genesis().hash()));
    assertFalse(sync.onTipHeard(CAROL, HONEST.get(5).hash()), "not a peer of ours");
  }

  @Test
  void aWithheldTargetIsLookedAtAgainAfterAWhile() {
    sync.onPeerReady(ALICE, T0);
    tell(ALICE, HONEST.subList(0, 3));

    sync.targetIsWithheld(T0);

    assertEquals(Optional.empty(), sync.target());
    assertEquals(Optional.of(T0.steady().plusSeconds(4)), sync.nextWake());
  }

  @Test
  void branchesTakeTurns() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 3));
    Branch first = target();
    List<Block> others = fork(3, 5);
    tell(BOB, others);
    assertTrue(sync.hasCandidate());

    sync.nextTurn(true, T0.plus(Duration.ofSeconds(2)));
    sync.goOn(T0.plus(Duration.ofSeconds(2)));
    assertEquals(others.get(4).hash(), target().end().hash());
    sync.nextTurn(true, T0.plus(Duration.ofSeconds(4)));
    sync.goOn(T0.plus(Duration.ofSeconds(4)));
    assertEquals(first, target());
  }

  @Test
  void branchesThatStoodStillComeAfterOneThatGrewAndGetMoreTimeThen() {
    sync.onPeerReady(ALICE, T0);
    sync.onPeerReady(BOB, T0);
    tell(ALICE, HONEST.subList(0, 3));
    Branch withheld = target();
    tell(BOB, fork(3, 5));
    sync.hasShown(BOB);
    assertEquals(HeaderSync.FIRST_PAUSE, sync.pause(true));
    sync.nextTurn(true, T0.plus(Duration.ofSeconds(2)));
    sync.goOn(T0.plus(Duration.ofSeconds(2)));
    Branch growing = target();
    sync.hasShown(ALICE);
    assertFalse(sync.hasGoodCandidate());

    sync.nextTurn(false, T0.plus(Duration.ofSeconds(9)));
    sync.goOn(T0.plus(Duration.ofSeconds(9)));
    assertEquals(growing, target());
    sync.nextTurn(true, T0.plus(Duration.ofSeconds(20)));
    sync.goOn(T0.plus(Duration.ofSeconds(20)));
    assertEquals(withheld, target());
    assertEquals(HeaderSync.FIRST_PAUSE.multipliedBy(2), sync.pause(false));
  }

  @Test
  void whoTellsTheSameKnownHeadersOverAndOverIsNotAskedForever() {
    HONEST.subList(0, FULL).forEach(this::add);
    sync.onPeerReady(ALICE, T0);

    assertEquals(1, tell(ALICE, HONEST.subList(0, FULL)).size(), "there may be more");
    assertEquals(List.of(), tell(ALICE, HONEST.subList(0, FULL)));
  }

  private Branch target() {
    return sync.target().orElseThrow();
  }

  private List<NodeAction> tell(PeerId peer, List<Block> blocks) {
    return tell(peer, blocks, T0);
  }

  private List<NodeAction> tell(PeerId peer, List<Block> blocks, Moment now) {
    List<NodeAction> actions = new ArrayList<>(sync.onHeaders(peer, headers(blocks), now));
    actions.addAll(sync.goOn(now));
    return actions;
  }

  private void connect(int count) {
    for (Block block : HONEST.subList(0, count)) {
      target().take(target().peek().orElseThrow());
      add(block);
      target().connected(block.hash());
    }
  }

  private void add(Block block) {
    chain.add(block, T0.wall());
  }

  private static void addInParts(Branch branch, List<Block> blocks, int from) {
    for (int i = from; i < blocks.size(); i += FULL) {
      List<Block> part = blocks.subList(i, Math.min(i + FULL, blocks.size()));
      Branch.Told told = branch.add(ALICE, headers(part), T0.wall());
      assertEquals(Optional.empty(), told.fault());
      assertFalse(told.isOther());
    }
  }

  /** Another branch on genesis; which one, the number says. */
  private static List<Block> fork(int number, int length) {
    return forkAfter(Blocks.genesis(), number, length);
  }

  private static List<Block> forkAfter(Block parent, int number, int length) {
    List<Block> blocks = new ArrayList<>();
    Block tip = Blocks.childOf(parent).withTime(parent.header().timestamp() + 100 + number).build();
    blocks.add(tip);
    while (blocks.size() < length) {
      tip = Blocks.childOf(tip).build();
      blocks.add(tip);
    }
    return blocks;
  }

  private static List<BlockHeader> headers(List<Block> blocks) {
    return blocks.stream().map(Block::header).toList();
  }

  private static Send getHeaders(PeerId peer, long id, Locator locator) {
    return new Send(peer, Wire.getHeaders(id, locator, FULL));
  }

  private static List<NodeAction> violation(PeerId peer, String sentence) {
    return List.of(
        new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence)));
  }
}
