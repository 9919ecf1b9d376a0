package dev.dolmen.node.follow;

import dev.dolmen.core.store.DamagedBlockException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener on its way along the best chain. It reads from the store at its own pace, on its own
 * thread, one block at a time: a slow one holds up nobody and fills no memory. It ends when it or
 * its node is closed, or when its listener fails.
 */
public final class Following implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Following.class);

  private final SyncedChain chain;
  private final BlockListener listener;
  private final ChainWalk walk;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Attendant attendant;
  private volatile StartingPoint position;

  Following(String threadName, SyncedChain chain, StartingPoint start, BlockListener listener) {
    this.chain = chain;
    this.listener = listener;
    this.walk = new ChainWalk(start);
    this.position = start;
    this.attendant = new Attendant(threadName, this::tellNext, this::onEnd);
  }

  void start() {
    attendant.start();
  }

  private boolean tellNext() throws Exception {
    Optional<ChainWalk.Step> next;
    try {
      next = chain.read(walk::next).flatMap(found -> found);
    } catch (DamagedBlockException toHeal) {
      log.debug("a follower waits until a damaged block is healed", toHeal);
      return false;
    }
    if (next.isEmpty()) {
      return false;
    }
    ChainWalk.Step step = next.get();
    if (step.undone()) {
      listener.disconnected(step.block());
    } else {
      listener.connected(step.block());
    }
    walk.took(step);
    position = step.after();
    return true;
  }

  private void onEnd(Optional<Throwable> failure) {
    if (failure.isEmpty() || attendant.isStopping()) {
      failure.ifPresent(
          late -> log.debug("{} failed while it was stopped", listener.getClass(), late));
      ended.complete(null);
      return;
    }
    log.error(
        "a follower of the chain failed and has ended before height {}; the node goes on",
        position.nextHeight(),
        failure.get());
    ended.completeExceptionally(failure.get());
  }

  /** The tip has moved. */
  void wake() {
    attendant.wake();
  }

  /** From where to follow on later: behind the last block that the listener returned from. */
  public StartingPoint position() {
    return position;
  }

  /**
   * Done when nothing is told any more: normally after {@link #close} or when the node has stopped,
   * exceptionally with what the listener threw, with {@link PositionLostException}, or with the
   * disk's failure.
   */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  void stop() {
    attendant.stop();
  }

  /**
   * Tells nothing any more. Returns once the listener has returned from the block in hand, which
   * may take it {@code 10 s} before it is interrupted; at once if the listener itself calls this.
   * Harmless twice.
   */
  @Override
  public void close() {
    attendant.stop();
    attendant.awaitEnd();
  }
}
