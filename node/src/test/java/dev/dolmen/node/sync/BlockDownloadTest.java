package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static dev.dolmen.node.ManyPeers.CAROL;
import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Predicates;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class BlockDownloadTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));
  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** More than a window of blocks; made once, since each needs a nonce. */
  private static final List<Block> CHAIN =
      Blocks.chain(BlockDownload.MAX_WINDOW_BLOCKS + 2 * Limits.MAX_BLOCKS_PER_REQUEST);

  private static final Predicate<PeerId> NOBODY = Predicates.alwaysFalse();

  private final Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));
  private final BlockDownload download = new BlockDownload(DEV, chain, new RequestIds());

  /** A question that was asked. */
  private record Asked(PeerId peer, long id, int blocks) {}

  @Test
  void asksFirstWhoToldTheBranchAndThenWhoDelivers() {
    follow(CHAIN);
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.onPeerReady(CAROL);
    assertThat(asked(download.ask(BOB::equals, T0)))
        .extracting(Asked::peer)
        .containsExactly(BOB, ALICE, CAROL, BOB, ALICE, CAROL);

    deliver(CAROL, 1, CHAIN.subList(512, 768), false);
    deliver(ALICE, 1, CHAIN.subList(256, 512), false);
    assertThat(asked(download.ask(BOB::equals, T0)).stream().map(Asked::peer).distinct())
        .containsExactly(ALICE, CAROL);
    download.onPeerGone(ALICE); // What she was asked for comes first now.
    deliver(BOB, 1, CHAIN.subList(0, 256), false);
    assertEquals(BOB, asked(download.ask(BOB::equals, T0)).get(0).peer());
  }

  @Test
  void asksEachPeerForAFewRequestsAtFirstAndMoreWithEachAnswer() {
    follow(CHAIN);
    download.onPeerReady(ALICE);

    assertEquals(
        List.of(new Asked(ALICE, 1, 256), new Asked(ALICE, 2, 256)),
        asked(download.ask(NOBODY, T0)));
    assertEquals(List.of(), download.ask(NOBODY, T0));

    deliver(ALICE, 1, CHAIN.subList(0, 256), false);
    assertEquals(
        List.of(new Asked(ALICE, 3, 256), new Asked(ALICE, 4, 256)),
        asked(download.ask(NOBODY, T0)));
    for (int i = 1; i < 40; i++) {
      deliver(ALICE, i + 1, CHAIN.subList(256 * i, Math.min(CHAIN.size(), 256 * (i + 1))), false);
      connectAll();
      download.ask(NOBODY, T0);
      if (i == 15) {
        assertEquals(16 + 16, i + 1 + BlockDownload.MAX_OPEN_REQUESTS);
        assertTrue(download.awaits(ALICE, 32));
        assertFalse(download.awaits(ALICE, 33), "sixteen are open, no more");
      }
      if (i == 33) {
        break;
      }
    }
    assertEquals(CHAIN.size(), chain.tip().height());
  }

  @Test
  void asksAllPeersAtOnceForDifferentBlocks() {
    follow(CHAIN);
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);

    List<NodeAction> actions = download.ask(NOBODY, T0);

    assertEquals(
        List.of(
            new Asked(ALICE, 1, 256),
            new Asked(BOB, 1, 256),
            new Asked(ALICE, 2, 256),
            new Asked(BOB, 2, 256)),
        asked(actions));
    assertEquals(
        4 * 256,
        actions.stream()
            .flatMap(action -> ((Send) action).envelope().getGetBlocks().getHashesList().stream())
            .distinct()
            .count());
  }

  @Test
  void hasNoMoreBlocksUnderWayThanTheWindowHolds() {
    follow(CHAIN);
    for (int i = 1; i <= 20; i++) {
      download.onPeerReady(peer(i));
    }

    int asked = asked(download.ask(NOBODY, T0)).stream().mapToInt(Asked::blocks).sum();

    assertEquals(BlockDownload.MAX_WINDOW_BLOCKS, asked);
    deliver(peer(1), 1, CHAIN.subList(0, 256), false);
    assertThat(download.ask(NOBODY, T0)).isEmpty();
    download.connected(T0);
    assertEquals(1, asked(download.ask(NOBODY, T0)).get(0).blocks(), "one is in the chain");
  }

  @Test
  void learnsTheSizeOfEntriesAndAsksForNoMoreBytesThanTheWindowHolds() {
    List<Block> large = largeBlocks(40, 10);
    follow(large);
    download.onPeerReady(ALICE);
    assertEquals(
        List.of(new Asked(ALICE, 1, 12), new Asked(ALICE, 2, 12)),
        asked(download.ask(NOBODY, T0)),
        "10 entries of 1,000 bytes each, it seems, and two sixteenths of a full request");

    deliver(ALICE, 1, large.subList(0, 12), true);
    deliver(ALICE, 2, large.subList(12, 24), true);

    assertTrue(bytes(large.subList(0, 24)) > BlockDownload.MAX_WINDOW_BYTES);
    assertEquals(16, held(), "a seventeenth would be more than sixteen mebibytes");
  }

  @Test
  void aBlockThatHadNoRoomIsAskedForAgain() {
    List<Block> large = largeBlocks(20, 10);
    follow(large);
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    deliver(ALICE, 1, large.subList(1, 12), true);
    deliver(ALICE, 2, large.subList(12, 20), false);
    assertThat(download.next()).isEmpty();
    deliver(ALICE, 1, large.subList(0, 1), false);
    connectAll();
    assertEquals(16, chain.tip().height());
    int from = 16;
    for (var again = asked(download.ask(NOBODY, T0));
        from < 20;
        again = asked(download.ask(NOBODY, T0))) {
      for (Asked one : again) {
        deliver(ALICE, one.id(), large.subList(from, from + one.blocks()), false);
        from += one.blocks();
      }
    }
    connectAll();
    assertEquals(20, chain.tip().height());
  }

  @Test
  void asksWhoeverIsIdleSoonForWhatAStallingPeerHolds() {
    follow(CHAIN.subList(0, 300));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);
    deliver(BOB, 1, CHAIN.subList(256, 300), false);
    Moment stalled = T0.plus(Patience.FIRST.dividedBy(BlockDownload.IDLE_PART));

    assertEquals(Optional.of(stalled.steady()), download.nextWake());
    download.onTick(stalled.plus(Duration.ofMillis(-1)));
    assertThat(download.ask(NOBODY, T0)).isEmpty();
    assertThat(download.onTick(stalled)).isEmpty();
    assertEquals(List.of(new Asked(BOB, 2, 256)), asked(download.ask(NOBODY, stalled)));
    deliver(BOB, 2, CHAIN.subList(0, 256), false);
    assertEquals(
        Optional.of(T0.steady().plus(Limits.REQUEST_TIMEOUT)),
        download.nextWake(),
        "she keeps her link for a while");
  }

  @Test
  void givesAPeerAllItsPatienceWhileNobodyIsIdle() {
    follow(CHAIN.subList(0, 300));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);
    Moment stalled = T0.plus(Patience.FIRST);

    assertEquals(Optional.of(stalled.steady()), download.nextWake());
    download.onTick(stalled.plus(Duration.ofMillis(-1)));
    download.onPeerReady(CAROL);
    download.onTick(stalled);
    assertThat(asked(download.ask(NOBODY, stalled)))
        .contains(new Asked(CAROL, 1, 256), new Asked(CAROL, 2, 44));
  }

  @Test
  void asksOthersThatAreIdleForWhatAPeerTrickles() {
    follow(CHAIN.subList(0, 300));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);
    Moment soon = T0.plus(Patience.FIRST.dividedBy(2L * BlockDownload.IDLE_PART));
    download.onBlocks(ALICE, 1, CHAIN.subList(0, 1), true, soon);
    connectAll();
    deliver(BOB, 1, CHAIN.subList(256, 300), false);
    Moment late = T0.plus(Patience.FIRST.dividedBy(BlockDownload.IDLE_PART));

    assertEquals(Optional.of(late.steady()), download.nextWake());
    download.onTick(late.plus(Duration.ofMillis(-1)));
    assertThat(download.ask(NOBODY, T0)).isEmpty();
    download.onTick(late);
    assertEquals(List.of(new Asked(BOB, 2, 255)), asked(download.ask(NOBODY, late)));
    assertEquals(List.of(), deliver(ALICE, 1, CHAIN.subList(1, 256), false), "still welcome");
  }

  @Test
  void takesALateAnswerOfAPeerThatWasGivenUp() {
    follow(CHAIN.subList(0, 3));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);
    Moment stalled = T0.plus(Patience.FIRST);
    download.onTick(stalled);
    assertEquals(List.of(new Asked(BOB, 1, 3)), asked(download.ask(NOBODY, stalled)));

    assertEquals(List.of(), deliver(ALICE, 1, CHAIN.subList(0, 3), false));
    connectAll();
    assertEquals(3, chain.tip().height());
    assertEquals(List.of(), deliver(BOB, 1, CHAIN.subList(0, 3), false), "known ones are no fault");
    assertEquals(Optional.empty(), download.nextWake());
  }

  @Test
  void handsOutWhatComesAfterItsBranchWasLeftUnlessItIsHere() {
    follow(CHAIN.subList(0, 3));
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    download.follow(null, T0);
    chain.add(CHAIN.get(0), T0.wall());

    assertEquals(List.of(), deliver(ALICE, 1, CHAIN.subList(0, 2), true));
    assertEquals(CHAIN.subList(1, 2), download.late());
    assertEquals(List.of(), deliver(ALICE, 1, CHAIN.subList(2, 3), false));
    assertEquals(CHAIN.subList(2, 3), download.late());
  }

  @Test
  void thePeerThatIsAloneSimplyStaysAskedUntilItIsTooLate() {
    follow(CHAIN.subList(0, 3));
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    Moment end = T0.plus(Limits.REQUEST_TIMEOUT);

    assertEquals(Optional.of(end.steady()), download.nextWake());
    assertThat(download.onTick(end.plus(Duration.ofMillis(-1)))).isEmpty();
    assertEquals(
        List.of(
            new Disconnect(
                ALICE,
                new DisconnectReason(
                    DisconnectReason.Code.TIMEOUT, "GetBlocks without a block for 30 s"))),
        download.onTick(end));
  }

  @Test
  void trickledBlocksThatAreHereAlreadyAreNoProgress() {
    follow(CHAIN.subList(0, 3));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);
    Moment stalled = T0.plus(Patience.FIRST);
    download.onTick(stalled);
    download.ask(NOBODY, stalled);
    deliver(BOB, 1, CHAIN.subList(0, 3), false);

    download.onBlocks(ALICE, 1, CHAIN.subList(0, 1), true, T0.plus(Duration.ofSeconds(29)));

    assertThat(download.onTick(T0.plus(Limits.REQUEST_TIMEOUT)))
        .singleElement()
        .isInstanceOf(Disconnect.class);
  }

  @Test
  void asksElsewhereForWhatAPeerLeavesOutAndForAllAfterItUntilItShowsSomethingNew() {
    follow(CHAIN.subList(0, 600));
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    deliver(ALICE, 1, CHAIN.subList(0, 200), false);
    deliver(ALICE, 2, List.of(), false);

    assertThat(download.ask(NOBODY, T0)).isEmpty();
    connectAll();
    assertTrue(download.isWithheld());
    download.onPeerReady(BOB);
    assertFalse(download.isWithheld());
    assertEquals(
        List.of(new Asked(BOB, 1, 256), new Asked(BOB, 2, 144)), asked(download.ask(NOBODY, T0)));
    deliver(BOB, 1, CHAIN.subList(200, 456), false);
    deliver(BOB, 2, List.of(), false);
    assertThat(download.ask(NOBODY, T0)).isEmpty();
    download.hasNews(ALICE);
    assertEquals(List.of(new Asked(ALICE, 3, 144)), asked(download.ask(NOBODY, T0)));
  }

  @Test
  void asksOthersForWhatWasAskedOfAPeerThatIsGone() {
    follow(CHAIN.subList(0, 10));
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    download.onPeerReady(BOB);

    download.onPeerGone(ALICE);

    assertEquals(List.of(new Asked(BOB, 1, 10)), asked(download.ask(NOBODY, T0)));
    assertFalse(download.awaits(ALICE, 1));
  }

  @Test
  void aBodyThatIsNotItsHeadersCostsOnlyItsSenderTheLink() {
    Block first = CHAIN.get(0);
    Block other =
        Block.of(first.header(), List.of(Blocks.transaction("alice", "not in the header", 9)));
    follow(CHAIN.subList(0, 300));
    download.onPeerReady(ALICE);
    download.onPeerReady(BOB);
    download.ask(NOBODY, T0);

    assertEquals(
        violation(
            ALICE,
            "block 1 "
                + first.hash()
                + ": The header counts another number of transactions than the body has."),
        deliver(ALICE, 1, List.of(other), true));
    assertTrue(download.awaits(BOB, 1), "Bob's answer is still awaited");
    assertEquals(List.of(new Asked(BOB, 2, 256)), asked(download.ask(NOBODY, T0)));
  }

  @Test
  void disconnectsWhoSendsWhatWasNotAskedForOrAskedForOnce() {
    follow(CHAIN.subList(0, 3));
    download.onPeerReady(ALICE);
    download.ask(NOBODY, T0);
    String sentence = " was not asked for, or came before";

    assertEquals(
        violation(ALICE, "block " + CHAIN.get(7).hash() + sentence),
        deliver(ALICE, 1, CHAIN.subList(7, 8), true));
    deliver(ALICE, 1, CHAIN.subList(0, 1), true);
    assertEquals(
        violation(ALICE, "block " + CHAIN.get(0).hash() + sentence),
        deliver(ALICE, 1, CHAIN.subList(0, 1), true));
    assertEquals(
        violation(ALICE, "GetBlocks answered with nothing, and more of it"),
        deliver(ALICE, 1, List.of(), true));
  }

  @Test
  void isPatientWithASlowPeerAndLessSoAgainWithAFastOne() {
    assertEquals(Duration.ofSeconds(4), Patience.longer(Patience.FIRST));
    assertEquals(Patience.LONGEST, Patience.longer(Patience.LONGEST));
    assertEquals(Duration.ofSeconds(32), Patience.shorter(Patience.LONGEST));
    assertEquals(Patience.FIRST, Patience.shorter(Patience.FIRST));
  }

  @Test
  void givesMoreTimeWhereBlocksAreRareAndTheLineIsShared() {
    NetworkParameters slow = DEV.toBuilder().interval(Duration.ofMinutes(1)).build();
    Blocks blocks = Blocks.on(slow);
    Chain other = new Chain(slow, new MemoryBlockStore(slow));
    BlockDownload patient = new BlockDownload(slow, other, new RequestIds());
    patient.onPeerReady(ALICE);
    patient.onPeerReady(BOB);
    patient.onPeerReady(CAROL);
    patient.follow(branch(other, blocks.chainAfter(blocks.first(), 600)), T0);
    patient.ask(NOBODY, T0);
    Moment end = T0.plus(Duration.ofMinutes(2));

    assertThat(patient.onTick(end.plus(Duration.ofMillis(-1)))).isEmpty();
    assertThat(patient.onTick(end)).hasSize(3);
  }

  private void follow(List<Block> blocks) {
    download.follow(branch(chain, blocks), T0);
  }

  private static Branch branch(Chain chain, List<Block> blocks) {
    Branch branch = new Branch(chain, chain.cursorAt(chain.tip().hash()).orElseThrow());
    branch.becomeTarget();
    List<BlockHeader> headers = blocks.stream().map(Block::header).toList();
    assertEquals(Optional.empty(), branch.add(ALICE, headers, T0.wall()).fault());
    return branch;
  }

  private List<NodeAction> deliver(PeerId peer, long id, List<Block> blocks, boolean more) {
    return download.onBlocks(peer, id, blocks, more, T0);
  }

  private void connectAll() {
    for (var next = download.next(); next.isPresent(); next = download.next()) {
      chain.add(next.get().block(), T0.wall());
      download.connected(T0);
    }
  }

  /** Blocks that wait without a gap before them. */
  private int held() {
    int count = 0;
    for (var next = download.next(); next.isPresent(); next = download.next()) {
      download.connected(T0);
      count++;
    }
    return count;
  }

  /** Blocks of so many entries, each as large as may be: about 1 MB. */
  private static List<Block> largeBlocks(int count, int entries) {
    List<Block> blocks = new ArrayList<>();
    Block tip = Blocks.genesis();
    for (int i = 0; i < count; i++) {
      List<Transaction> transactions = new ArrayList<>();
      for (int j = 0; j < entries; j++) {
        byte[] payload = new byte[100_000];
        Arrays.fill(payload, (byte) (i * entries + j));
        payload[0] = (byte) i;
        transactions.add(Blocks.transaction(Blocks.ALICE, Bytes.wrap(payload), i + 100));
      }
      tip = Blocks.childOf(tip).withTransactions(transactions).build();
      blocks.add(tip);
    }
    return blocks;
  }

  private static long bytes(List<Block> blocks) {
    return blocks.stream().mapToLong(Block::size).sum();
  }

  private static List<Asked> asked(List<NodeAction> actions) {
    return actions.stream()
        .map(Send.class::cast)
        .map(
            send ->
                new Asked(
                    send.peer(),
                    send.envelope().getRequestId(),
                    send.envelope().getGetBlocks().getHashesCount()))
        .toList();
  }

  private static List<NodeAction> violation(PeerId peer, String sentence) {
    return List.of(
        new Disconnect(peer, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence)));
  }
}
