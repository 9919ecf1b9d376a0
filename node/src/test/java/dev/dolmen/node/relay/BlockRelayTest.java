package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.Wire;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockRelayTest {

  private final BlockRelay relay = new BlockRelay();
  private final Block block = Blocks.chain(1).get(0);

  @Test
  void announcesABlockOnceToEveryPeer() {
    relay.onPeerReady(ALICE);
    relay.onPeerReady(BOB);

    assertEquals(
        List.of(new Send(ALICE, Wire.newBlock(block)), new Send(BOB, Wire.newBlock(block))),
        relay.announce(block));
    assertEquals(List.of(), relay.announce(block));
  }

  @Test
  void announcesNothingToAPeerThatHasShownItHasTheBlock() {
    relay.onPeerReady(ALICE);
    relay.peerHas(ALICE, block.hash());

    assertEquals(List.of(), relay.announce(block));
  }

  @Test
  void announcesAgainOverANewLink() {
    relay.onPeerReady(ALICE);
    relay.announce(block);
    relay.onPeerGone(ALICE);
    relay.peerHas(ALICE, block.hash());
    relay.onPeerReady(ALICE);

    assertEquals(List.of(new Send(ALICE, Wire.newBlock(block))), relay.announce(block));
  }

  @Test
  void remembersOnlySoManyBlocksOfAPeer() {
    relay.onPeerReady(ALICE);
    Block parent = block;
    relay.peerHas(ALICE, block.hash());
    for (int i = 0; i < BlockRelay.MAX_KNOWN_BLOCKS - 1; i++) {
      parent = Blocks.childOf(parent).build();
      relay.peerHas(ALICE, parent.hash());
    }
    assertEquals(List.of(), relay.announce(block), "as many as there is room for");

    relay.peerHas(ALICE, Blocks.childOf(parent).build().hash());
    assertEquals(1, relay.announce(block).size(), "the oldest is forgotten");
  }
}
