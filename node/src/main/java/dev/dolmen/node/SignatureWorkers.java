package dev.dolmen.node;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.SignatureVerifier;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures on all processors: the caller's thread and one of its own for each further
 * processor, which take one transaction after the other. The caller has its answer when the last
 * one is verified; a thread that comes too late for that is not waited for.
 *
 * <p>For one caller at a time. Threads begin when they are first needed and end after a rest.
 */
public final class SignatureWorkers implements SignatureVerifier, AutoCloseable {

  /** Fewer are verified sooner than a thread is woken. */
  static final int LEAST_SHARED = 2;

  private static final Duration REST = Duration.ofSeconds(10);
  private static final Duration THREADS_END_TIMEOUT = Duration.ofSeconds(10);

  private final int helpers;
  private final ThreadPoolExecutor executor;

  /** What a thread that comes to help works at: always the latest. */
  private volatile @Nullable Batch current;

  /**
   * Workers at rest, for all processors of this machine.
   *
   * @param name of the node, for the threads' names
   */
  public SignatureWorkers(String name) {
    this(name, Runtime.getRuntime().availableProcessors() - 1);
  }

  SignatureWorkers(String name, int helpers) {
    this.helpers = helpers;
    int threads = Math.max(1, helpers);
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            REST.toSeconds(),
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(threads),
            new ThreadFactoryBuilder().setNameFormat("dolmen-signatures-" + name + "-%d").build(),
            // As many calls wait already, and each finds the latest batch when its turn comes.
            new ThreadPoolExecutor.DiscardPolicy());
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public int countGood(List<Transaction> transactions, BlockHash genesis) {
    if (helpers == 0 || transactions.size() < LEAST_SHARED) {
      return SignatureVerifier.ONE_BY_ONE.countGood(transactions, genesis);
    }
    Batch batch = new Batch(transactions, genesis);
    current = batch;
    for (int i = 0; i < Math.min(helpers, transactions.size() - 1); i++) {
      executor.execute(this::help);
    }
    batch.work();
    int good = batch.await();
    current = null;
    return good;
  }

  private void help() {
    Batch batch = current;
    if (batch != null) {
      batch.work();
    }
  }

  /** Ends its threads; to be called once nobody asks any more. */
  @Override
  public void close() {
    MoreExecutors.shutdownAndAwaitTermination(executor, THREADS_END_TIMEOUT);
  }

  /** Transactions of which each is taken by one thread. */
  private static final class Batch {
    private final List<Transaction> transactions;
    private final BlockHash genesis;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger firstBad;
    private final CountDownLatch left;

    Batch(List<Transaction> transactions, BlockHash genesis) {
      this.transactions = transactions;
      this.genesis = genesis;
      this.firstBad = new AtomicInteger(transactions.size());
      this.left = new CountDownLatch(transactions.size());
    }

    void work() {
      for (int i = next.getAndIncrement(); i < transactions.size(); i = next.getAndIncrement()) {
        boolean good = false;
        try {
          // Whatever comes after a bad one makes no difference any more.
          good = i > firstBad.get() || transactions.get(i).signatureIsValid(genesis);
        } finally {
          if (!good) {
            firstBad.accumulateAndGet(i, Math::min);
          }
          left.countDown();
        }
      }
    }

    int await() {
      Uninterruptibles.awaitUninterruptibly(left);
      return firstBad.get();
    }
  }
}
