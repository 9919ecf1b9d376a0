package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConversationTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));

  private final Chain chain =
      new Chain(NetworkParameters.dev(), new MemoryBlockStore(NetworkParameters.dev()));
  private final Conversation conversation =
      new Conversation(NetworkParameters.dev(), chain, new RequestIds());
  private Instant wall = T0.wall();
  private final Conversation.BlockImport door =
      (from, block, standing) -> chain.add(block, wall, standing);
  private final List<Block> blocks = Blocks.chain(5);

  @Test
  void beginsByAskingForTheHeadersThatFollowOurChain() {
    assertEquals(
        List.of(new Send(ALICE, Wire.getHeaders(1, chain.locator(), 2_000))),
        conversation.onPeerReady(ALICE, T0));
    assertTrue(conversation.awaitsHeaders(ALICE, 1));
    assertEquals(Optional.of("headers from " + ALICE.toShortString()), conversation.waitingFor());
  }

  @Test
  void asksForTheBlocksOfAHeavierBranchAndTakesThemInOrder() {
    conversation.onPeerReady(ALICE, T0);

    assertEquals(
        List.of(getBlocks(ALICE, 2, blocks)), conversation.onHeaders(ALICE, headers(blocks), T0));
    assertEquals(
        Optional.of(new Conversation.CatchingUp(T0.wall(), 0, 5)), conversation.catchingUp());
    assertEquals(
        Optional.of("blocks 1 to 5 from " + ALICE.toShortString()), conversation.waitingFor());

    assertEquals(List.of(), deliver(ALICE, 2, blocks.subList(0, 2), true));
    assertEquals(2, chain.tip().height());
    assertEquals(List.of(), deliver(ALICE, 2, blocks.subList(2, 5), false));
    assertEquals(5, chain.tip().height());
    assertEquals(Optional.empty(), conversation.catchingUp());
    assertEquals(Optional.empty(), conversation.waitingFor());
    assertEquals(Optional.empty(), conversation.nextWake());
  }

  @Test
  void takesBlocksThatComeOutOfOrderOnceTheirTurnHasCome() {
    List<Block> many = Blocks.chain(300);
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(ALICE, headers(many), T0);

    deliver(BOB, 2, many.subList(256, 300), false);
    assertEquals(0, chain.tip().height());
    deliver(ALICE, 2, many.subList(0, 256), false);
    assertEquals(256, chain.tip().height(), "no more in one go");
    conversation.onTick(door, Moment.at(conversation.nextWake().orElseThrow()));
    assertEquals(300, chain.tip().height());
  }

  @Test
  void doesNotWaitForABlockThatComesByRelay() {
    List<Block> many = Blocks.chain(300);
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(ALICE, headers(many), T0);
    deliver(BOB, 2, many.subList(256, 300), false);

    many.subList(0, 255).forEach(block -> chain.add(block, T0.wall()));
    conversation.onAdded(T0);
    assertEquals(Optional.of("block 256 from " + ALICE.toShortString()), conversation.waitingFor());

    chain.add(many.get(255), T0.wall());
    conversation.onAdded(T0);
    assertEquals(Optional.of(T0.steady()), conversation.nextWake());
    conversation.onTick(door, T0);
    assertEquals(300, chain.tip().height());
    assertEquals(Optional.empty(), conversation.catchingUp());
    assertEquals(List.of(), deliver(ALICE, 2, many.subList(0, 256), false), "late, and no harm");
  }

  @Test
  void largeBlocksAreTakenAFewAtATime() {
    List<Block> large = new ArrayList<>();
    Block tip = Blocks.genesis();
    for (int i = 0; i < 3; i++) {
      List<Transaction> entries = new ArrayList<>();
      for (int j = 0; j < 6; j++) {
        Bytes payload = Bytes.wrap(new byte[100_000 - i - 10 * j]);
        entries.add(Blocks.transaction(Blocks.ALICE, payload, 9));
      }
      tip = Blocks.childOf(tip).withTransactions(entries).build();
      large.add(tip);
    }
    conversation.onPeerReady(ALICE, T0);
    conversation.onHeaders(ALICE, headers(large), T0);

    deliver(ALICE, 2, large, false);
    assertEquals(2, chain.tip().height(), "the second one reached a mebibyte");
    assertEquals(Optional.of(T0.steady()), conversation.nextWake());
    conversation.onTick(door, T0);
    assertEquals(3, chain.tip().height());
  }

  @Test
  void asksForHeadersWhenABlockIsAnnouncedThatFollowsNothingHere() {
    meet(ALICE);
    chain.add(blocks.get(0), T0.wall());

    assertEquals(List.of(), conversation.onAdded(T0));
    assertEquals(
        List.of(new Send(ALICE, Wire.getHeaders(2, chain.locator(), 2_000))),
        conversation.onTipHeard(ALICE, blocks.get(4).hash(), T0));
  }

  @Test
  void asksForHeadersWhenAPingNamesATipWeLackButOneQuestionAtATime() {
    meet(ALICE);

    assertEquals(List.of(), conversation.onTipHeard(ALICE, chain.tip().hash(), T0));
    assertEquals(
        List.of(new Send(ALICE, Wire.getHeaders(2, chain.locator(), 2_000))),
        conversation.onTipHeard(ALICE, blocks.get(0).hash(), T0));
    assertEquals(List.of(), conversation.onTipHeard(ALICE, blocks.get(1).hash(), T0));
  }

  @Test
  void disconnectsWhoSentAndWhoToldABlockThatBreaksARule() {
    Transaction entry = Blocks.transaction("alice", "late", 1);
    Block good = blocks.get(0);
    Block bad = Blocks.childOf(good).withTransactions(entry).build();
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(BOB, headers(List.of(good, bad)), T0);
    deliver(BOB, 2, List.of(), false);

    List<NodeAction> actions = deliver(ALICE, 2, List.of(good, bad), false);

    assertThat(actions)
        .contains(
            violation(
                ALICE,
                "block 2 "
                    + bad.hash()
                    + ": A transaction's expiry height is below the block's height."));
    assertThat(actions)
        .filteredOn(Disconnect.class::isInstance)
        .extracting(action -> ((Disconnect) action).peer())
        .containsExactly(ALICE, BOB);
    assertEquals(1, chain.tip().height());
    assertEquals(Optional.empty(), conversation.catchingUp());
  }

  @Test
  void disconnectsWhoSentABlockThatBreaksARuleWhenItsBranchIsNotFetchedAnyMore() {
    Block late =
        Blocks.childOf(Blocks.genesis())
            .withTransactions(Blocks.transaction("alice", "late", 0))
            .build();
    conversation.onPeerReady(ALICE, T0);
    conversation.onHeaders(ALICE, headers(List.of(late)), T0);
    blocks.forEach(block -> chain.add(block, T0.wall()));
    conversation.onAdded(T0);
    assertEquals(Optional.empty(), conversation.catchingUp());

    assertEquals(
        List.of(violation(ALICE, Violation.EXPIRED.about(late.header()))),
        deliver(ALICE, 2, List.of(late), false));
  }

  @Test
  void fetchesABranchAsHeavyAsOursSoThatBothSidesKnowAllEntries() {
    chain.add(blocks.get(0), wall);
    Block theirs =
        Blocks.childOf(Blocks.genesis())
            .withTransactions(Blocks.transaction("bob", "theirs", 9))
            .build();
    conversation.onPeerReady(ALICE, T0);

    assertEquals(
        List.of(getBlocks(ALICE, 2, List.of(theirs))),
        conversation.onHeaders(ALICE, headers(List.of(theirs)), T0));
    deliver(ALICE, 2, List.of(theirs), false);
    assertTrue(chain.contains(theirs.hash()));
    assertEquals(blocks.get(0).hash(), chain.tip().hash(), "the first seen stays");
    assertEquals(Optional.empty(), conversation.catchingUp());
  }

  @Test
  void asksNothingForALighterBranch() {
    blocks.forEach(block -> chain.add(block, wall));
    List<Block> lighter =
        List.of(
            Blocks.childOf(Blocks.genesis())
                .withTime(Blocks.genesis().header().timestamp() + 7)
                .build());
    conversation.onPeerReady(ALICE, T0);

    assertEquals(List.of(), conversation.onHeaders(ALICE, headers(lighter), T0));
    assertEquals(Optional.empty(), conversation.nextWake());
  }

  @Test
  void reorganisesAThousandBlocksInOneStep() {
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7)
            .build();
    List<Block> theirs = Blocks.chain(1_001);
    chain.add(root, wall);
    Block ours = root;
    for (int i = 1; i < 1_000; i++) {
      ours = Blocks.childOf(ours).build();
      chain.add(ours, wall);
    }
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    Exchange exchange = new Exchange(theirs);
    exchange.run(conversation.onHeaders(ALICE, headers(theirs), T0));

    assertEquals(theirs.get(1_000).hash(), chain.tip().hash());
  }

  @Test
  void asksAgainOnceABlockFromTheFutureHasComeOfAge() {
    Block early =
        Blocks.childOf(Blocks.genesis()).withTime(T0.wall().plusSeconds(90).toEpochMilli()).build();
    meet(ALICE);
    assertEquals(List.of(), conversation.onEarlyBlock(ALICE, early.header(), T0));
    assertEquals(
        Optional.of("block 1's time, 1 min 30 s ahead of this machine's clock: check it"),
        conversation.waitingFor());

    Moment ofAge = T0.plus(Duration.ofSeconds(30));
    assertEquals(Optional.of(ofAge.steady()), conversation.nextWake());
    assertEquals(List.of(), conversation.onTick(door, ofAge.plus(Duration.ofMillis(-1))));
    assertEquals(
        List.of(new Send(ALICE, Wire.getHeaders(2, chain.locator(), 2_000))),
        conversation.onTick(door, ofAge));
  }

  @Test
  void warnsNowAndThenIfBlocksOfSeveralPeersAreFromTheFuture() {
    Block early =
        Blocks.childOf(Blocks.genesis())
            .withTime(T0.wall().plus(Duration.ofHours(3)).toEpochMilli())
            .build();
    meet(ALICE);
    meet(BOB);
    conversation.onEarlyBlock(ALICE, early.header(), T0);
    assertEquals(Optional.empty(), conversation.warning(T0), "one may be wrong itself");
    conversation.onEarlyBlock(BOB, early.header(), T0);

    assertThat(conversation.warning(T0).orElseThrow())
        .contains("2 peers have blocks from the future")
        .contains("block 1's time, 3 h 0 min ahead");
    Moment again = T0.plus(Conversation.WARNING_PAUSE);
    assertEquals(Optional.empty(), conversation.warning(again.plus(Duration.ofMillis(-1))));
    assertThat(conversation.warning(again)).isPresent();
  }

  @Test
  void aBlockWhoseTimeIsAheadAgainSinceOurClockWasSetBackWaitsAndPunishesNobody() {
    meet(ALICE);
    conversation.onTipHeard(ALICE, blocks.get(4).hash(), T0);
    conversation.onHeaders(ALICE, headers(blocks), T0);
    wall = Instant.EPOCH;
    Moment setBack = new Moment(wall, T0.steady());

    assertEquals(List.of(), conversation.onBlocks(ALICE, 3, blocks, false, door, setBack));
    assertEquals(0, chain.tip().height());
    Moment recheck = T0.plus(HeaderSync.CLOCK_RECHECK);
    assertEquals(Optional.of(recheck.steady()), conversation.nextWake());
    wall = T0.wall();
    conversation.onTick(door, recheck);
    assertEquals(5, chain.tip().height());
  }

  @Test
  void takesAnotherBranchWhileTheHeaviestIsWithheld() {
    List<Block> heaviest = Blocks.chain(9);
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7)
            .build();
    List<Block> honest = List.of(root, Blocks.childOf(root).build());
    conversation.onPeerReady(CAROL, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(CAROL, headers(heaviest), T0);
    assertEquals(
        List.of(getBlocks(BOB, 2, honest.subList(0, 1))),
        conversation.onHeaders(BOB, headers(honest), T0));

    Moment stalled = T0.plus(HeaderSync.FIRST_PAUSE);
    assertThat(conversation.onTick(door, stalled.plus(Duration.ofMillis(-1))))
        .containsExactly(getBlocks(BOB, 3, heaviest)); // He has nothing to do, and may have them.
    assertThat(conversation.onTick(door, stalled)).contains(getBlocks(BOB, 4, honest));
    deliver(BOB, 4, honest, false);
    assertEquals(honest.get(1).hash(), chain.tip().hash());
  }

  @Test
  void takesAnotherBranchSoonerOnceABlockOfItIsShown() {
    List<Block> heaviest = Blocks.chain(9);
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7)
            .build();
    List<Block> honest = List.of(root, Blocks.childOf(root).build());
    conversation.onPeerReady(CAROL, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(CAROL, headers(heaviest), T0);
    conversation.onHeaders(BOB, headers(honest), T0);

    assertTrue(conversation.awaitsBlocks(BOB, 2));
    assertEquals(List.of(), deliver(BOB, 2, honest.subList(0, 1), false));
    assertEquals(root.hash(), chain.tip().hash(), "nobody has shown a heavier one");
    Duration pause = HeaderSync.FIRST_PAUSE.dividedBy(HeaderSync.UNSHOWN_PART);
    assertEquals(Optional.of(T0.plus(pause).steady()), conversation.nextWake());
    assertThat(conversation.onTick(door, T0.plus(pause)))
        .contains(getBlocks(BOB, 3, honest.subList(1, 2)));
  }

  @Test
  void disconnectsWhoShowsABlockThatBreaksARuleOrIsNotItsHeaders() {
    Transaction expired = Blocks.transaction(Blocks.ALICE, "late", 0);
    Block broken = Blocks.childOf(Blocks.genesis()).withTransactions(expired).build();
    List<Block> branch = List.of(broken, Blocks.childOf(broken).build());
    conversation.onPeerReady(CAROL, T0);
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(CAROL, headers(Blocks.chain(9)), T0);
    conversation.onHeaders(ALICE, headers(branch), T0);
    conversation.onHeaders(BOB, headers(branch), T0);

    Block otherBody = Block.of(broken.header(), List.of());
    assertEquals(
        List.of(
            Disconnect.violation(
                ALICE, Violation.TRANSACTION_COUNT_MISMATCH.about(broken.header()))),
        deliver(ALICE, 2, List.of(otherBody), false));
    assertEquals(
        List.of(Disconnect.violation(BOB, Violation.EXPIRED.about(broken.header()))),
        deliver(BOB, 2, List.of(broken), false));
  }

  @Test
  void holdsNothingForPeersThatAreGone() {
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onHeaders(ALICE, headers(blocks), T0);

    assertThat(conversation.onPeerGone(ALICE, T0)).isEmpty();
    assertEquals(Optional.empty(), conversation.catchingUp(), "only she told that branch");
    conversation.onPeerGone(BOB, T0);
    assertEquals(Optional.empty(), conversation.nextWake());
    assertEquals(Optional.empty(), conversation.waitingFor());
  }

  /** Every request for blocks is answered at once, until nothing more is asked. */
  private final class Exchange {
    private final List<Block> known;

    Exchange(List<Block> known) {
      this.known = known;
    }

    void run(List<NodeAction> actions) {
      for (NodeAction action : actions) {
        if (action instanceof Send send && send.envelope().hasGetBlocks()) {
          List<Block> wanted =
              send.envelope().getGetBlocks().getHashesList().stream()
                  .map(
                      hash ->
                          known.stream()
                              .filter(b -> Wire.bytes(b.hash().value()).equals(hash))
                              .findFirst()
                              .orElseThrow())
                  .toList();
          run(deliver(send.peer(), send.envelope().getRequestId(), wanted, false));
        }
      }
    }
  }

  private void meet(PeerId peer) {
    conversation.onPeerReady(peer, T0);
    assertEquals(List.of(), conversation.onHeaders(peer, List.of(), T0));
  }

  private List<NodeAction> deliver(PeerId peer, long id, List<Block> answer, boolean more) {
    return conversation.onBlocks(peer, id, answer, more, door, T0);
  }

  private static List<BlockHeader> headers(List<Block> blocks) {
    return blocks.stream().map(Block::header).toList();
  }

  private static Send getBlocks(PeerId peer, long id, List<Block> blocks) {
    return new Send(peer, Wire.getBlocks(id, blocks.stream().map(Block::hash).toList()));
  }

  private static NodeAction violation(PeerId peer, String sentence) {
    return new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence));
  }
}
