package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
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

class ConversationTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));

  private final Chain chain =
      new Chain(NetworkParameters.dev(), new MemoryBlockStore(NetworkParameters.dev()));
  private final Conversation conversation = new Conversation(chain, new RequestIds());
  private final List<AddBlockResult> taken = new ArrayList<>();
  private final Conversation.BlockImport door =
      (from, block) -> {
        AddBlockResult result = chain.add(block, T0.wall());
        taken.add(result);
        return result;
      };

  @Test
  void beginsByAskingForTheLatestBlock() {
    assertEquals(
        List.of(new Send(ALICE, Wire.latestBlock(1))), conversation.onPeerReady(ALICE, T0));
    assertTrue(conversation.awaits(ALICE, 1));
  }

  @Test
  void takesALatestBlockThatExtendsOurs() {
    Block next = Blocks.chain(1).get(0);
    conversation.onPeerReady(ALICE, T0);

    assertEquals(List.of(), conversation.onBlocks(ALICE, List.of(next), false, door, T0));
    assertEquals(next.hash(), chain.tip().hash());
    assertFalse(conversation.awaits(ALICE, 1));
  }

  @Test
  void asksForAllBlocksIfTheLatestDoesNotFit() {
    conversation.onPeerReady(ALICE, T0);

    assertEquals(
        List.of(new Send(ALICE, Wire.allBlocks(2, chain.locator()))),
        conversation.onBlocks(ALICE, List.of(Blocks.chain(3).get(2)), false, door, T0));
    assertEquals(Optional.of(ALICE), conversation.source());
  }

  @Test
  void takesAllBlocksPartByPart() {
    List<Block> blocks = Blocks.chain(5);
    askAllBlocksOf(ALICE, blocks.get(4));

    assertEquals(List.of(), conversation.onBlocks(ALICE, blocks.subList(0, 2), true, door, T0));
    assertEquals(2, chain.tip().height());
    assertEquals(List.of(), conversation.onBlocks(ALICE, blocks.subList(2, 5), false, door, T0));
    assertEquals(5, chain.tip().height());
    assertEquals(Optional.empty(), conversation.source());
  }

  @Test
  void asksOnePeerAtATimeForAllBlocksAndTheOthersOnceThatIsDone() {
    List<Block> blocks = Blocks.chain(5);
    conversation.onPeerReady(BOB, T0);
    conversation.onPeerReady(CAROL, T0);
    askAllBlocksOf(ALICE, blocks.get(4));

    assertEquals(List.of(), conversation.onBlocks(BOB, List.of(blocks.get(4)), false, door, T0));
    assertEquals(List.of(), conversation.onBlocks(CAROL, List.of(blocks.get(3)), false, door, T0));
    assertEquals(
        List.of(new Send(BOB, Wire.latestBlock(2)), new Send(CAROL, Wire.latestBlock(2))),
        conversation.onBlocks(ALICE, blocks, false, door, T0));
  }

  @Test
  void asksTheNextOneIfTheSourceGoes() {
    List<Block> blocks = Blocks.chain(5);
    conversation.onPeerReady(BOB, T0);
    askAllBlocksOf(ALICE, blocks.get(4));
    conversation.onBlocks(BOB, List.of(blocks.get(4)), false, door, T0);

    assertEquals(List.of(new Send(BOB, Wire.latestBlock(2))), conversation.onPeerGone(ALICE, T0));
    assertFalse(conversation.awaits(ALICE, 2));
  }

  @Test
  void asksTheNextOneIfTheSourceRefuses() {
    List<Block> blocks = Blocks.chain(5);
    conversation.onPeerReady(BOB, T0);
    askAllBlocksOf(ALICE, blocks.get(4));
    conversation.onBlocks(BOB, List.of(blocks.get(4)), false, door, T0);

    assertEquals(List.of(new Send(BOB, Wire.latestBlock(2))), conversation.onRefusal(ALICE, T0));
  }

  @Test
  void disconnectsAPeerThatDoesNotAnswerInTime() {
    conversation.onPeerReady(ALICE, T0);
    Moment deadline = T0.plus(Limits.REQUEST_TIMEOUT);

    assertEquals(Optional.of(deadline.steady()), conversation.nextWake());
    assertEquals(List.of(), conversation.onTick(deadline.plus(Duration.ofMillis(-1))));
    assertEquals(
        List.of(
            new Disconnect(
                ALICE,
                new DisconnectReason(
                    DisconnectReason.Code.TIMEOUT, "LATEST_BLOCK unanswered for 30 s"))),
        conversation.onTick(deadline));
    assertEquals(Optional.empty(), conversation.nextWake());
  }

  @Test
  void givesEachPartOfAllBlocksItsOwnTime() {
    List<Block> blocks = Blocks.chain(5);
    askAllBlocksOf(ALICE, blocks.get(4));
    Moment later = T0.plus(Duration.ofSeconds(20));

    conversation.onBlocks(ALICE, blocks.subList(0, 2), true, door, later);

    assertEquals(Optional.of(later.steady().plus(Limits.REQUEST_TIMEOUT)), conversation.nextWake());
  }

  @Test
  void disconnectsWhoAnswersTheLatestBlockWithAnyOtherNumber() {
    conversation.onPeerReady(ALICE, T0);
    conversation.onPeerReady(BOB, T0);
    conversation.onPeerReady(CAROL, T0);
    List<Block> blocks = Blocks.chain(2);

    assertEquals(
        violation(ALICE, "LatestBlock answered with 0 blocks"),
        conversation.onBlocks(ALICE, List.of(), false, door, T0));
    assertEquals(
        violation(BOB, "LatestBlock answered with 2 blocks"),
        conversation.onBlocks(BOB, blocks, false, door, T0));
    assertEquals(
        violation(CAROL, "LatestBlock answered with 1 blocks"),
        conversation.onBlocks(CAROL, blocks.subList(0, 1), true, door, T0));
    assertEquals(List.of(), taken);
  }

  @Test
  void disconnectsWhoPromisesMoreButSendsNothing() {
    askAllBlocksOf(ALICE, Blocks.chain(5).get(4));

    assertEquals(
        violation(ALICE, "AllBlocks answered with nothing, and more of it"),
        conversation.onBlocks(ALICE, List.of(), true, door, T0));
  }

  @Test
  void disconnectsWhoAnswersAllBlocksWithOneThatFollowsNothing() {
    List<Block> blocks = Blocks.chain(5);
    askAllBlocksOf(ALICE, blocks.get(4));

    assertEquals(
        violation(ALICE, "AllBlocks answered with a block that follows nothing"),
        conversation.onBlocks(ALICE, blocks.subList(2, 5), false, door, T0));
    assertEquals(Optional.empty(), conversation.source());
  }

  @Test
  void disconnectsTheSenderOfABlockThatBreaksARuleAndTakesNoMoreOfItsBlocks() {
    List<Block> blocks = Blocks.chain(5);
    Block wrong = Blocks.childOf(blocks.get(0)).withHeight(7).build();
    askAllBlocksOf(ALICE, blocks.get(4));

    assertEquals(
        violation(
            ALICE, "block 7 " + wrong.hash() + ": The height is not one more than the parent's."),
        conversation.onBlocks(
            ALICE, List.of(blocks.get(0), wrong, blocks.get(1)), false, door, T0));
    assertEquals(1, chain.tip().height());
  }

  @Test
  void asksAgainOnceABlockFromTheFutureHasComeOfAge() {
    Block early =
        Blocks.childOf(Blocks.genesis()).withTime(T0.wall().plusSeconds(90).toEpochMilli()).build();
    conversation.onPeerReady(ALICE, T0);
    assertEquals(List.of(), conversation.onBlocks(ALICE, List.of(early), false, door, T0));

    Moment ofAge = T0.plus(Duration.ofSeconds(30));
    assertEquals(Optional.of(ofAge.steady()), conversation.nextWake());
    assertEquals(List.of(), conversation.onTick(ofAge.plus(Duration.ofMillis(-1))));
    assertEquals(List.of(new Send(ALICE, Wire.latestBlock(2))), conversation.onTick(ofAge));
  }

  @Test
  void asksForTheLatestBlockWhenAPingNamesATipWeLack() {
    conversation.onPeerReady(ALICE, T0);
    conversation.onBlocks(ALICE, List.of(Blocks.genesis()), false, door, T0);

    assertEquals(List.of(), conversation.onTipHeard(ALICE, chain.tip().hash(), T0));
    assertEquals(
        List.of(new Send(ALICE, Wire.latestBlock(2))),
        conversation.onTipHeard(ALICE, Blocks.chain(1).get(0).hash(), T0));
    assertEquals(
        List.of(),
        conversation.onTipHeard(ALICE, Blocks.chain(2).get(1).hash(), T0),
        "one question at a time");
  }

  @Test
  void takesAnAnnouncedBlockThatFitsAndAsksForAllIfItDoesNot() {
    List<Block> blocks = Blocks.chain(4);

    assertEquals(List.of(), conversation.onNewBlock(ALICE, blocks.get(0), door, T0));
    assertEquals(1, chain.tip().height());
    assertEquals(
        List.of(new Send(ALICE, Wire.allBlocks(1, chain.locator()))),
        conversation.onNewBlock(ALICE, blocks.get(3), door, T0));
  }

  @Test
  void doesNotAskForAllBlocksWhileTheLatestIsOnItsWay() {
    conversation.onPeerReady(ALICE, T0);

    assertEquals(List.of(), conversation.onNewBlock(ALICE, Blocks.chain(4).get(3), door, T0));
  }

  private void askAllBlocksOf(PeerId peer, Block latest) {
    conversation.onPeerReady(peer, T0);
    assertEquals(
        1, conversation.onBlocks(peer, List.of(latest), false, door, T0).size(), "AllBlocks");
  }

  private static List<NodeAction> violation(PeerId peer, String sentence) {
    return List.of(
        new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence)));
  }
}
