package dev.dolmen.node;

import static dev.dolmen.node.follow.Confirmations.confirmations;
import static dev.dolmen.node.follow.StartingPoint.after;
import static dev.dolmen.node.follow.StartingPoint.fromHeight;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.follow.BlockListener;
import dev.dolmen.node.follow.EntryExpiredException;
import dev.dolmen.node.follow.Following;
import dev.dolmen.node.follow.Inclusion;
import dev.dolmen.node.follow.PositionLostException;
import dev.dolmen.node.follow.StartingPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an embedding program asks of a node: that an entry is in, and every block in order. */
class EmbeddingTest {

  private static byte[] entry(String text) {
    return text.getBytes(UTF_8);
  }

  private static void makeBlocks(Dolmen node, int count) {
    for (int i = 0; i < count; i++) {
      node.runner().ask(Node::makeBlock).join();
    }
  }

  /** One dials the other, so that the lighter chain gives way. */
  private static void link(Dolmen from, Dolmen to) {
    from.peers().connect(PeerAddress.parse(to.listenAddress().toString()));
  }

  private static <T> T get(Future<T> promise) throws Exception {
    return promise.get(1, MINUTES);
  }

  /** Writes down what it is told. */
  private static final class Diary implements BlockListener {
    private final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void connected(Block block) {
      told.add("+" + block.height());
    }

    @Override
    public void disconnected(Block block) {
      told.add("-" + block.height());
    }
  }

  @Test
  void theExampleOfTheReadmeHolds(@TempDir Path directory) throws Exception {
    List<Block> index = new CopyOnWriteArrayList<>();
    try (Dolmen node = Dolmen.builder().dataDirectory(directory).start()) {
      TransactionId id = node.submit(entry("shipment A1 sent"));
      makeBlocks(node, 5);
      Inclusion inclusion = node.awaitInclusion(id, confirmations(6)).get(1, MINUTES);
      node.follow(fromHeight(0), block -> index.add(block));

      await().until(() -> index.size() == 7);
      assertEquals(new Inclusion(id, index.get(1).hash(), 1, 0, 6), inclusion);
      assertEquals(6, node.status().height());
      assertEquals(index.get(6).hash(), node.status().hash());
      assertEquals(
          TransactionState.INCLUDED,
          node.transaction(id).map(TransactionStatus::state).orElseThrow());
    }
  }

  // Awaiting an inclusion.

  @Test
  void anInclusionIsPromisedOnceItsBlockIsDeepEnough() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      TransactionId id = node.submit(entry("deep"));
      CompletableFuture<Inclusion> tip = node.awaitInclusion(id, confirmations(1));
      CompletableFuture<Inclusion> third = node.awaitInclusion(id, confirmations(3));
      assertEquals(1, get(tip).confirmations());

