package dev.dolmen.node;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.Gift;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.mining.Miner;
import dev.dolmen.protocol.Envelope;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node thread: takes inputs one at a time, those of each peer in turn, lets {@link Node}
 * decide, performs what it answers. The only writer of chain, mempool, sync and relay, and the only
 * thread that writes to the store.
 *
 * <p>Messages to peers go out at once; what this node itself promises, an answer or an event, goes
 * out after one sync of the store for everything that was handled since the last. If the disk
 * fails, the node stops: nothing is retried, and nothing that was not synced has been promised.
 */
public final class NodeRunner implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeRunner.class);

  /** Inputs handled between two syncs, so that an answer does not wait behind a flood. */
  static final int MAX_BATCH = 256;

  /**
   * For how long inputs are handled before a sync, so that an answer does not wait for slow ones.
   */
  static final Duration LONGEST_BATCH = Duration.ofMillis(100);

  /** What API callers may have waiting here. Peers are bounded in the network. */
  static final int MAX_WAITING_QUESTIONS = 1_024;

  /** Longer than any sync takes; then the node is in trouble. */
  private static final Duration LONGEST_SYNC = Duration.ofSeconds(30);

  private static final Duration LONGEST_NAP = Duration.ofSeconds(10);

  private final Node node;
  private final BlockStore store;
  private final InstantSource clock;
  private final Instant start;
  private final long startNanos = System.nanoTime();
  private final EventFeed feed;
  private final Logbook logbook = new Logbook();
  private final Miner miner;
  private final Inbox<Input> inbox = new Inbox<>(System::nanoTime);
  private final Semaphore questions = new Semaphore(MAX_WAITING_QUESTIONS);
  private final List<Input> promises = new ArrayList<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Performer performer = new Performer();
  private final Thread thread;
  private final LongAdder handledInputs = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private final LongAdder syncNanos = new LongAdder();
  private @Nullable PeerNetwork network;
  private volatile NodeView view;
  private volatile boolean closing;

  /**
   * A thread for a node, not started yet.
   *
   * @param name of the node, for the thread's name
   */
  public NodeRunner(String name, Node node, BlockStore store, InstantSource clock, EventFeed feed) {
    this.node = node;
    this.store = store;
    this.clock = clock;
    this.start = clock.instant();
    this.feed = feed;
    this.miner = new Miner(name, this::onMined);
    this.view = node.view();
    this.thread = new Thread(this::run, "dolmen-node-" + name);
  }

  /**
   * Ends the node, whatever it is doing, for an error after which nothing can be relied on: memory
   * is out. Any thread may say so.
   */
  public void fail(Error error) {
    inbox.add(
        () -> {
          throw error;
        });
  }

  /** Starts the thread. What the network said before waits in the inbox. */
  public void start(PeerNetwork peerNetwork) {
    checkState(network == null, "a node is started once");
    network = peerNetwork;
    thread.start();
  }

  /**
   * Takes an event from the network; never blocks. What a peer said on an earlier link and still
   * waits is forgotten when it has another: else many short links would fill the memory.
   */
  public void accept(PeerEvent event) {
    Input input = new FromPeer(event, performer);
    if (event instanceof PeerEvent.Ready) {
      inbox.addInsteadOf(event.peer(), FromPeer::wasSaid, input);
    } else {
      inbox.add(event.peer(), input);
    }
  }

  private void onMined(Block block) {
    inbox.add(() -> perform(now -> node.onMined(block, now)));
  }

  /**
   * Asks the node for something that may change it.
   *
   * @return the answer, once what it speaks of is on disk; fails with {@link
   *     NodeUnavailableException} if the node is stopping or has too many questions waiting
   */
  public <T> CompletableFuture<T> ask(BiFunction<Node, Moment, Answer<T>> question) {
    return enqueue(
        answer -> {
          Answer<T> answered = question.apply(node, now());
          answered.actions().forEach(action -> action.deliverTo(performer));
          promises.add(new Promise<>(answer, answered.value()));
        });
  }

  /** Looks at something only the node thread may see. Fails as {@link #ask} does. */
  public <T> CompletableFuture<T> look(Function<Node, T> look) {
    return enqueue(
        answer -> {
          T seen = look.apply(node);
          promises.add(new Promise<>(answer, seen));
        });
  }

  private <T> CompletableFuture<T> enqueue(Consumer<CompletableFuture<T>> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (closing || !questions.tryAcquire()) {
      answer.completeExceptionally(
          new NodeUnavailableException(
              closing ? "the node is stopping" : "too many requests are waiting for the node"));
      return answer;
    }
    answer.whenComplete((value, failure) -> questions.release());
    inbox.add(new Question<>(answer, work));
    if (ended.isDone()) {
      abandon(answer);
    }
    return answer;
  }

  private static void abandon(CompletableFuture<?> answer) {
    answer.completeExceptionally(new NodeUnavailableException("the node has stopped"));
  }

  /** Something to do on the node thread, or to be given up when that has ended. */
  private interface Input {
    void run();

    default void giveUp() {
      // What a peer said needs no answer.
    }
  }

  private record FromPeer(PeerEvent event, PeerEvent.Reader reader) implements Input {
    @Override
    public void run() {
      event.deliverTo(reader);
    }

    /** Whether it is something that was said on a link. */
    static boolean wasSaid(Input input) {
      return input instanceof FromPeer fromPeer && fromPeer.event instanceof PeerEvent.Received;
    }
  }

  private record Question<T>(CompletableFuture<T> answer, Consumer<CompletableFuture<T>> work)
      implements Input {
    @Override
    public void run() {
      try {
        work.accept(answer);
      } catch (DamagedBlockException toHeal) {
        answer.completeExceptionally(toHeal); // The node asks its peers for that block.
      } catch (UncheckedIOException diskFailed) {
        answer.completeExceptionally(diskFailed);
        throw diskFailed;
      } catch (RuntimeException bug) {
        log.error("a bug on the node thread; the question that met it fails", bug);
        answer.completeExceptionally(bug);
      }
    }

    @Override
    public void giveUp() {
      abandon(answer);
    }
  }

  /** An answer that is given once the store is synced. */
  private record Promise<T>(CompletableFuture<T> answer, T value) implements Input {
    @Override
    public void run() {
      answer.complete(value);
    }

    @Override
    public void giveUp() {
      abandon(answer);
    }
  }

  /** How things stood when the store was last synced. */
  public NodeView view() {
    return view;
  }

  /**
   * Waits until what the store holds now is synced.
   *
   * @return false if the node did not say so in time, or is stopping
   */
  public boolean awaitSync() {
    try {
      Uninterruptibles.getUninterruptibly(
          look(node -> true), LONGEST_SYNC.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      log.debug("the node thread does not answer", e);
      return false;
    }
  }

  /**
   * How busy the node thread is.
   *
   * @param waiting inputs in its inbox
   * @param handled inputs since the start
   * @param busy time in which it did not wait for inputs
   * @param syncs how often the store was synced
   * @param syncing time that it waited for that
   */
  public record Load(int waiting, long handled, Duration busy, long syncs, Duration syncing) {}

  /** How busy the node thread is; of any thread. */
  public Load load() {
    return new Load(
        inbox.size(),
        handledInputs.sum(),
        Duration.ofNanos(busyNanos.sum()),
        syncs.sum(),
        Duration.ofNanos(syncNanos.sum()));
  }

  /** Look-ups in the chain, for readers of any thread. */
  public BlockReader reader() {
    return node.reader();
  }

  /** Done when the node has stopped; exceptionally if its disk failed. */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  private void run() {
    try {
      perform(node::onTick); // What has waited for a block since before a restart goes on waiting.
      settle();
      Optional<Instant> wake = node.nextWake();
      while (!closing) {
        Optional<Input> input = inbox.poll(napMillis(wake));
        long begun = System.nanoTime();
        for (int handled = 1; input.isPresent() && !closing; handled++) {
          input.get().run();
          handledInputs.increment();
          boolean mayGoOn =
              handled < MAX_BATCH && System.nanoTime() - begun < LONGEST_BATCH.toNanos();
          input = mayGoOn ? inbox.poll() : Optional.empty();
        }
        wake = node.nextWake();
        if (wake.isPresent() && !now().steady().isBefore(wake.get())) {
          perform(node::onTick);
          wake = node.nextWake();
        }
        settle();
        busyNanos.add(System.nanoTime() - begun);
      }
      stop(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop(new IllegalStateException("only close() ends the node thread", e));
    } catch (UncheckedIOException diskFailed) {
      log.error(
          "the disk failed: {}. The node stops; free space or mend the disk, then start it again."
              + " Nothing that was acknowledged is lost",
          diskFailed.getMessage());
      log.debug("where the disk failed", diskFailed);
      stop(diskFailed);
    } catch (RuntimeException | Error bug) {
      log.error("a bug ended the node thread; please report it", bug);
      stop(bug);
    }
  }

  private void stop(@Nullable Throwable failure) {
    closing = true;
    miner.close();
    if (failure != null && network != null) {
      network.close(); // Nobody reads what peers say any more.
    }
    try {
      store.close();
    } catch (RuntimeException closingFailed) {
      if (failure == null) {
        failure = closingFailed;
      } else {
        failure.addSuppressed(closingFailed);
      }
    }
    if (failure == null) {
      ended.complete(null);
    } else {
      ended.completeExceptionally(failure);
    }
    promises.forEach(Input::giveUp);
    for (var left = inbox.poll(); left.isPresent(); left = inbox.poll()) {
      left.get().giveUp();
    }
  }

  private long napMillis(Optional<Instant> wake) {
    Instant now = now().steady();
    Duration nap = wake.map(at -> Duration.between(now, at)).orElse(LONGEST_NAP);
    return Math.max(0, Math.min(nap.toMillis() + 1, LONGEST_NAP.toMillis()));
  }

  /** Keeps what was promised: on disk first, then visible, then told. */
  private void settle() {
    NodeView now = node.view();
    if (!promises.isEmpty() || !now.tip().equals(view.tip())) {
      long begun = System.nanoTime();
      store.sync();
      syncs.increment();
      syncNanos.add(System.nanoTime() - begun);
    }
    view = now;
    if (!promises.isEmpty()) {
      List<Input> due = List.copyOf(promises);
      promises.clear();
      due.forEach(Input::run);
    }
  }

  private Moment now() {
    return new Moment(clock.instant(), start.plusNanos(System.nanoTime() - startNanos));
  }

  private void perform(Function<Moment, List<NodeAction>> decision) {
    decision.apply(now()).forEach(action -> action.deliverTo(performer));
  }

  /** A bug met while dealing with one peer's message costs that peer its link, and nobody else. */
  private void performFor(PeerId peer, Supplier<List<NodeAction>> decision) {
    try {
      decision.get().forEach(action -> action.deliverTo(performer));
    } catch (UncheckedIOException diskFailed) {
      throw diskFailed;
    } catch (RuntimeException | StackOverflowError bug) {
      log.error("a bug met a message of {}; it is disconnected", peer.toShortString(), bug);
      performer.disconnect(
          peer, new DisconnectReason(DisconnectReason.Code.BUG, "an error on this side"));
    }
  }

  private PeerNetwork network() {
    PeerNetwork started = network;
    checkState(started != null, "the node thread runs only once it has a network");
    return started;
  }

  /**
   * Stops the thread, closing the store after everything in hand is synced. Waits for that, unless
   * it is this thread that asks, for a subscriber to its events: then it ends next.
   */
  @Override
  public void close() {
    closing = true;
    inbox.add(() -> {});
    if (thread.getState() == Thread.State.NEW) {
      stop(null);
      return;
    }
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Performs actions and passes events on to the node; all on the node thread. */
  private final class Performer implements NodeAction.Reader, PeerEvent.Reader {

    /**
     * The link to each peer that the node knows of. The network may be a link further: what was
     * asked on the old one is not answered on the new one.
     */
    private final Map<PeerId, Long> links = new HashMap<>();

    @Override
    public void send(PeerId peer, Envelope envelope) {
      sendAll(List.of(peer), envelope);
    }

    @Override
    public void sendAll(List<PeerId> peers, Envelope envelope) {
      network().sendOn(peers.stream().map(links::get).filter(Objects::nonNull).toList(), envelope);
    }

    @Override
    public void disconnect(PeerId peer, DisconnectReason reason) {
      Long link = links.get(peer);
      if (link != null) {
        network().disconnectOn(link, reason);
      }
    }

    @Override
    public void replace(PeerId peer, DisconnectReason reason) {
      network().replace(peer, reason);
    }

    @Override
    public void credit(PeerId peer, Gift gift) {
      network().credit(peer, gift);
    }

    @Override
    public void mine(BlockTemplate template) {
      miner.mine(template);
    }

    @Override
    public void tell(NodeEvent event) {
      promises.add(
          () -> {
            feed.tell(event);
            logbook.note(event, view.syncing(), now().steady());
          });
    }

    @Override
    public void ready(PeerEvent.Ready event) {
      links.put(event.peer(), event.link());
      performFor(event.peer(), () -> node.onPeerReady(event.peer(), event.address(), now()));
    }

    @Override
    public void gone(PeerEvent.Gone event) {
      links.remove(event.peer());
      performFor(event.peer(), () -> node.onPeerGone(event.peer(), now()));
    }

    @Override
    public void received(PeerEvent.Received event) {
      performFor(event.peer(), () -> node.onReceived(event.peer(), event.envelope(), now()));
      network().consumed(event);
    }

    @Override
    public void drained(PeerEvent.Drained event) {
      performFor(event.peer(), () -> node.onDrained(event.peer()));
    }
  }
}
