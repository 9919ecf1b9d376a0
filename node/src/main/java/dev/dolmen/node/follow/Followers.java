package dev.dolmen.node.follow;

import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.TransactionId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** All who wait for something to happen to one node's chain. */
public final class Followers {

  private final String nodeName;
  private final SyncedChain chain;
  private final InclusionWatch watch;
  private final AtomicInteger count = new AtomicInteger();
  private final List<Following> followings = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /**
   * Nobody yet.
   *
   * @param nodeName for the names of threads
   * @param expiries the expiry heights of those entries that wait for a block or have expired, as
   *     far as the node knows; it may wait for the node's answer
   */
  public Followers(
      String nodeName,
      SyncedChain chain,
      Function<Set<TransactionId>, Map<TransactionId, Long>> expiries) {
    this.nodeName = nodeName;
    this.chain = chain;
    this.watch = new InclusionWatch("dolmen-inclusions-" + nodeName, chain, expiries);
  }

  /** See {@code Dolmen.awaitInclusion}. */
  public CompletableFuture<Inclusion> awaitInclusion(TransactionId id, Confirmations depth) {
    return watch.await(id, depth);
  }

  /** See {@code Dolmen.follow}. */
  public Following follow(StartingPoint start, BlockListener listener) {
    checkState(!stopped, "the node is stopping");
    Following following =
        new Following(
            "dolmen-follower-" + nodeName + "-" + count.incrementAndGet(), chain, start, listener);
    followings.add(following);
    following.ended().whenComplete((done, failure) -> followings.remove(following));
    following.start();
    if (stopped) {
      following.stop();
    }
    return following;
  }

  /** The tip has moved, and what it stands for is synced. Never waits. */
  public void tipMoved() {
    watch.wake();
    followings.forEach(Following::wake);
  }

  /**
   * Nothing is told any more, and promises are broken for this reason. Never waits, so the node
   * thread may call it.
   */
  public void stop(Throwable reason) {
    stopped = true;
    watch.stop(reason);
    followings.forEach(Following::stop);
  }

  /** Stops, and waits until no thread is left but one that calls this itself. */
  public void close(Throwable reason) {
    List<Following> open = List.copyOf(followings);
    stop(reason);
    open.forEach(Following::close);
    watch.awaitEnd();
  }
}
