package dev.dolmen.node.wire;

import static dev.dolmen.node.ManyPeers.ALICE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.ImmutableLongArray;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.protocol.BlockHeader;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.NewBlock;
import dev.dolmen.protocol.NewTransactions;
import dev.dolmen.protocol.Transactions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class WireTest {

  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(77, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  private final Transaction entry = Blocks.transaction("alice", "entry", 100);
  private final Block block = Blocks.childOf(Blocks.genesis()).withTransactions(entry).build();

  @Test
  void blocksAndTransactionsComeBackAsTheyWent() throws Exception {
    assertEquals(
        List.of(block, Blocks.genesis()),
        Wire.blocks(
            Wire.blocks(1, List.of(block, Blocks.genesis()), false).getResponse().getBlocks()));
    assertEquals(
        List.of(entry),
        Wire.transactions(
            Wire.transactions(1, List.of(entry), false).getResponse().getTransactions()));
    assertEquals(
        List.of(entry.id()),
        Wire.ids(Wire.newTransactions(List.of(entry.id())).getNewTransactions()));
    Locator locator = new Locator(List.of(block.hash(), Blocks.genesis().hash()));
    assertEquals(locator, Wire.locator(Wire.allBlocks(1, locator).getAllBlocks().getLocatorList()));
  }

  @Test
  void anAnnouncementTellsTheHeaderTheLeavesAndWhatIsPlaced() throws Exception {
    Transaction other = Blocks.transaction("bob", "other", 100);
    Block two = Blocks.childOf(Blocks.genesis()).withTransactions(entry, other).build();

    BlockAnnouncement announcement = announcement(Wire.newBlock(two, List.of(1)).getNewBlock());

    assertEquals(two.header(), announcement.header());
    assertEquals(
        ImmutableLongArray.of(entry.leafHash().w0(), other.leafHash().w0()), announcement.leaves());
    assertEquals(Map.of(1, other), announcement.placed());
  }

  @Test
  void anAnnouncementHasALeafForEachTransaction() {
    NewBlock.Builder announcement = Wire.newBlock(block, List.of()).getNewBlock().toBuilder();

    assertAnnouncementRefused(
        "2 leaves: " + Violation.TRANSACTION_COUNT_MISMATCH.sentence(), announcement.addLeaves(1));
    assertAnnouncementRefused(
        "0 leaves: " + Violation.TRANSACTION_COUNT_MISMATCH.sentence(), announcement.clearLeaves());
  }

  @Test
  void anAnnouncementsPlacesAreAscendingAndInTheBlock() {
    NewBlock whole = Wire.newBlock(block, List.of(0)).getNewBlock();

    assertAnnouncementRefused(
        "placed transactions out of order or range",
        whole.toBuilder().addPlaced(whole.getPlaced(0)));
    NewBlock.Builder outside = whole.toBuilder();
    outside.getPlacedBuilder(0).setIndex(1);
    assertAnnouncementRefused("placed transactions out of order or range", outside);
    NewBlock.Builder huge = whole.toBuilder();
    huge.getPlacedBuilder(0).setIndex(-1);
    assertAnnouncementRefused("placed transactions out of order or range", huge);
  }

  @Test
  void anAnnouncedBlockIsNoLargerThanTheLargest() throws Exception {
    NewBlock whole = Wire.newBlock(block, List.of(0)).getNewBlock();
    assertEquals(block.header(), Wire.announcement(whole, block.size()).header());

    assertEquals(
        "at least " + block.size() + " bytes: " + Violation.BLOCK_TOO_LARGE.sentence(),
        assertThrows(MalformedException.class, () -> Wire.announcement(whole, block.size() - 1))
            .getMessage());
  }

  @Test
  void aHeaderOutOfRangeIsMalformed() {
    assertHeaderRefused("version is out of range", header -> header.setVersion(-1));
    assertHeaderRefused("height is out of range", header -> header.setHeight(-1));
    assertHeaderRefused("timestamp is out of range", header -> header.setTimestamp(-1));
    assertHeaderRefused(
        "transaction count is out of range", header -> header.setTransactionCount(-1));
    assertHeaderRefused("nonce is out of range", header -> header.setNonce(-1));
    assertHeaderRefused(
        "previous hash of 31 bytes, not 32",
        header -> header.setPreviousHash(ByteString.copyFrom(new byte[31])));
    assertHeaderRefused(
        "Merkle root of 33 bytes, not 32",
        header -> header.setMerkleRoot(ByteString.copyFrom(new byte[33])));
  }

  @Test
  void whatIsHashedHasNoUnknownFields() {
    assertHeaderRefused("a header with unknown fields", header -> header.setUnknownFields(UNKNOWN));
    assertTransactionRefused(
        "a transaction with unknown fields", message -> message.setUnknownFields(UNKNOWN));
    dev.dolmen.protocol.Blocks.Builder answer =
        Wire.blocks(1, List.of(block), false).getResponse().getBlocks().toBuilder();
    answer.getBlocksBuilder(0).setUnknownFields(UNKNOWN);
    assertEquals(
        "a block with unknown fields",
        assertThrows(MalformedException.class, () -> Wire.blocks(answer.build())).getMessage());
  }

  @Test
  void aTransactionOutOfRangeIsMalformed() {
    assertTransactionRefused(
        "version 2: " + Violation.TRANSACTION_FORM.sentence(), message -> message.setVersion(2));
    assertTransactionRefused(
        "author of 31 bytes, not 32",
        message -> message.setAuthor(ByteString.copyFrom(new byte[31])));
    assertTransactionRefused(
        "signature of 63 bytes: " + Violation.TRANSACTION_FORM.sentence(),
        message -> message.setSignature(ByteString.copyFrom(new byte[63])));
    assertTransactionRefused(
        "expiry height is out of range", message -> message.setExpiryHeight(-1));
    assertTransactionRefused(
        "payload of 100001 bytes: " + Violation.PAYLOAD_TOO_LARGE.sentence(),
        message -> message.setPayload(ByteString.copyFrom(new byte[100_001])));
  }

  @Test
  void aPayloadMayBeAsLargeAsTheLimit() throws Exception {
    Transactions largest =
        Transactions.newBuilder()
            .addTransactions(
                message().toBuilder().setPayload(ByteString.copyFrom(new byte[100_000])))
            .build();

    assertEquals(100_000, Wire.transactions(largest).get(0).payload().size());
  }

  @Test
  void aMessageAnnouncesAtMostSoManyTransactions() throws Exception {
    ByteString id = Wire.bytes(Hash256.ZERO);
    List<ByteString> most = Collections.nCopies(Limits.MAX_INVENTORY, id);
    assertEquals(
        Limits.MAX_INVENTORY,
        Wire.ids(NewTransactions.newBuilder().addAllIds(most).build()).size());

    NewTransactions tooMany = NewTransactions.newBuilder().addAllIds(most).addIds(id).build();
    assertEquals(
        "1001 ids, at most 1000",
        assertThrows(MalformedException.class, () -> Wire.ids(tooMany)).getMessage());
  }

  @Test
  void requestsAreNumberedFromOneOnEachLink() {
    RequestIds ids = new RequestIds();
    assertFalse(ids.wasAsked(ALICE, 1));

    assertEquals(1, ids.next(ALICE));
    assertEquals(2, ids.next(ALICE));
    assertTrue(ids.wasAsked(ALICE, 1));
    assertTrue(ids.wasAsked(ALICE, 2));
    assertFalse(ids.wasAsked(ALICE, 3));
    assertFalse(ids.wasAsked(ALICE, 0));
    assertFalse(ids.wasAsked(ALICE, -1));

    ids.forget(ALICE);
    assertFalse(ids.wasAsked(ALICE, 1));
  }

  @Test
  void aLargestBlockOfSmallestTransactionsFitsAFrame() {
    for (int largest : new int[] {1024 * 1024, 16 * 1024 * 1024}) {
      Transaction smallest = Blocks.transaction("alice", "", 1L << 40);
      int count = (largest - dev.dolmen.core.block.BlockHeader.BYTES) / smallest.size();
      Block full = Block.of(Blocks.genesis().header(), Collections.nCopies(count, smallest));

      assertTrue(
          Wire.blocks(1, List.of(full), true).getSerializedSize() <= Limits.maxFrameBytes(largest),
          () -> "a full block of " + largest + " bytes");
    }
  }

  private void assertHeaderRefused(String why, Consumer<BlockHeader.Builder> change) {
    NewBlock.Builder announcement = Wire.newBlock(block, List.of()).getNewBlock().toBuilder();
    change.accept(announcement.getHeaderBuilder());
    assertAnnouncementRefused(why, announcement);
  }

  private static void assertAnnouncementRefused(String why, NewBlock.Builder announcement) {
    assertEquals(
        why,
        assertThrows(MalformedException.class, () -> announcement(announcement.build()))
            .getMessage());
  }

  private static BlockAnnouncement announcement(NewBlock message) throws MalformedException {
    return Wire.announcement(message, NetworkParameters.dev().largestBlock());
  }

  private void assertTransactionRefused(
      String why, UnaryOperator<dev.dolmen.protocol.Transaction.Builder> change) {
    Transactions answer =
        Transactions.newBuilder().addTransactions(change.apply(message().toBuilder())).build();
    assertEquals(
        why, assertThrows(MalformedException.class, () -> Wire.transactions(answer)).getMessage());
  }

  private dev.dolmen.protocol.Transaction message() {
    return Wire.transactions(1, List.of(entry), false)
        .getResponse()
        .getTransactions()
        .getTransactions(0);
  }
}
