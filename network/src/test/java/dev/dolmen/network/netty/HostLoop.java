package dev.dolmen.network.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * All threads of one host in one: its control executor and the event loop of its channels. It runs
 * when the {@link InMemoryWire} lets it, and knows no time but the wire's. A host that is paused
 * does nothing until it goes on, and then everything at once; a dead one never does anything again.
 */
final class HostLoop extends AbstractScheduledEventExecutor implements EventLoop {

  /** No timer is set. */
  static final long NEVER = Long.MAX_VALUE;

  private final InMemoryWire wire;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Promise<Void> terminated;
  private long wakeAt = NEVER;
  private boolean queued;
  private boolean paused;
  private boolean dead;

  HostLoop(InMemoryWire wire) {
    this.wire = wire;
    this.terminated = newPromise();
  }

  @Override
  public Ticker ticker() {
    return wire.ticker();
  }

  @Override
  public void execute(Runnable task) {
    if (dead) {
      return;
    }
    tasks.add(task);
    wantToRun();
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    ScheduledFuture<?> scheduled = super.schedule(task, delay, unit);
    setWake();
    return scheduled;
  }

  /** Runs what was handed over and what is due by now, until nothing of it is left. */
  void run() {
    queued = false;
    while (!paused && !dead) {
      Runnable task = tasks.poll();
      if (task == null) {
        task = pollScheduledTask(wire.now());
      }
      if (task == null) {
        setWake();
        return;
      }
      task.run();
    }
  }

  /** The wire's call at a time that was asked for; meanwhile another may have been. */
  void wake(long at) {
    if (at == wakeAt) {
      wakeAt = NEVER;
      wantToRun();
    }
  }

  void pause() {
    paused = true;
  }

  void goOn() {
    paused = false;
    wantToRun();
  }

  void die() {
    dead = true;
    tasks.clear();
    cancelScheduledTasks();
  }

  boolean isDead() {
    return dead;
  }

  /** Whether nothing is left to do and no timer is set. */
  boolean isIdle() {
    return tasks.isEmpty() && !hasScheduledTasks();
  }

  private void wantToRun() {
    if (!queued && !paused && !dead) {
      queued = true;
      wire.ready(this);
    }
  }

  private void setWake() {
    long next = nextScheduledTaskDeadlineNanos();
    if (next >= 0 && next < wakeAt && !dead) {
      wakeAt = next;
      wire.wake(this, next);
    }
  }

  // What an executor must say of itself.

  @Override
  public boolean inEventLoop(Thread thread) {
    return true;
  }

  @Override
  public EventLoopGroup parent() {
    return this;
  }

  @Override
  public EventLoop next() {
    return this;
  }

  @Override
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    shutdown();
    return terminated;
  }

  @Override
  public Future<?> terminationFuture() {
    return terminated;
  }

  @Override
  @Deprecated
  public void shutdown() {
    die();
    terminated.trySuccess(null);
  }

  @Override
  public boolean isShuttingDown() {
    return dead;
  }

  @Override
  public boolean isShutdown() {
    return dead;
  }

  @Override
  public boolean isTerminated() {
    return dead;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return dead;
  }
}
