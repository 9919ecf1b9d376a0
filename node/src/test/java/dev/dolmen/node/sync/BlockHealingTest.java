package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.core.store.RottenStore;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockHealingTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));

  private final RottenStore store = new RottenStore(NetworkParameters.dev());
  private final Chain chain = new Chain(NetworkParameters.dev(), store);
  private final BlockHealing healing = new BlockHealing(chain, Blocks.genesis(), new RequestIds());
  private final List<Block> blocks = Blocks.chain(40);

  @BeforeEach
  void fill() {
    blocks.forEach(block -> chain.add(block, T0.wall()));
  }

  private void find(Block block) {
    store.damage(block.hash());
    assertThatThrownBy(() -> store.block(block.hash())).isInstanceOf(DamagedBlockException.class);
  }

  @Test
  void doesNothingWhileAllIsSound() {
    healing.onPeerReady(ALICE);

    assertEquals(List.of(), healing.goOn(T0));
    assertEquals(Optional.empty(), healing.nextWake());
    assertEquals(Optional.empty(), healing.waitingFor());
    assertFalse(healing.isNeeded());
  }

  @Test
  void asksAPeerForWhatAReaderFoundDamagedAndPutsItBack() {
    healing.onPeerReady(ALICE);
    find(blocks.get(4));
    assertTrue(healing.isNeeded());
    assertEquals(Optional.of(Instant.EPOCH), healing.nextWake());

    List<NodeAction> asked = healing.goOn(T0);

    assertEquals(List.of(ask(ALICE, 1, blocks.get(4))), sends(asked));
    assertThat(told(asked))
        .singleElement()
        .asString()
        .contains("block 5 " + blocks.get(4).hash() + " is damaged");
    assertThat(healing.waitingFor()).hasValueSatisfying(text -> assertThat(text).contains("1 "));
    assertTrue(healing.awaits(ALICE, 1));

    List<NodeAction> healed = healing.onBlocks(ALICE, List.of(blocks.get(4)), false, T0);

    assertThat(told(healed)).singleElement().asString().contains("block 5").contains("is healed");
    assertEquals(Optional.of(blocks.get(4)), store.block(blocks.get(4).hash()));
    assertEquals(List.of(), healing.goOn(T0));
    assertFalse(healing.isNeeded());
    assertFalse(healing.awaits(ALICE, 1));
  }

  @Test
  void asksForAFewAtATimeAndEveryPeerForItsPart() {
    blocks.forEach(this::find);
    healing.onPeerReady(ALICE);
    healing.onPeerReady(BOB);

    assertEquals(
        List.of(
            ask(ALICE, 1, blocks.subList(0, BlockHealing.MAX_BLOCKS_PER_QUESTION)),
            ask(
                BOB,
                1,
                blocks.subList(
                    BlockHealing.MAX_BLOCKS_PER_QUESTION,
                    2 * BlockHealing.MAX_BLOCKS_PER_QUESTION))),
        sends(healing.goOn(T0)));
    healing.onBlocks(ALICE, blocks.subList(0, 10), true, T0);
    assertEquals(List.of(), healing.goOn(T0), "the rest of the answer follows");
    healing.onBlocks(ALICE, blocks.subList(10, 16), false, T0);
    assertEquals(List.of(ask(ALICE, 2, blocks.subList(32, 40))), sends(healing.goOn(T0)));
  }

  @Test
  void asksElsewhereForWhatAPeerLacksRefusesOrDoesNotSendInTime() {
    find(blocks.get(0));
    healing.onPeerReady(ALICE);
    healing.onPeerReady(BOB);
    healing.goOn(T0);

    healing.onBlocks(ALICE, List.of(), false, T0);
    assertEquals(List.of(ask(BOB, 1, blocks.get(0))), sends(healing.goOn(T0)));
    healing.onRefusal(BOB);
    assertEquals(List.of(), healing.goOn(T0), "everybody was asked");
    Moment again = T0.plus(BlockHealing.PAUSE);
    assertEquals(Optional.of(again.steady()), healing.nextWake());
    assertEquals(List.of(), healing.goOn(again.plus(Duration.ofMillis(-1))));
    assertEquals(List.of(ask(ALICE, 2, blocks.get(0))), sends(healing.goOn(again)));

    Moment late = again.plus(BlockHealing.ANSWER_TIMEOUT);
    assertEquals(List.of(), healing.goOn(late.plus(Duration.ofMillis(-1))));
    assertEquals(List.of(ask(BOB, 2, blocks.get(0))), sends(healing.goOn(late)));
    assertFalse(healing.awaits(ALICE, 2));
  }

  @Test
  void whoComesLaterIsAskedAtOnceAndWhoGoesIsForgotten() {
    find(blocks.get(0));
    healing.goOn(T0);
    assertEquals(Optional.empty(), healing.nextWake(), "nobody to ask, so nothing to wake for");

    healing.onPeerReady(ALICE);
    assertEquals(List.of(ask(ALICE, 1, blocks.get(0))), sends(healing.goOn(T0)));
    healing.onPeerGone(ALICE);
    assertFalse(healing.awaits(ALICE, 1));
    healing.onPeerReady(BOB);
    assertEquals(List.of(ask(BOB, 1, blocks.get(0))), sends(healing.goOn(T0)));
  }

  @Test
  void anotherBodyOrAnotherBlockCostsThePeerItsLinkAndIsNotStored() {
    Block asked =
        Blocks.childOf(blocks.get(39)).withTransactions(Blocks.transaction("a", "x", 60)).build();
    chain.add(asked, T0.wall());
    Block emptied = Block.of(asked.header(), Seal.NONE, List.of());
    find(asked);
    healing.onPeerReady(ALICE);
    healing.onPeerReady(BOB);

    healing.goOn(T0);
    expectViolation(ALICE, healing.onBlocks(ALICE, List.of(emptied), false, T0));
    healing.goOn(T0);
    expectViolation(BOB, healing.onBlocks(BOB, List.of(blocks.get(3)), false, T0));

    assertThatThrownBy(() -> store.block(asked.hash())).isInstanceOf(DamagedBlockException.class);
  }

  private static void expectViolation(PeerId peer, List<NodeAction> actions) {
    assertThat(actions)
        .singleElement()
        .isInstanceOfSatisfying(
            Disconnect.class,
            end -> {
              assertEquals(peer, end.peer());
              assertEquals(DisconnectReason.Code.VIOLATION, end.reason().code());
            });
  }

  @Test
  void genesisIsKnownWithoutAsking() {
    find(Blocks.genesis());

    assertEquals(List.of(), healing.goOn(T0));

    assertEquals(Optional.of(Blocks.genesis()), store.block(Blocks.genesis().hash()));
  }

  private static Send ask(PeerId peer, long id, Block... blocks) {
    return ask(peer, id, List.of(blocks));
  }

  private static Send ask(PeerId peer, long id, List<Block> blocks) {
    List<BlockHash> hashes = blocks.stream().map(Block::hash).toList();
    return new Send(peer, Wire.getBlocks(id, hashes));
  }

  private static List<NodeAction> sends(List<NodeAction> actions) {
    return actions.stream().filter(Send.class::isInstance).toList();
  }

  private static List<String> told(List<NodeAction> actions) {
    List<String> told = new ArrayList<>();
    for (NodeAction action : actions) {
      if (action instanceof NodeAction.Tell tell
          && tell.event() instanceof NodeEvent.Warned warned) {
        told.add(warned.sentence());
      }
    }
    return told;
  }
}
