package dev.dolmen.node;

import static dev.dolmen.node.ManyPeers.ALICE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.WatchedStore.Fault;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told is on disk, whatever fails and whenever the power goes; on the real node thread. */
final class DurabilityTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
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

  private NodeRunner runner(NetworkParameters parameters, BlockStore store, EventFeed feed) {
    NodeRunner runner =
        new NodeRunner("test", node(parameters, store), store, Clock.systemUTC(), feed);
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    PeerNetworkOptions options =
        PeerNetworkOptions.builder(
                identity.id(),
                Wire.bytes(parameters.genesisHash().value()),
                () ->
                    new LocalTip(0, ByteString.EMPTY, Wire.bytes(parameters.genesisHash().value())),
                Limits.maxFrameBytes(parameters.largestBlock()),
                new SplittableRandom(2),
                runner::accept)
            .name("test")
            .build();
    PeerNetwork network = new PeerNetwork(SocketTransport.create(identity, ""), options);
    open.add(network);
    open.add(runner);
    runner.start(network);
    return runner;
  }

  @Test
  void whatWasSaidOnAnEarlierLinkIsForgottenWhenThePeerHasAnother() {
    NodeRunner runner = runner(DEV, new MemoryBlockStore(DEV), new EventFeed());
    CountDownLatch listening = holdUp(runner);
    Block forgotten = Blocks.childOf(Blocks.genesis()).build();
    Block heard =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7)
            .build();
    runner.accept(ready(1));
    runner.accept(announced(1, forgotten));
    runner.accept(
        new PeerEvent.Gone(
            ALICE, 1, new DisconnectReason(DisconnectReason.Code.FAILED, "the line broke")));
    runner.accept(ready(2));
    runner.accept(announced(2, heard));
    listening.countDown();

    await().until(() -> runner.view().tip().height() == 1);
    assertThat(runner.view().tip().hash()).isEqualTo(heard.hash());
  }

  /** Keeps the node thread busy until what is given back is counted down. */
  private static CountDownLatch holdUp(NodeRunner runner) {
    CountDownLatch until = new CountDownLatch(1);
    runner.look(
        node -> {
          Uninterruptibles.awaitUninterruptibly(until);
          return node;
        });
    return until;
  }

  private static PeerEvent ready(long link) {
    return new PeerEvent.Ready(ALICE, link, "alice:1", false, Hello.getDefaultInstance());
  }

  private static PeerEvent announced(long link, Block block) {
    Envelope envelope = Wire.newBlock(block, List.of());
    return new PeerEvent.Received(ALICE, link, envelope, envelope.getSerializedSize());
  }

  private static CompletableFuture<SubmitResult> submit(NodeRunner runner, String text) {
    return runner.ask(
        (node, now) -> node.submit(Bytes.wrap(text.getBytes(UTF_8)), OptionalLong.empty(), now));
  }

  @Test
  void answersAndEventsComeAfterTheSyncOfAllTheySpeakOf() {
    for (NetworkParameters parameters : List.of(DEV, Blocks.retargeting())) {
      WatchedStore store = new WatchedStore(parameters);
      EventFeed feed = new EventFeed();
      List<Boolean> synced = new CopyOnWriteArrayList<>();
      feed.subscribe(event -> synced.add(store.isSynced()));
      NodeRunner runner = runner(parameters, store, feed);
      CountDownLatch listening = holdUp(runner);
      List<CompletableFuture<Void>> answers = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        answers.add(
            submit(runner, "entry " + i).thenAccept(result -> synced.add(store.isSynced())));
      }
      listening.countDown();
      answers.forEach(CompletableFuture::join);

      assertThat(synced).hasSizeGreaterThanOrEqualTo(600).doesNotContain(false);
      assertThat(store.calls()).as("one sync for many").isLessThan(700);
      assertThat(store.writers()).extracting(Thread::getName).containsExactly("dolmen-node-test");
    }
  }

  private static final int BRANCH = 3;

  /** What was told before the end. */
  private static final class Course {
    private final List<TransactionId> acknowledged = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
  }

  /** Entries, a block for each, and a reorganisation that gives them back. */
  private static void run(WatchedStore store, Course course) {
    Node node = node(DEV, store);
    Moment now = Moment.at(Instant.parse("2026-06-01T00:00:00Z"));
    for (int i = 0; i < BRANCH; i++) {
      SubmitResult result =
          node.submit(Bytes.wrap(("own " + i).getBytes(UTF_8)), OptionalLong.empty(), now).value();
      store.sync();
      course.acknowledged.add(((SubmitResult.Accepted) result).transaction().id());
      course.blocks.add(node.reader().block(node.view().tip().hash()).orElseThrow());
    }
    Transaction theirs = Blocks.transaction(Blocks.BOB, "theirs", 100);
    Block parent = Blocks.genesis();
    for (int i = 0; i <= BRANCH; i++) {
      Blocks.Builder next = Blocks.childOf(parent);
      parent = (i == 0 ? next.withTransactions(theirs) : next).build();
      node.onMined(parent, now);
    }
    store.sync();
    course.blocks.add(parent);
    for (int i = 0; i < 2; i++) {
      node.makeBlock(now);
      store.sync();
      course.blocks.add(node.reader().block(node.view().tip().hash()).orElseThrow());
    }
  }

  /**
   * The disk fails, or the power, at every write and every sync of a run with a reorganisation.
   * What was not synced by then is lost from any change on: a log is read up to the first record
   * that is missing, torn or out of order.
   */
  @Test
  void whereverItEndsWhatWasToldIsThereAndTheChainIsValid() {
    WatchedStore whole = new WatchedStore(DEV);
    Course all = new Course();
    run(whole, all);
    assertThat(whole.tip().hash()).isEqualTo(all.blocks.get(all.blocks.size() - 1).hash());
    assertThat(whole.tip().height()).isEqualTo(BRANCH + 3);
    assertThat(whole.sideBlocks()).as("what the reorganisation left").hasSize(BRANCH);
    int ends = 0;
    for (Fault fault : Fault.values()) {
      int failures = 0;
      for (int call = 1; call <= whole.calls(); call++) {
        WatchedStore store = new WatchedStore(DEV);
        store.failAtCall(call, fault);
        Course course = new Course();
        Throwable failure = catchThrowable(() -> run(store, course));
        if (failure == null) {
          break; // There are no more calls of this kind.
        }
        failures++;
        assertThat(failure).isInstanceOf(UncheckedIOException.class);
        for (int survivors = 0; survivors <= store.unsyncedChanges(); survivors++) {
          expectRecovery(store.afterCrash(survivors), course);
          ends++;
        }
      }
      assertThat(failures).as("%s at each call", fault).isGreaterThan(BRANCH);
    }
    assertThat(ends).isGreaterThan(2 * whole.calls());
  }

  private static void expectRecovery(MemoryBlockStore restarted, Course course) {
    Node node = node(DEV, restarted);
    for (TransactionId id : course.acknowledged) {
      assertThat(node.transaction(id)).as("acknowledged entry").isPresent();
    }
    for (Block told : course.blocks) {
      assertThat(restarted.block(told.hash())).contains(told);
    }
    Chain fresh = new Chain(DEV, new MemoryBlockStore(DEV));
    for (BlockHash hash : restarted.hashesFrom(1, Integer.MAX_VALUE)) {
      Block block = restarted.block(hash).orElseThrow();
      assertThat(fresh.add(block, Instant.parse("2026-06-01T00:00:00Z")))
          .isInstanceOf(AddBlockResult.Added.class);
    }
    assertThat(restarted.tip()).isEqualTo(fresh.tip());
  }

  /** On the real thread: each call in turn fails; whoever had an answer before finds it on disk. */
  @Test
  void aDiskThatFailsStopsTheNodeAtOnceAndIsNotAskedAgain() {
    for (Fault fault : Fault.values()) {
      for (int call = 1; call <= 4; call++) {
        expectTheNodeToStopAt(call, fault);
      }
    }
  }

  private void expectTheNodeToStopAt(int call, Fault fault) {
    WatchedStore store = new WatchedStore(DEV);
    store.failAtCall(call, fault);
    NodeRunner runner = runner(DEV, store, new EventFeed());
    Set<TransactionId> acknowledged = new LinkedHashSet<>();
    try {
      for (int i = 0; i < 20; i++) {
        SubmitResult result = submit(runner, "entry " + i).join();
        acknowledged.add(((SubmitResult.Accepted) result).transaction().id());
      }
    } catch (CompletionException failed) {
      assertThat(store.hasFailed()).isTrue();
    }
    assertThat(store.hasFailed()).isTrue();
    assertThat(runner.ended())
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(UncheckedIOException.class);
    MemoryBlockStore restarted = store.afterCrash(0);
    Set<TransactionId> kept = new LinkedHashSet<>();
    restarted.forEachKept(own -> kept.add(own.id()));
    assertThat(kept).containsAll(acknowledged);
  }

  /** Interrupts reach whoever asked, never the thread that writes. */
  @Test
  void tenThousandInterruptsFromCallersHarmNothing(@TempDir Path directory) throws Exception {
    TransactionId last;
    try (Dolmen node = Dolmen.builder().dataDirectory(directory).start()) {
      List<Thread> callers = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        int number = caller;
        Thread thread = new Thread(() -> askWhileInterrupted(node.runner(), number));
        callers.add(thread);
        thread.start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(node.ended()).isNotDone();
      last = node.submit("still here".getBytes(UTF_8));
      assertThat(node.runner().reader().locate(last)).isPresent();
      Thread.currentThread().interrupt(); // Also whoever closes it.
    } finally {
      Thread.interrupted();
    }
    try (Dolmen again = Dolmen.builder().dataDirectory(directory).start()) {
      assertThat(again.runner().reader().locate(last)).isPresent();
    }
  }

  private static void askWhileInterrupted(NodeRunner runner, int number) {
    for (int i = 0; i < 2_500; i++) {
      Thread.currentThread().interrupt();
      runner.reader().hashAt(runner.view().tip().height());
      if (i % 25 == 0) {
        submit(runner, number + " " + i).cancel(true);
      }
      Thread.interrupted();
    }
  }
}
