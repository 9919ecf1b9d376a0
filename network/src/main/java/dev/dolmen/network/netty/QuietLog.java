package dev.dolmen.network.netty;

import com.google.common.annotations.VisibleForTesting;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/**
 * One place in the code that logs what strangers can repeat. It writes a burst of lines, then one a
 * second, and says how many it left out; so a flood costs less than a megabyte of log an hour. Time
 * is the network's own, unlike that of ready-made limiters, so a simulated run logs the same lines
 * twice. Not safe for threads: one executor owns it.
 */
public final class QuietLog {

  /** Lines at once, enough for a whole small network to come and go. */
  @VisibleForTesting static final int BURST = 100;

  private static final long NANOS_PER_LINE = TimeUnit.SECONDS.toNanos(1);

  private final Logger logger;
  private final Ticker ticker;
  private long budgetNanos = BURST * NANOS_PER_LINE;
  private long last;
  private long leftOut;

  public QuietLog(Logger logger, Ticker ticker) {
    this.logger = logger;
    this.ticker = ticker;
    this.last = ticker.nanoTime();
  }

  /** Logs a line at info, or counts it as left out. */
  public void info(String format, Object... arguments) {
    long now = ticker.nanoTime();
    budgetNanos = Math.min(BURST * NANOS_PER_LINE, budgetNanos + (now - last));
    last = now;
    if (budgetNanos < NANOS_PER_LINE) {
      leftOut++;
      return;
    }
    budgetNanos -= NANOS_PER_LINE;
    String line = MessageFormatter.basicArrayFormat(format, arguments);
    if (leftOut > 0) {
      logger.info("{} ({} such lines left out before)", line, leftOut);
      leftOut = 0;
    } else {
      logger.info("{}", line);
    }
  }
}
