package dev.dolmen.node;

import static dev.dolmen.node.ManyPeers.ALICE;
import static dev.dolmen.node.ManyPeers.BOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.mining.NonceSearch;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Mine;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.action.NodeAction.SendAll;
import dev.dolmen.node.action.NodeAction.Tell;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodeTest {

  private static final Moment T0 = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));

  private final Node node = node(NetworkParameters.dev(), false);
  private final Transaction entry = Blocks.transaction("bob", "entry", 100);

  private static Node node(NetworkParameters parameters, boolean mines) {
    return new Node(
        parameters,
        new MemoryBlockStore(parameters),
        Blocks.ALICE.publicKey(),
        Blocks.ALICE.asSigner(),
        mines,
        new SplittableRandom(1));
  }

  // On demand.

  @Test
  void makesABlockAtOnceForAnEntryOfItsOwnApiAndAnnouncesItBeforeTheEntry() {
    meet(ALICE);

    Answer<SubmitResult> answer = node.submit(bytes("mine"), OptionalLong.empty(), T0);

    Transaction transaction = accepted(answer);
    assertEquals(1, node.view().tip().height());
    assertEquals(0, node.view().mempoolTransactions());
    assertEquals(Blocks.ALICE.publicKey(), transaction.author());
    assertEquals(250, transaction.expiryHeight());
    Block block = node.reader().block(node.view().tip().hash()).orElseThrow();
    assertEquals(List.of(transaction), block.transactions());
    assertEquals(
        List.of(
            new Send(ALICE, Wire.newBlock(block, List.of(0))),
            new Send(ALICE, Wire.newTransactions(List.of(transaction.id())))),
        sends(answer.actions()));
    assertThat(answer.actions())
        .contains(
            changed(transaction.id(), TransactionState.PENDING),
            changed(transaction.id(), TransactionState.INCLUDED));
  }

  @Test
  void makesABlockForAnEntryOfAPeerAfterAWhile() {
    hear(entry);
    Moment due = Moment.at(node.nextWake().orElseThrow());

    assertThat(Duration.between(T0.steady(), due.steady()))
        .isBetween(Duration.ofMillis(200), Duration.ofSeconds(1));
    node.onTick(due.plus(Duration.ofMillis(-1)));
    assertEquals(0, node.view().tip().height());
    node.onTick(due);
    assertEquals(1, node.view().tip().height());
    assertEquals(TransactionState.INCLUDED, node.transaction(entry.id()).orElseThrow().state());
  }

  @Test
  void makesNoBlockForAnEntryThatAnotherNodeIncludedMeanwhile() {
    hear(entry);
    Block theirs = Blocks.childOf(Blocks.genesis()).withTransactions(entry).build();

    receive(ALICE, Wire.newBlock(theirs, List.of()));

    assertEquals(theirs.hash(), node.view().tip().hash());
    node.onTick(T0.plus(Duration.ofSeconds(1)));
    assertEquals(1, node.view().tip().height());
  }

  @Test
  void whatItsUsersGaveWaitsForABlockAfterARestart() {
    NetworkParameters dev = NetworkParameters.dev();
    MemoryBlockStore store = new MemoryBlockStore(dev);
    Moment beforeTheChain = Moment.at(Instant.parse("2025-01-01T00:00:00Z"));
    Node before = node(dev, store);
    TransactionId id =
        accepted(before.submit(bytes("kept"), OptionalLong.empty(), beforeTheChain)).id();
    assertEquals(0, store.tip().height(), "no block while the clock is wrong");
    before.onReceived(ALICE, Wire.newTransactions(List.of(entry.id())), beforeTheChain);

    Node after = node(dev, store);

    assertEquals(TransactionState.PENDING, after.transaction(id).orElseThrow().state());
    assertEquals(1, after.view().mempoolTransactions());
    after.onTick(T0);
    after.onTick(Moment.at(after.nextWake().orElseThrow()));
    assertEquals(TransactionState.INCLUDED, after.transaction(id).orElseThrow().state());
    assertEquals(0, node(dev, store).view().mempoolTransactions());
  }

  /** Both branches must be read to change over; a damaged block of ours is not there to be read. */
  @Test
  void aReorganisationWaitsUntilADamagedBlockIsHealed() {
    WatchedStore store = new WatchedStore(NetworkParameters.dev());
    Node rotten = node(NetworkParameters.dev(), store);
    Block ours = rotten.makeBlock(T0).value().orElseThrow();
    rotten.makeBlock(T0);
    store.damage(ours.hash());
    List<Block> theirs = new ArrayList<>(List.of(Blocks.genesis()));
    for (int i = 0; i < 3; i++) {
      theirs.add(
          Blocks.childOf(theirs.get(i))
              .withTransactions(Blocks.transaction("b", "" + i, 9))
              .build());
    }
    rotten.onPeerReady(ALICE, "alice:1", T0);
    for (Block block : theirs.subList(1, 4)) {
      rotten.onMined(block, T0);
    }
    assertEquals(2, rotten.view().tip().height());
    List<NodeAction> asked = rotten.onTick(T0);
    long id = 2; // After the question for headers with which every link begins.
    assertThat(sends(asked)).isEmpty();
    assertThat(rotten.view().waitingFor()).isPresent();

    List<NodeAction> healed = rotten.onReceived(ALICE, Wire.blocks(id, List.of(ours), false), T0);

    assertThat(healed).anyMatch(action -> action.toString().contains("is healed"));
    rotten.onMined(theirs.get(3), T0);
    assertEquals(theirs.get(3).hash(), rotten.view().tip().hash());
  }

  @Test
  void countsTheUsualExpiryFromWhereTheChainIsKnownToBe() {
    List<Block> chain = Blocks.chain(200);
    Node near = behind(chain.subList(0, 7));
    assertEquals(7, near.view().catchingUp().orElseThrow().toHeight());
    assertEquals(
        7 + 250, accepted(near.submit(bytes("x"), OptionalLong.empty(), T0)).expiryHeight());

    Node far = behind(chain.subList(0, 193));
    assertEquals(
        1 + 256, accepted(far.submit(bytes("x"), OptionalLong.empty(), T0)).expiryHeight());

    Node tooFar = behind(chain.subList(0, 194));
    assertThat(tooFar.submit(bytes("x"), OptionalLong.empty(), T0).value())
        .isInstanceOfSatisfying(
            SubmitResult.NoRoom.class,
            later -> assertThat(later.why()).contains("it is at 0 of 194").contains("try again"));
  }

  @Test
  void headersOfWhichNoBlockComesKeepNobodyFromWriting() {
    List<Block> chain = Blocks.chain(200);
    Node misled = behind(chain.subList(0, 195));
    Moment soon = T0.plus(Duration.ofSeconds(1));
    assertThat(misled.submit(bytes("x"), OptionalLong.empty(), soon).value())
        .isInstanceOf(SubmitResult.NoRoom.class);

    Moment later = T0.plus(Duration.ofSeconds(2));
    assertEquals(
        250, accepted(misled.submit(bytes("x"), OptionalLong.empty(), later)).expiryHeight());

    Node behind = behind(chain.subList(0, 195));
    behind.onReceived(ALICE, Wire.blocks(2, chain.subList(0, 1), true), soon);
    assertThat(behind.submit(bytes("x"), OptionalLong.empty(), later).value())
        .isInstanceOfSatisfying(
            SubmitResult.NoRoom.class,
            refused -> assertThat(refused.why()).contains("it is at 1 of 195"));
  }

  /** A node that has nothing, and was told these headers. */
  private static Node behind(List<Block> chain) {
    Node behind = node(NetworkParameters.dev(), false);
    behind.onPeerReady(ALICE, "alice:1", T0);
    behind.onReceived(ALICE, Wire.headers(1, chain.stream().map(Block::header).toList()), T0);
    return behind;
  }

  @Test
  void storesNothingWhileTheDiskIsNearlyFullAndGoesOnByItself() {
    WatchedStore store = new WatchedStore(NetworkParameters.dev());
    Node full = node(NetworkParameters.dev(), store);
    store.room = Node.DISK_RESERVE_BYTES;
    accepted(full.submit(bytes("fits"), OptionalLong.empty(), T0));
    assertEquals(1, full.view().tip().height());

    store.room = Node.DISK_RESERVE_BYTES - 1;
    Moment later = T0.plus(Node.ROOM_PAUSE);
    Answer<SubmitResult> refused = full.submit(bytes("waits"), OptionalLong.empty(), later);

    assertThat(refused.value()).isInstanceOf(SubmitResult.NoRoom.class);
    assertThat(((SubmitResult.NoRoom) refused.value()).why()).contains("free some", "320 MiB");
    assertThat(refused.actions()).anyMatch(action -> action.toString().contains("nearly full"));
    assertEquals(Optional.empty(), full.makeBlock(later).value());
    assertTrue(full.view().diskIsFull());
    assertThat(full.view().waitingFor().orElseThrow()).contains("room");
    int calls = store.calls();
    Block theirs =
        Blocks.childOf(full.reader().block(full.view().tip().hash()).orElseThrow()).build();
    full.onPeerReady(ALICE, "a", later);
    List<NodeAction> heard = full.onReceived(ALICE, Wire.newBlock(theirs, List.of()), later);
    assertThat(heard).noneMatch(action -> action instanceof Disconnect);
    assertEquals(calls, store.calls(), "nothing was written");

    store.room = Node.ENOUGH_DISK_BYTES - 1;
    Moment wake = Moment.at(full.nextWake().orElseThrow());
    full.onTick(wake);
    assertTrue(full.view().diskIsFull());
    store.room = Node.ENOUGH_DISK_BYTES;
    full.onTick(wake.plus(Node.NO_ROOM_PAUSE));
    assertThat(full.view().diskIsFull()).isFalse();
    Moment after = wake.plus(Node.NO_ROOM_PAUSE);
    accepted(full.submit(bytes("goes on"), OptionalLong.empty(), after));
    assertEquals(2, full.view().tip().height());
  }

  @Test
  void whatItsUsersGiveIsKeptOnce() {
    NetworkParameters parameters = Blocks.retargeting();
    MemoryBlockStore store = new MemoryBlockStore(parameters);
    Node hashing = node(parameters, store);
    for (int i = 0; i < 3; i++) {
      accepted(hashing.submit(bytes("again"), OptionalLong.of(100), T0));
    }
    List<Transaction> kept = new ArrayList<>();
    store.forEachKept(kept::add);
    assertThat(kept).hasSize(1);
  }

  private static Node node(NetworkParameters parameters, BlockStore store) {
    return new Node(
        parameters,
        store,
        Blocks.ALICE.publicKey(),
        Blocks.ALICE.asSigner(),
        false,
        new SplittableRandom(1));
  }

  @Test
  void makesABlockWhenAsked() {
    Block first = node.makeBlock(T0).value().orElseThrow();
    Block second = node.makeBlock(T0).value().orElseThrow();

    assertEquals(2, second.height());
    assertEquals(first.hash(), second.header().previousHash());
    assertTrue(second.header().timestamp() > first.header().timestamp(), "above the median");
  }

  @Test
  void makesNoBlockOnDemandWhereTheTargetIsNotFixed() {
    Node hashing = node(Blocks.retargeting(), false);

    assertEquals(Optional.empty(), hashing.makeBlock(T0).value());
    accepted(hashing.submit(bytes("waits"), OptionalLong.empty(), T0));
    assertEquals(1, hashing.view().mempoolTransactions());
    assertEquals(Optional.empty(), hashing.nextWake());
  }

  // Hashing.

  @Test
  void hashesAllTheTimeAndStartsOverForEachNewTip() {
    NetworkParameters parameters = Blocks.retargeting();
    Node hashing = node(parameters, true);
    Mine first = mine(hashing.onTick(Moment.at(hashing.nextWake().orElseThrow())));
    long nonce =
        new NonceSearch(first.template().header())
            .search(NonceSearch.Range.all(), () -> false)
            .orElseThrow();

    List<NodeAction> actions = hashing.onMined(first.template().withNonce(nonce), T0);

    assertEquals(1, hashing.view().tip().height());
    assertEquals(2, mine(actions).template().header().height());
  }

  @Test
  void startsOverNowAndThenForNewEntriesAndANewerTime() {
    Node hashing = node(Blocks.retargeting(), true);
    assertThat(hashing.onTick(T0)).hasAtLeastOneElementOfType(Mine.class);
    Moment old = T0.plus(Node.TEMPLATE_LIFE);
    assertEquals(Optional.of(old.steady()), hashing.nextWake());
    assertThat(hashing.onTick(old.plus(Duration.ofMillis(-1)))).isEmpty();
    Transaction transaction = accepted(hashing.submit(bytes("x"), OptionalLong.empty(), T0));

    assertEquals(List.of(transaction), mine(hashing.onTick(old)).template().transactions());
  }

  // Entries.

  @Test
  void refusesASecondPlaceInTheChainButRepeatsTheAnswerWhilePending() {
    Node hashing = node(Blocks.retargeting(), false);
    Transaction pending = accepted(hashing.submit(bytes("once"), OptionalLong.of(100), T0));
    assertEquals(pending, accepted(hashing.submit(bytes("once"), OptionalLong.of(100), T0)));

    Transaction included = accepted(node.submit(bytes("once"), OptionalLong.of(100), T0));
    SubmitResult again = node.submit(bytes("once"), OptionalLong.of(100), T0).value();
    assertTrue(again instanceof SubmitResult.AlreadyIncluded, again.toString());
    assertEquals(included.id(), ((SubmitResult.AlreadyIncluded) again).place().id());
  }

  @Test
  void saysWhyItRefusesAnEntryAndWhatToDo() {
    node.makeBlock(T0);
    assertEquals(
        new SubmitResult.Refused(
            "expiry 1 is not above the tip, which is at 1; choose one up to 251"),
        node.submit(bytes("late"), OptionalLong.of(1), T0).value());
    accepted(node.submit(bytes("in time"), OptionalLong.of(2), T0));

    long furthest = node.view().tip().height() + 1 + 256 + 64;
    accepted(node.submit(bytes("early"), OptionalLong.of(furthest), T0));
    assertEquals(
        new SubmitResult.Refused(
            "expiry 325 is too far ahead; send it again once the tip, now at 3, has reached 4"),
        node.submit(bytes("too early"), OptionalLong.of(furthest + 2), T0).value());
  }

  @Test
  void remembersThatAnEntryHasExpired() {
    Node hashing = node(Blocks.retargeting(), false);
    Transaction shortLived = accepted(hashing.submit(bytes("x"), OptionalLong.of(1), T0));
    Block without =
        Blocks.on(Blocks.retargeting()).chainAfter(Blocks.retargeting().genesis(), 1).get(0);

    hashing.onReceived(ALICE, Wire.newBlock(without, List.of()), T0);

    assertThat(hashing.onTick(T0)).contains(changed(shortLived.id(), TransactionState.EXPIRED));
    assertEquals(
        TransactionState.EXPIRED, hashing.transaction(shortLived.id()).orElseThrow().state());
  }

  @Test
  void givesBackWhatAReorganisationTookOutAndAnnouncesItAgain() {
    meet(ALICE);
    Transaction ours = accepted(node.submit(bytes("ours"), OptionalLong.empty(), T0));
    List<Block> theirs = Blocks.chain(2);
    meet(BOB);
    receive(BOB, Wire.headers(1, theirs.stream().map(Block::header).toList()));

    List<NodeAction> actions = receive(BOB, Wire.blocks(2, theirs, false));

    assertEquals(theirs.get(1).hash(), node.view().tip().hash());
    assertEquals(1, node.view().mempoolTransactions());
    assertThat(actions).contains(changed(ours.id(), TransactionState.PENDING));
    assertThat(sends(actions)).contains(new Send(BOB, Wire.newTransactions(List.of(ours.id()))));
    NodeEvent.TipMoved moved = moved(actions);
    assertEquals(1, moved.update().disconnected().size());
    assertEquals(2, moved.update().connected().size());
  }

  @Test
  void takesTheEntriesOfAnEqualBranchAsPendingSoThatTheTieDissolves() {
    accepted(node.submit(bytes("ours"), OptionalLong.empty(), T0));
    Block theirs = Blocks.childOf(Blocks.genesis()).withTransactions(entry).build();

    receive(ALICE, Wire.newBlock(theirs, List.of(0)));

    assertEquals(TransactionState.PENDING, node.transaction(entry.id()).orElseThrow().state());
    node.onTick(Moment.at(node.nextWake().orElseThrow()));
    assertEquals(2, node.view().tip().height());
    assertEquals(TransactionState.INCLUDED, node.transaction(entry.id()).orElseThrow().state());
  }

  @Test
  void announcesOnceATransactionItHeard() {
    meet(BOB);

    assertThat(sends(hear(entry)))
        .contains(new Send(BOB, Wire.newTransactions(List.of(entry.id()))))
        .doesNotContain(new Send(ALICE, Wire.newTransactions(List.of(entry.id()))));
  }

  @Test
  void fetchesAnEntryThatWasTooEarlyAgainOnceItFitsAndAnnouncesItThen() {
    meet(BOB);
    Transaction early = Blocks.transaction("bob", "early", 1 + 256 + 64 + 2);
    assertThat(sends(hear(early))).isEmpty();
    assertEquals(0, node.view().mempoolTransactions());

    assertThat(sends(node.makeBlock(T0).actions()))
        .doesNotContain(new Send(ALICE, Wire.getTransactions(3, List.of(early.id()))));
    assertThat(sends(node.makeBlock(T0).actions()))
        .contains(new Send(ALICE, Wire.getTransactions(3, List.of(early.id()))));

    assertThat(sends(receive(ALICE, Wire.transactions(3, List.of(early), false))))
        .containsExactly(new Send(BOB, Wire.newTransactions(List.of(early.id()))));
  }

  @Test
  void doesNotFetchAnEntryWhoseBlockArrivesMeanwhile() {
    meet(ALICE);
    meet(BOB);
    receive(ALICE, Wire.newTransactions(List.of(entry.id())));
    receive(BOB, Wire.newTransactions(List.of(entry.id())));
    receive(
        BOB,
        Wire.newBlock(
            Blocks.childOf(Blocks.genesis()).withTransactions(entry).build(), List.of(0)));

    assertThat(sends(node.onTick(T0.plus(Duration.ofSeconds(10))))).isEmpty();
  }

  @Test
  void announcesABlockBeforeItsSignaturesAreVerifiedWhereWorkVouchesForIt() {
    NetworkParameters parameters = Blocks.retargeting();
    Blocks blocks = Blocks.on(parameters);
    Node hashing = node(parameters, false);
    hashing.onPeerReady(ALICE, "127.0.0.1:1", T0);
    hashing.onPeerReady(BOB, "127.0.0.1:2", T0);
    Transaction forged =
        Transaction.of(
            Blocks.BOB.publicKey(),
            100,
            bytes("forged"),
            blocks.signed(Blocks.BOB, "x", 100).signature());
    Block bad = blocks.after(parameters.genesis()).withTransactions(forged).build();
    Block good = blocks.after(parameters.genesis()).build();

    assertEquals(
        List.of(new Send(BOB, Wire.newBlock(bad, List.of(0)))),
        hashing.onReceived(ALICE, Wire.newBlock(bad, List.of(0)), T0));
    assertEquals(Optional.of(T0.steady()), hashing.nextWake());
    assertEquals(List.of(), hashing.onTick(T0), "nobody is punished");
    assertEquals(0, hashing.view().tip().height());

    assertEquals(
        List.of(new Send(BOB, Wire.newBlock(good, List.of()))),
        hashing.onReceived(ALICE, Wire.newBlock(good, List.of()), T0));
    assertEquals(List.of(), sends(hashing.onTick(T0)), "announced once");
    assertEquals(good.hash(), hashing.view().tip().hash());
  }

  @Test
  void punishesWhoAnnouncesAnInvalidBlockWhereItIsCheckedBeforeThat() {
    meet(ALICE);
    Transaction forged =
        Transaction.of(Blocks.BOB.publicKey(), 100, bytes("forged"), entry.signature());
    Block bad = Blocks.childOf(Blocks.genesis()).withTransactions(forged).build();

    assertThat(receive(ALICE, Wire.newBlock(bad, List.of(0))))
        .hasOnlyElementsOfType(Disconnect.class)
        .hasSize(1);
    assertThat(receive(BOB, Wire.newBlock(bad, List.of(0))))
        .hasAtLeastOneElementOfType(Disconnect.class);
  }

  // While catching up.

  @Test
  void announcesAndTellsOneTipForAllBlocksThatAreCaughtUpWith() {
    meet(ALICE);
    meet(BOB);
    List<Block> chain = Blocks.chain(6);
    receive(ALICE, Wire.headers(1, chain.stream().map(Block::header).toList()));
    assertEquals(6, node.view().headerHeight());

    List<NodeAction> part = receive(ALICE, Wire.blocks(2, chain.subList(0, 3), true));
    assertEquals(List.of(), sends(part), "nothing while more follows");
    assertThat(part).noneMatch(Tell.class::isInstance);
    assertEquals(3, node.view().tip().height());
    assertTrue(node.view().syncing());
    assertThat(node.view().waitingFor().orElseThrow()).startsWith("blocks 4 to 6 from 01");

    List<NodeAction> rest = receive(ALICE, Wire.blocks(2, chain.subList(3, 6), false));
    assertEquals(List.of(new Send(BOB, Wire.newBlock(chain.get(5), List.of()))), sends(rest));
    assertEquals(6, moved(rest).update().connected().size());
    assertThat(node.view().syncing()).isFalse();
  }

  @Test
  void announcesANewTipAfterASecondEvenIfASlowSourceKeepsItCatchingUp() {
    meet(ALICE);
    meet(BOB);
    List<Block> chain = Blocks.chain(6);
    receive(ALICE, Wire.headers(1, chain.stream().map(Block::header).toList()));
    receive(ALICE, Wire.blocks(2, chain.subList(0, 3), true));
    Moment due = T0.plus(Node.ANNOUNCEMENT_PAUSE);

    Send announcement = new Send(BOB, Wire.newBlock(chain.get(2), List.of()));
    assertThat(sends(node.onTick(due.plus(Duration.ofMillis(-1))))).doesNotContain(announcement);
    assertThat(node.nextWake().orElseThrow()).isBeforeOrEqualTo(due.steady());
    assertThat(sends(node.onTick(due))).contains(announcement);
    assertTrue(node.view().syncing());
  }

  @Test
  void announcesItsOwnBlockAtOnceWhateverElseIsBeingFetched() {
    meet(ALICE);
    meet(BOB);
    List<Block> chain = Blocks.chain(6);
    receive(ALICE, Wire.headers(1, chain.stream().map(Block::header).toList()));
    assertTrue(node.view().syncing());

    Answer<Optional<Block>> made = node.makeBlock(T0);

    Envelope announcement = Wire.newBlock(made.value().orElseThrow(), List.of());
    assertThat(sends(made.actions()))
        .contains(new Send(ALICE, announcement), new Send(BOB, announcement));
    assertEquals(1, moved(made.actions()).update().connected().size());
  }

  // Bad input.

  @Test
  void disconnectsWhoBreaksTheProtocol() {
    meet(ALICE);
    assertViolation("a second Hello", Envelope.newBuilder().setHello(Hello.getDefaultInstance()));
    assertViolation("a request without an id", Wire.latestBlock(0).toBuilder());
    assertViolation(
        "a Response to a request that was never made",
        Wire.blocks(99, List.of(), false).toBuilder());
    assertViolation(
        "a Response to a request that was never made",
        Wire.blocks(0, List.of(), false).toBuilder());
    assertViolation(
        "asked for headers, answered TRANSACTIONS",
        Wire.transactions(1, List.of(), false).toBuilder());
    assertViolation(
        "PING: tip of 0 bytes, not 32", Envelope.newBuilder().setPing(Ping.getDefaultInstance()));
  }

  @Test
  void ignoresALateAnswerAndWhatALaterVersionMayMean() {
    meet(ALICE);
    receive(ALICE, Wire.headers(1, List.of()));

    assertEquals(List.of(), receive(ALICE, Wire.blocks(1, Blocks.chain(1), false)));
    assertEquals(List.of(), receive(ALICE, Envelope.getDefaultInstance()));
    assertEquals(0, node.view().tip().height());
  }

  @Test
  void disconnectsWhoSendsATransactionThatIsNotItsAuthors() {
    Transaction forged =
        Transaction.of(
            Blocks.BOB.publicKey(),
            100,
            bytes("forged"),
            Blocks.transaction("bob", "other", 100).signature());

    assertThat(hear(forged))
        .contains(
            violation(
                "transaction "
                    + forged.id()
                    + ": A transaction's signature is not its author's over it for this network."));
    assertEquals(0, node.view().mempoolTransactions());
  }

  @Test
  void passesARefusalOnToWhoeverAsked() {
    meet(ALICE);
    receive(ALICE, ping(node.view().tip().hash()));

    assertEquals(
        List.of(), receive(ALICE, Wire.refusal(1, Refusal.Reason.CANNOT_SERVE, "not now")));
    assertEquals(Optional.empty(), node.nextWake(), "nothing is awaited any more");
  }

  @Test
  void holdsNothingForAPeerThatIsGone() {
    meet(ALICE);
    receive(ALICE, Wire.newTransactions(List.of(new TransactionId(Hash256.ZERO))));

    node.onPeerGone(ALICE, T0);

    assertEquals(Optional.empty(), node.nextWake());
    assertEquals(Optional.of("a peer to connect"), node.view().waitingFor());
  }

  @Test
  void aPeerWhoseTipStaysBehindGivesItsPlaceToAnother() {
    meet(ALICE);
    node.makeBlock(T0);
    receive(ALICE, ping(Blocks.genesis().hash()));
    Moment later = T0.plus(Duration.ofMinutes(20));

    assertThat(node.onTick(later.plus(Duration.ofMillis(-1))))
        .doesNotHaveAnyElementsOfTypes(NodeAction.Replace.class);
    assertThat(node.onTick(later)).hasAtLeastOneElementOfType(NodeAction.Replace.class);
  }

  @Test
  void aPeerThatHasOurTipStays() {
    meet(ALICE);
    node.makeBlock(T0);
    receive(ALICE, ping(node.view().tip().hash()));

    assertThat(node.onTick(T0.plus(Duration.ofMinutes(20))))
        .doesNotHaveAnyElementsOfTypes(NodeAction.Replace.class);
  }

  private static Envelope ping(BlockHash tip) {
    return Envelope.newBuilder()
        .setPing(Ping.newBuilder().setTipHash(Wire.bytes(tip.value())))
        .build();
  }

  private void meet(PeerId peer) {
    node.onPeerReady(peer, "127.0.0.1:1", T0);
  }

  private List<NodeAction> receive(PeerId peer, Envelope envelope) {
    return node.onReceived(peer, envelope, T0);
  }

  /** Alice announces a transaction and sends it when asked. */
  private List<NodeAction> hear(Transaction transaction) {
    meet(ALICE);
    receive(ALICE, Wire.newTransactions(List.of(transaction.id())));
    return receive(ALICE, Wire.transactions(2, List.of(transaction), false));
  }

  private void assertViolation(String sentence, Envelope.Builder envelope) {
    assertEquals(List.of(violation(sentence)), receive(ALICE, envelope.build()));
  }

  private static Disconnect violation(String sentence) {
    return new Disconnect(ALICE, new DisconnectReason(DisconnectReason.Code.VIOLATION, sentence));
  }

  private static Transaction accepted(Answer<SubmitResult> answer) {
    if (answer.value() instanceof SubmitResult.Accepted accepted) {
      return accepted.transaction();
    }
    throw new AssertionError("not accepted: " + answer.value());
  }

  private static Bytes bytes(String text) {
    return Bytes.wrap(text.getBytes(UTF_8));
  }

  private static Tell changed(TransactionId id, TransactionState state) {
    return new Tell(new NodeEvent.TransactionChanged(id, state));
  }

  /** Each message to each peer. */
  private static List<NodeAction> sends(List<NodeAction> actions) {
    return actions.stream()
        .flatMap(
            action ->
                action instanceof SendAll all
                    ? all.peers().stream().map(peer -> new Send(peer, all.envelope()))
                    : Stream.of(action))
        .filter(Send.class::isInstance)
        .toList();
  }

  private static NodeEvent.TipMoved moved(List<NodeAction> actions) {
    List<NodeEvent.TipMoved> moves = new ArrayList<>();
    for (NodeAction action : actions) {
      if (action instanceof Tell tell && tell.event() instanceof NodeEvent.TipMoved moved) {
        moves.add(moved);
      }
    }
    assertEquals(1, moves.size());
    return moves.get(0);
  }

  private static Mine mine(List<NodeAction> actions) {
    return actions.stream()
        .filter(Mine.class::isInstance)
        .map(Mine.class::cast)
        .findFirst()
        .orElseThrow();
  }
}