      makeBlocks(node, 1);
      get(node.awaitInclusion(id, confirmations(2)));
      assertThat(third).isNotDone();
      makeBlocks(node, 1);
      assertEquals(3, get(third).confirmations());
    }
  }

  @Test
  void anEntryThatNobodyKnowsYetIsWaitedFor() throws Exception {
    Transaction signed = Blocks.transaction("carol", "later", 20);
    try (Dolmen node = Dolmen.builder().start()) {
      CompletableFuture<Inclusion> promise = node.awaitInclusion(signed.id(), confirmations(1));
      makeBlocks(node, 2);
      assertThat(promise).isNotDone();

      assertEquals(signed.id(), node.submit(signed));

      assertEquals(3, get(promise).height());
      assertEquals(signed.id(), node.submit(signed), "again is safe");
    }
  }

  @Test
  void anInclusionThatAReorganisationUndoesIsWaitedForAgain() throws Exception {
    try (Dolmen alice = Dolmen.builder().name("alice").start();
        Dolmen bob = Dolmen.builder().name("bob").start()) {
      TransactionId id = alice.submit(entry("undone once"));
      CompletableFuture<Inclusion> promise = alice.awaitInclusion(id, confirmations(4));
      makeBlocks(bob, 3);
      link(alice, bob);

      await().until(() -> bob.transaction(id).isPresent() && alice.status().height() == 4);
      makeBlocks(bob, 2);
      get(alice.awaitInclusion(id, confirmations(3)));
      assertThat(promise).as("its first block counts no more").isNotDone();
      makeBlocks(bob, 1);

      Inclusion inclusion = get(promise);
      assertEquals(4, inclusion.height());
      assertEquals(
          bob.transaction(id).flatMap(TransactionStatus::place).orElseThrow().block(),
          inclusion.block());
    }
  }

  @Test
  void aPromiseFailsWhenItsEntryCanNoLongerGetIn() throws Exception {
    try (Dolmen alice = Dolmen.builder().name("alice").start();
        Dolmen bob = Dolmen.builder().name("bob").start()) {
      TransactionId id = alice.submit(entry("undone for good"), 2);
      CompletableFuture<Inclusion> promise = alice.awaitInclusion(id, confirmations(6));
      makeBlocks(bob, 2);
      link(alice, bob);

      assertThat(assertThrows(ExecutionException.class, () -> get(promise)))
          .cause()
          .isInstanceOf(EntryExpiredException.class)
          .hasMessageContaining("up to height 2")
          .hasMessageContaining("submit it again");
    }
  }

  @Test
  void promisesFailWhenTheNodeCloses() throws Exception {
    Dolmen node = Dolmen.builder().start();
    CompletableFuture<Inclusion> open =
        node.awaitInclusion(node.submit(entry("x")), confirmations(100));
    node.close();

    for (CompletableFuture<Inclusion> promise :
        List.of(
            open, node.awaitInclusion(Blocks.transaction("a", "b", 9).id(), confirmations(1)))) {
      assertThat(promise).isCompletedExceptionally();
      assertThat(assertThrows(ExecutionException.class, promise::get))
          .hasCauseInstanceOf(NodeUnavailableException.class);
    }
  }

  @Test
  void whatIsCancelledMakesRoomForOthersAndNoMoreThanTenThousandWait() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      TransactionId unknown = Blocks.transaction("nobody", "never", 20).id();
      List<CompletableFuture<Inclusion>> promises = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        promises.add(node.awaitInclusion(unknown, confirmations(1)));
      }
      assertThat(promises).noneMatch(CompletableFuture::isDone);
      CompletableFuture<Inclusion> oneTooMany = node.awaitInclusion(unknown, confirmations(1));
      assertThat(assertThrows(ExecutionException.class, oneTooMany::get))
          .hasMessageContaining("10000 inclusions are awaited already");

      promises.forEach(promise -> promise.cancel(false));

      TransactionId id = node.submit(entry("room again"));
      await()
          .untilAsserted(
              () -> assertThat(get(node.awaitInclusion(id, confirmations(1))).height()).isOne());
    }
  }

  @Test
  void whoHearsAnEventMayCloseTheNode() throws Exception {
    Dolmen node = Dolmen.builder().start();
    CompletableFuture<Void> returned = new CompletableFuture<>();
    node.events()
        .subscribe(
            event -> {
              if (event instanceof NodeEvent.TipMoved) {
                node.close();
                returned.complete(null);
              }
            });
    makeBlocks(node, 1);

    get(returned);
    get(node.ended());
    node.close();
  }

  @Test
  void whatIsChainedToAPromiseMayCloseTheNode() throws Exception {
    Dolmen node = Dolmen.builder().start();
    CompletableFuture<Void> closed =
        node.awaitInclusion(node.submit(entry("last words")), confirmations(2))
            .thenAccept(inclusion -> node.close());
    makeBlocks(node, 1);

    get(closed);
    assertThat(node.ended()).isCompleted();
  }

  // Following the chain.

  @Test
  void aFollowerIsToldThePastThenThePresentThenWhatIsUndone() throws Exception {
    try (Dolmen alice = Dolmen.builder().name("alice").start();
        Dolmen bob = Dolmen.builder().name("bob").start()) {
      makeBlocks(alice, 1);
      Diary diary = new Diary();
      Following following = alice.follow(fromHeight(0), diary);
      await().until(() -> diary.told.equals(List.of("+0", "+1")));
      makeBlocks(alice, 1);
      await().until(() -> diary.told.equals(List.of("+0", "+1", "+2")));

      makeBlocks(bob, 3);
      link(alice, bob);

      await()
          .untilAsserted(
              () ->
                  assertEquals(
                      List.of("+0", "+1", "+2", "-2", "-1", "+1", "+2", "+3"), diary.told));
      assertEquals(after(3, alice.status().hash()), following.position());
      assertThat(following.ended()).isNotDone();
    }
  }

  @Test
  void aFollowerGoesOnInALaterRunAndLearnsFirstWhatWasUndoneMeanwhile(@TempDir Path directory)
      throws Exception {
    StartingPoint seen;
    try (Dolmen alice = Dolmen.builder().dataDirectory(directory).start()) {
      makeBlocks(alice, 2);
      Diary diary = new Diary();
      Following following = alice.follow(fromHeight(1), diary);
      await().until(() -> diary.told.equals(List.of("+1", "+2")));
      seen = following.position();
    }
    try (Dolmen alice = Dolmen.builder().dataDirectory(directory).start();
        Dolmen bob = Dolmen.builder().start()) {
      makeBlocks(bob, 3);
      link(alice, bob);
      await().until(() -> alice.status().height() == 3);

      Diary diary = new Diary();
      alice.follow(seen, diary);

      await().until(() -> diary.told.equals(List.of("-2", "-1", "+1", "+2", "+3")));
    }
  }

  @Test
  void aSlowFollowerHoldsUpNobodyAndMissesNothing() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      CountDownLatch mayGoOn = new CountDownLatch(1);
      Diary slow = new Diary();
      Diary quick = new Diary();
      node.follow(
          fromHeight(1),
          block -> {
            mayGoOn.await();
            slow.connected(block);
          });
      node.follow(fromHeight(1), quick);
      makeBlocks(node, 300);

      await().until(() -> quick.told.size() == 300);
      assertThat(slow.told).isEmpty();
      mayGoOn.countDown();
      await().until(() -> slow.told.equals(quick.told));
    }
  }

  @Test
  void aFollowerThatFailsIsReportedAndTheNodeAndOtherFollowersGoOn() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      Diary other = new Diary();
      node.follow(fromHeight(1), other);
      Following failing =
          node.follow(
              fromHeight(1),
              block -> {
                if (block.height() == 2) {
                  throw new IOException("the index is full");
                }
              });
      makeBlocks(node, 3);

      assertThat(assertThrows(ExecutionException.class, () -> get(failing.ended())))
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessage("the index is full");
      assertEquals(2, failing.position().nextHeight(), "block 2 comes again");
      await().until(() -> other.told.equals(List.of("+1", "+2", "+3")));
    }
  }

  @Test
  void aFollowerOfBlocksThatTheNodeDoesNotKnowIsTold() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      Block stranger = Blocks.branch(Blocks.genesis(), 1, "elsewhere").get(0);
      Following lost = node.follow(after(1, stranger.hash()), block -> {});

      assertThat(assertThrows(ExecutionException.class, () -> get(lost.ended())))
          .hasCauseInstanceOf(PositionLostException.class);
    }
  }

  @Test
  void aFollowerEndsWhenItIsClosedByItselfByOthersOrWithItsNode() throws Exception {
    Dolmen node = Dolmen.builder().name("ender").start();
    Diary diary = new Diary();
    Following byOthers = node.follow(fromHeight(1), diary);
    CompletableFuture<Following> itself = new CompletableFuture<>();
    Following byItself = node.follow(fromHeight(1), block -> itself.join().close());
    itself.complete(byItself);
    Following withNode = node.follow(fromHeight(1), block -> {});
    makeBlocks(node, 1);
    await().until(() -> diary.told.equals(List.of("+1")));

    byOthers.close();
    byOthers.close();
    get(byItself.ended());
    makeBlocks(node, 1);
    node.close();

    assertThat(byOthers.ended()).isCompleted();
    assertThat(withNode.ended()).isCompleted();
    assertEquals(List.of("+1"), diary.told);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("dolmen-follower-ender"));
    assertThatThrownBy(() -> node.follow(fromHeight(0), block -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aListenerMaySubmit() throws Exception {
    try (Dolmen node = Dolmen.builder().start()) {
      CompletableFuture<TransactionId> answer = new CompletableFuture<>();
      node.follow(
          fromHeight(1),
          block -> {
            if (!answer.isDone()) {
              answer.complete(node.submit(entry("receipt for " + block.hash())));
            }
          });
      makeBlocks(node, 1);

      assertEquals(2, get(node.awaitInclusion(get(answer), confirmations(1))).height());
    }
  }
}
