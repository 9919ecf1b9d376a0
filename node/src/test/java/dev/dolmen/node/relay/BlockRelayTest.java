package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.action.NodeAction.SendAll;
import dev.dolmen.node.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockRelayTest {

  private static final List<Integer> NOTHING = List.of();

  private final BlockRelay relay = new BlockRelay((peer, id) -> true);
  private final Block block = Blocks.chain(1).get(0);

  @Test
  void announcesABlockOnceToEveryPeerInOneEncoding() {
    relay.onPeerReady(ALICE);
    relay.onPeerReady(BOB);

    assertEquals(
        List.of(new SendAll(List.of(ALICE, BOB), Wire.newBlock(block, NOTHING))),
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

    assertEquals(List.of(new Send(ALICE, Wire.newBlock(block, NOTHING))), relay.announce(block));
  }

  @Test
  void placesOnlyWhatAPeerMayLackBesideTheAnnouncement() {
    Transaction shared = Blocks.transaction("alice", "shared", 100);
    Transaction fresh = Blocks.transaction("alice", "fresh", 100);
    Block two = Blocks.childOf(Blocks.genesis()).withTransactions(shared, fresh).build();
    BlockRelay knowing = new BlockRelay((peer, id) -> peer.equals(BOB) || id.equals(shared.id()));
    List.of(ALICE, BOB, CAROL).forEach(knowing::onPeerReady);

    assertEquals(
        List.of(
            new SendAll(List.of(ALICE, CAROL), Wire.newBlock(two, List.of(1))),
            new Send(BOB, Wire.newBlock(two, NOTHING))),
        knowing.announce(two));
  }

  @Test
  void placesNoMoreThanTheLargestTransactionTakes() {
    Transaction largest =
        Blocks.transaction(Blocks.ALICE, Bytes.wrap(new byte[Transaction.MAX_PAYLOAD_BYTES]), 100);
    Transaction small = Blocks.transaction("alice", "small", 100);
    BlockRelay unknowing = new BlockRelay((peer, id) -> false);
    unknowing.onPeerReady(ALICE);
    Block one = Blocks.childOf(Blocks.genesis()).withTransactions(largest, small).build();
    Block other = Blocks.childOf(Blocks.genesis()).withTransactions(small, largest).build();

    assertEquals(List.of(new Send(ALICE, Wire.newBlock(one, List.of(0)))), unknowing.announce(one));
    assertEquals(
        List.of(new Send(ALICE, Wire.newBlock(other, List.of(0)))), unknowing.announce(other));
  }

  @Test
  void placesTheFirstOfManyThatAPeerMayLack() {
    List<Transaction> many = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      many.add(Blocks.transaction(Blocks.ALICE, Bytes.wrap(new byte[10_000 + i]), 100));
    }
    BlockRelay unknowing = new BlockRelay((peer, id) -> false);
    unknowing.onPeerReady(ALICE);
    Block full = Blocks.childOf(Blocks.genesis()).withTransactions(many).build();

    assertEquals(
        List.of(new Send(ALICE, Wire.newBlock(full, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8)))),
        unknowing.announce(full));
  }
}
