package dev.dolmen.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;

/** Notices what the code itself takes for a bug: it says so in the log, as an error. */
public final class LogWatch extends AppenderBase<ILoggingEvent> {

  private final AtomicReference<String> first = new AtomicReference<>();

  /** Watches from now on. */
  public LogWatch() {
    start();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      IThrowableProxy thrown = event.getThrowableProxy();
      first.compareAndSet(
          null,
          event.getFormattedMessage()
              + (thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown)));
    }
  }

  /** Fails if there was an error since the last time. */
  public void check() {
    Optional.ofNullable(first.getAndSet(null))
        .ifPresent(
            error -> {
              throw new AssertionError("in the log: " + error);
            });
  }
}
