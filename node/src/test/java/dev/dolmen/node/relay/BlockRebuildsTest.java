package dev.dolmen.node.relay;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableLongArray;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult;
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
import dev.dolmen.node.wire.BlockAnnouncement;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockRebuildsTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));
  private static final Moment T2 = T0.plus(BlockRebuilds.ANSWER_TIMEOUT);

  private final NetworkParameters parameters = NetworkParameters.dev();
  private final Chain chain = new Chain(parameters, new MemoryBlockStore(parameters));
  private final Map<Long, Transaction> pool = new HashMap<>();
  private final BlockRelay relay = new BlockRelay((peer, id) -> true);
  private final BlockRebuilds rebuilds =
      new BlockRebuilds(
          parameters,
          chain,
          relay,
          new RequestIds(),
          prefix -> Optional.ofNullable(pool.get(prefix)));
  private final List<PeerId> leftToCatchingUp = new ArrayList<>();
  private final List<BlockHeader> waitedFor = new ArrayList<>();
  private final Transaction one = Blocks.transaction("alice", "one", 100);
  private final Transaction two = Blocks.transaction("alice", "two", 100);
  private final Transaction three = Blocks.transaction("bob", "three", 100);
  private final Block block =
      Blocks.childOf(Blocks.genesis()).withTransactions(one, two, three).build();

  private final BlockRebuilds.Door door = doorInto(chain);

  private BlockRebuilds.Door doorInto(Chain theChain) {
    return new BlockRebuilds.Door() {
      @Override
      public AddBlockResult add(PeerId from, Block whole) {
        return theChain.add(whole, T0.wall());
      }

      @Override
      public List<NodeAction> catchUp(PeerId peer, BlockHash tip) {
        leftToCatchingUp.add(peer);
        return List.of();
      }

      @Override
      public List<NodeAction> waitFor(PeerId peer, BlockHeader early) {
        waitedFor.add(early);
        return List.of();
      }
    };
  }

  // Without asking.

  @Test
  void aBlockWhoseTransactionsArePendingNeedsNoQuestion() {
    hold(one, two, three);

    assertEquals(List.of(), announce(ALICE, block));
    assertEquals(block.hash(), chain.tip().hash());
    assertNothingIsHeld();
  }

  @Test
  void whatComesAlongNeedsNoQuestion() {
    hold(one, three);

    assertEquals(List.of(), announce(ALICE, block, 1));
    assertEquals(block.hash(), chain.tip().hash());
  }

  @Test
  void whoAnnouncesABlockIsNotToldOfIt() {
    relay.onPeerReady(ALICE);
    relay.onPeerReady(BOB);
    hold(one, two, three);

    announce(ALICE, block);
    announce(BOB, block);

    assertEquals(List.of(), relay.announce(block));
  }

  // Missing ones.

  @Test
  void whatIsMissingIsAskedOfTheAnnouncer() {
    hold(two);

    assertEquals(List.of(askPieces(ALICE, 1, 0, 2)), announce(ALICE, block));
    assertTrue(rebuilds.awaits(ALICE, 1));
    assertFalse(rebuilds.awaits(BOB, 1));
    assertEquals(List.of(), answer(ALICE, 1, one, three));
    assertEquals(block.hash(), chain.tip().hash());
    assertNothingIsHeld();
  }

  @Test
  void theRestOfAnAnswerThatHeldWhatFitsIsAskedOfTheSamePeer() {
    List<Transaction> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      byte[] payload = new byte[Transaction.MAX_PAYLOAD_BYTES];
      payload[0] = (byte) i;
      all.add(Blocks.transaction(Blocks.ALICE, Bytes.wrap(payload), 100));
    }
    all.add(one);
    Block large = Blocks.childOf(Blocks.genesis()).withTransactions(all).build();
    announce(ALICE, large);

    assertEquals(
        List.of(new Send(ALICE, Wire.getTransactions(2, large.hash(), List.of(10)))),
        answer(ALICE, 1, all.subList(0, 10).toArray(Transaction[]::new)));
    assertEquals(List.of(), answer(ALICE, 2, one));
    assertEquals(large.hash(), chain.tip().hash());
  }

  @Test
  void theRestOfAnAnswerThatHadRoomForMoreIsAskedOfTheNextAnnouncer() {
    announce(ALICE, block);
    announce(BOB, block);

    assertEquals(List.of(askPieces(BOB, 1, 1, 2)), answer(ALICE, 1, one));
    assertEquals(List.of(), answer(BOB, 1, two));
    assertEquals(List.of(ALICE, BOB), leftToCatchingUp);
    assertNothingIsHeld();
  }

  @Test
  void atMostAThousandAreAskedAtOnce() {
    List<Transaction> many = moreThanAreAskedAtOnce();
    Block large = Blocks.childOf(Blocks.genesis()).withTransactions(many).build();

    assertEquals(
        List.of(
            new Send(
                ALICE,
                Wire.getTransactions(
                    1, large.hash(), IntStream.range(0, Limits.MAX_INVENTORY).boxed().toList()))),
        announce(ALICE, large));
    assertEquals(
        List.of(
            new Send(ALICE, Wire.getTransactions(2, large.hash(), List.of(Limits.MAX_INVENTORY)))),
        answer(ALICE, 1, many.subList(0, Limits.MAX_INVENTORY).toArray(Transaction[]::new)));
  }

  @Test
  void theNextAnnouncerIsAskedAfterTwoSecondsOfSilence() {
    announce(ALICE, block);
    assertEquals(List.of(), announce(BOB, block));

    assertEquals(Optional.of(T2.steady()), rebuilds.nextWake());
    assertEquals(List.of(), rebuilds.onTick(door, T2.plus(Duration.ofMillis(-1))));
    assertEquals(List.of(askPieces(BOB, 1, 0, 1, 2)), rebuilds.onTick(door, T2));
    assertFalse(rebuilds.awaits(ALICE, 1));
  }

  @Test
  void aQuestionThatWasGivenUpCountsUntilItIsAnswered() {
    for (int i = 0; i < BlockRebuilds.MAX_REBUILDS_PER_PEER; i++) {
      assertThat(announce(ALICE, lacking("block " + i))).hasSize(1);
    }
    rebuilds.onTick(door, T2);
    assertNothingIsHeld();
    leftToCatchingUp.clear();

    assertEquals(List.of(), announce(ALICE, lacking("one more")));
    assertEquals(List.of(ALICE), leftToCatchingUp);
    assertThat(announce(BOB, lacking("of another peer"))).hasSize(1);

    rebuilds.isAnswered(ALICE, 1);
    assertThat(announce(ALICE, lacking("the next"))).hasSize(1);
    assertEquals(List.of(), announce(ALICE, lacking("and no more")));
  }

  private static Block lacking(String what) {
    return Blocks.childOf(Blocks.genesis())
        .withTransactions(Blocks.transaction("alice", what, 100))
        .build();
  }

  @Test
  void theNextAnnouncerIsAskedIfTheFirstRefusesGivesNothingOrGoes() {
    List.of(ALICE, BOB, CAROL, peer(4)).forEach(peer -> announce(peer, block));

    assertEquals(List.of(askPieces(BOB, 1, 0, 1, 2)), rebuilds.onRefusal(ALICE, 1, door, T0));
    assertEquals(List.of(askPieces(CAROL, 1, 0, 1, 2)), answer(BOB, 1));
    assertEquals(List.of(), leftToCatchingUp);
    rebuilds.onPeerGone(CAROL, door, T0);
    assertEquals(List.of(ALICE, BOB, peer(4)), leftToCatchingUp, "three were asked");
    assertNothingIsHeld();
  }

  @Test
  void anotherAnnouncementMayBringWhatIsMissing() {
    hold(one);
    announce(ALICE, block);

    announce(BOB, block, 1);
    announce(CAROL, block, 2);

    assertEquals(block.hash(), chain.tip().hash());
    assertNothingIsHeld();
  }

  @Test
  void whatAPeerAnnouncesASecondTimeIsNotPutTogetherAgain() {
    announce(ALICE, block);
    hold(one, two, three);

    assertEquals(List.of(), announce(ALICE, block));
    assertEquals(Blocks.genesis().hash(), chain.tip().hash());
    assertEquals(List.of(), announce(BOB, block));
    assertEquals(block.hash(), chain.tip().hash());
  }

  @Test
  void aBlockThatTricklesInIsLeftToCatchingUpAfterAWhile() {
    List<Transaction> many = moreThanAreAskedAtOnce();
    announce(ALICE, Blocks.childOf(Blocks.genesis()).withTransactions(many).build());
    announce(BOB, Blocks.childOf(Blocks.genesis()).withTransactions(many).build());
    answer(ALICE, 1, many.subList(0, Limits.MAX_INVENTORY).toArray(Transaction[]::new));
    assertTrue(rebuilds.awaits(ALICE, 2));

    rebuilds.onTick(door, T0.plus(BlockRebuilds.REBUILD_TIMEOUT));

    assertEquals(List.of(ALICE, BOB), leftToCatchingUp);
    assertNothingIsHeld();
  }

  @Test
  void aBlockThatComesAnotherWayIsNotAskedForAnyMore() {
    announce(ALICE, block);
    chain.add(block, T0.wall());

    rebuilds.stored(block.hash());

    assertFalse(rebuilds.awaits(ALICE, 1));
    assertNothingIsHeld();
  }

  // What does not fit.

  @Test
  void aRebuildThatDoesNotFitItsRootFetchesTheWholeBlockAndBlamesNobody() {
    hold(one, two);
    pool.put(three.leafPrefix(), Blocks.transaction("bob", "made to have the same prefix", 100));

    assertEquals(List.of(askBlock(ALICE, 1)), announce(ALICE, block));
    assertEquals(List.of(), rebuilds.onBlocks(ALICE, 1, List.of(block), false, door, T0));
    assertEquals(block.hash(), chain.tip().hash());
    assertNothingIsHeld();
  }

  @Test
  void aCollisionBesideMissingOnesShowsWhenTheseHaveCome() {
    pool.put(three.leafPrefix(), Blocks.transaction("bob", "made to have the same prefix", 100));
    announce(ALICE, block);

    assertEquals(List.of(askBlock(ALICE, 2)), answer(ALICE, 1, one, two));
  }

  @Test
  void aPeerThatGivesOthersThanTheLeavesIsAskedForTheBlockSinceTheLeavesMayBeSomeoneElses() {
    announce(ALICE, block);

    assertEquals(List.of(askBlock(ALICE, 2)), answer(ALICE, 1, two));
  }

  @Test
  void aLiarsLeavesDoNotHinderAnHonestAnnouncement() {
    hold(one, two, three);
    BlockAnnouncement lie =
        new BlockAnnouncement(
            block.header(), ImmutableLongArray.of(1, 2, 3), ImmutableSortedMap.of());

    assertEquals(
        List.of(askPieces(ALICE, 1, 0, 1, 2)), rebuilds.onAnnouncement(ALICE, lie, door, T0));
    assertEquals(List.of(), announce(BOB, block));

    assertEquals(block.hash(), chain.tip().hash());
    assertNothingIsHeld();
  }

  @Test
  void anAnnouncerWithOtherLeavesIsAskedForTheWholeBlock() {
    BlockAnnouncement lie =
        new BlockAnnouncement(
            block.header(), ImmutableLongArray.of(1, 2, 3), ImmutableSortedMap.of());
    rebuilds.onAnnouncement(ALICE, lie, door, T0);
    announce(BOB, block);

    assertEquals(List.of(askBlock(BOB, 1)), rebuilds.onTick(door, T2));
  }

  @Test
  void aTransactionThatIsNotItsLeafsIsAViolation() {
    BlockAnnouncement lie =
        new BlockAnnouncement(
            block.header(), announcement(block).leaves(), ImmutableSortedMap.of(0, two));

    assertEquals(
        List.of(violation(ALICE, "NewBlock with a transaction that is not its leaf's")),
        rebuilds.onAnnouncement(ALICE, lie, door, T0));
    assertNothingIsHeld();
  }

  @Test
  void aWholeBlockThatIsNotItsHeadersCostsItsSenderTheLink() {
    needWholeBlock(ALICE);
    announce(BOB, block);
    Block other = Block.of(block.header(), List.of(one, two, two));

    assertEquals(
        List.of(
            violation(
                ALICE,
                "block 1 " + block.hash() + ": " + Violation.MERKLE_ROOT_MISMATCH.sentence()),
            askBlock(BOB, 1)),
        rebuilds.onBlocks(ALICE, 2, List.of(other), false, door, T0));
    assertFalse(chain.isInvalid(block.hash()));
  }

  @Test
  void anotherBlockThanTheOneAskedForIsAViolation() {
    needWholeBlock(ALICE);

    assertThat(rebuilds.onBlocks(ALICE, 2, Blocks.chain(1), false, door, T0))
        .contains(violation(ALICE, "asked for one block, answered others"));
  }

  @Test
  void moreThanWasAskedForIsAViolation() {
    hold(one, two);
    announce(ALICE, block);

    assertThat(answer(ALICE, 1, three, three))
        .contains(violation(ALICE, "more transactions of a block than were asked for"));
  }

  // Headers.

  @Test
  void aHeaderThatBreaksARuleCostsItsSenderTheLinkAndNothingIsFetched() {
    Block weak = Blocks.childOf(Blocks.genesis()).withTransactions(one).buildWithoutWork();

    assertEquals(
        List.of(
            violation(
                ALICE, "block 1 " + weak.hash() + ": " + Violation.NOT_ENOUGH_WORK.sentence())),
        announce(ALICE, weak));
    assertNothingIsHeld();
  }

  @Test
  void aHeaderThatFollowsNothingIsLeftToCatchingUp() {
    assertEquals(List.of(), announce(ALICE, Blocks.chain(2).get(1)));

    assertEquals(List.of(ALICE), leftToCatchingUp);
    assertNothingIsHeld();
  }

  @Test
  void aHeaderFromTheFutureIsWaitedFor() {
    Block early =
        Blocks.childOf(Blocks.genesis())
            .withTime(T0.wall().plus(Duration.ofHours(1)).toEpochMilli())
            .build();

    assertEquals(List.of(), announce(ALICE, early));

    assertEquals(List.of(early.header()), waitedFor);
    assertNothingIsHeld();
  }

  @Test
  void aBlockThatIsKnownIsNoNews() {
    hold(one, two, three);
    announce(ALICE, block);

    assertEquals(List.of(), announce(BOB, block));
  }

  @Test
  void whoAnnouncesAnInvalidBlockLosesTheLinkEachTime() {
    Block late = Blocks.childOf(Blocks.genesis()).withTransactions(expired()).build();
    Block child = Blocks.childOf(late).build();

    assertEquals(List.of(brokeRule(ALICE, late, Violation.EXPIRED)), announce(ALICE, late, 0));
    assertEquals(List.of(brokeRule(BOB, late, Violation.KNOWN_INVALID)), announce(BOB, late, 0));
    assertEquals(
        List.of(brokeRule(CAROL, child, Violation.INVALID_ANCESTOR)), announce(CAROL, child));
  }

  @Test
  void everyoneWhoVouchedForAnInvalidBlockLosesTheLinkWhereBlocksAreCheckedBeforeThat() {
    Block late = Blocks.childOf(Blocks.genesis()).withTransactions(expired()).build();
    announce(ALICE, late);
    announce(BOB, late);

    assertEquals(
        List.of(brokeRule(ALICE, late, Violation.EXPIRED), brokeRule(BOB, late, Violation.EXPIRED)),
        answer(ALICE, 1, expired()));
  }

  @Test
  void aBlockThatIsTooLargeIsNotAnnouncedWhereWorkVouchesForTheRestSinceItsFormIsAViolation() {
    NetworkParameters small = Blocks.retargeting().toBuilder().largestBlock(1_000).build();
    Chain smallChain = new Chain(small, new MemoryBlockStore(small));
    BlockRelay toBob = new BlockRelay((peer, id) -> false);
    toBob.onPeerReady(BOB);
    Bytes payload = Bytes.wrap(new byte[1_000]);
    Transaction large = Blocks.on(small).signed(Blocks.ALICE, payload, 100);
    Block tooLarge =
        Blocks.on(small).after(Blocks.on(small).first()).withTransactions(large).build();

    assertEquals(
        List.of(),
        new BlockRebuilds(small, smallChain, toBob, new RequestIds(), prefix -> Optional.of(large))
            .onAnnouncement(ALICE, announcement(tooLarge), doorInto(smallChain), T0));
    assertTrue(smallChain.isInvalid(tooLarge.hash()));
  }

  // Bounds.

  @Test
  void aPeerHasAtMostSoManyRebuildsAndMoreAreLeftToCatchingUp() {
    for (int i = 0; i < BlockRebuilds.MAX_REBUILDS_PER_PEER; i++) {
      assertEquals(1, announce(ALICE, blockWith(i)).size());
    }
    assertEquals(List.of(), leftToCatchingUp);

    announce(ALICE, blockWith(BlockRebuilds.MAX_REBUILDS_PER_PEER));
    assertEquals(List.of(ALICE), leftToCatchingUp);
    announce(BOB, blockWith(BlockRebuilds.MAX_REBUILDS_PER_PEER));
    assertEquals(List.of(ALICE), leftToCatchingUp);
  }

  @Test
  void thereAreAtMostSoManyRebuildsInAll() {
    int perPeer = BlockRebuilds.MAX_REBUILDS_PER_PEER;
    for (int i = 0; i < BlockRebuilds.MAX_REBUILDS; i++) {
      announce(peer(10 + i / perPeer), blockWith(i));
    }
    assertEquals(List.of(), leftToCatchingUp);

    announce(BOB, blockWith(BlockRebuilds.MAX_REBUILDS));
    assertEquals(List.of(BOB), leftToCatchingUp);
  }

  @Test
  void nothingIsHeldForAPeerThatIsGone() {
    announce(ALICE, block);
    announce(ALICE, blockWith(1));

    assertEquals(List.of(), rebuilds.onPeerGone(ALICE, door, T0));
    assertNothingIsHeld();
  }

  private static List<Transaction> moreThanAreAskedAtOnce() {
    return IntStream.rangeClosed(0, Limits.MAX_INVENTORY)
        .mapToObj(i -> Blocks.transaction("alice", "entry " + i, 100))
        .toList();
  }

  private void hold(Transaction... transactions) {
    for (Transaction transaction : transactions) {
      pool.put(transaction.leafPrefix(), transaction);
    }
  }

  private static Block blockWith(int number) {
    return Blocks.childOf(Blocks.genesis())
        .withTransactions(Blocks.transaction("alice", "in block " + number, 100))
        .build();
  }

  private static Transaction expired() {
    return Blocks.transaction("alice", "late", 0);
  }

  private void needWholeBlock(PeerId peer) {
    announce(peer, block);
    assertEquals(List.of(askBlock(peer, 2)), answer(peer, 1, two));
  }

  private List<NodeAction> announce(PeerId peer, Block announced, Integer... placed) {
    return rebuilds.onAnnouncement(peer, announcement(announced, placed), door, T0);
  }

  private static BlockAnnouncement announcement(Block announced, Integer... placed) {
    ImmutableSortedMap.Builder<Integer, Transaction> along = ImmutableSortedMap.naturalOrder();
    for (int index : placed) {
      along.put(index, announced.transactions().get(index));
    }
    return new BlockAnnouncement(
        announced.header(),
        ImmutableLongArray.copyOf(
            announced.transactions().stream().mapToLong(Transaction::leafPrefix)),
        along.build());
  }

  private List<NodeAction> answer(PeerId peer, long requestId, Transaction... transactions) {
    return rebuilds.onTransactions(peer, requestId, List.of(transactions), door, T0);
  }

  private Send askPieces(PeerId peer, long requestId, Integer... indexes) {
    return new Send(peer, Wire.getTransactions(requestId, block.hash(), List.of(indexes)));
  }

  private Send askBlock(PeerId peer, long requestId) {
    return new Send(peer, Wire.getBlocks(requestId, List.of(block.hash())));
  }

  private void assertNothingIsHeld() {
    assertEquals(Optional.empty(), rebuilds.nextWake());
  }

  private static Disconnect brokeRule(PeerId peer, Block broken, Violation violation) {
    return violation(
        peer, "block " + broken.height() + " " + broken.hash() + ": " + violation.sentence());
  }

  private static Disconnect violation(PeerId peer, String sentence) {
    return new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence));
  }
}
