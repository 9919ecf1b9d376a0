package dev.dolmen.network;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Wakes its owner on the control executor. It may wake too early, when what it waited for has
 * moved; the owner looks at the time and sets it again. Times are nanoseconds of the executor's
 * ticker.
 */
final class Alarm {

  private final EventExecutor control;
  private final Runnable wake;
  private @Nullable ScheduledFuture<?> pending;
  private long pendingAt;

  Alarm(EventExecutor control, Runnable wake) {
    this.control = control;
    this.wake = wake;
  }

  /** Wakes at this time, or earlier if it is set to already. */
  void noLaterThan(long at) {
    if (pending != null && pendingAt - at <= 0) {
      return;
    }
    cancel();
    pendingAt = at;
    long delay = Math.max(0, at - control.ticker().nanoTime());
    pending = control.schedule(this::fire, delay, TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  private void fire() {
    pending = null;
    wake.run();
  }
}
