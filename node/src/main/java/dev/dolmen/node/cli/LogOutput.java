package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import dev.dolmen.node.config.LogFormat;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a node's log goes when it is started from the command line: one line an event, on standard
 * error or in a file. Set up here and not by a file in the jar, which would also speak for programs
 * that embed a node.
 */
final class LogOutput {

  /** Then a new file is begun, and the oldest of so many is deleted. */
  private static final long MAX_FILE_BYTES = 10L << 20;

  private static final int OLD_FILES = 5;

  private LogOutput() {}

  /**
   * For one node: what comes and goes, one line a block; warnings only of all other code.
   *
   * @throws CommandFailure if the log cannot be written where the settings say
   */
  static void start(NodeSettings settings, Terminal terminal) throws CommandFailure {
    start(Level.INFO, settings.logFormat(), settings.logFile(), terminal);
  }

  /** For many nodes, whose every message would come from both ends: warnings only. */
  static void startQuietly(Terminal terminal) throws CommandFailure {
    start(Level.WARN, LogFormat.TEXT, Optional.empty(), terminal);
  }

  private static void start(
      Level ownLevel, LogFormat format, Optional<Path> file, Terminal terminal)
      throws CommandFailure {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder =
        new OnceEncoder(format == LogFormat.JSON ? json() : text(file.isPresent(), terminal));
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> output =
        file.isPresent() ? rolling(context, file.get()) : console();
    output.setContext(context);
    output.setEncoder(encoder);
    output.start();
    if (!output.isStarted()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "cannot write the log to "
              + file.map(Path::toString).orElse("standard error")
              + "; choose another file with "
              + Setting.LOG_FILE.flag());
    }
    LimitedAppender limited = new LimitedAppender(output);
    limited.setContext(context);
    limited.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(limited);
    context.getLogger("dev.dolmen").setLevel(ownLevel);
  }

  private static Encoder<ILoggingEvent> text(boolean intoFile, Terminal terminal) {
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setCharset(UTF_8);
    ZoneId zone = ZoneId.systemDefault();
    // A line of the log does not follow half a line of progress.
    String before = terminal.isWatched() ? SyncProgress.CLEAR_LINE : "";
    encoder.setLayout(intoFile ? LogLine.dated(zone) : LogLine.ofToday(before, zone));
    return encoder;
  }

  private static Encoder<ILoggingEvent> json() {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMDC(false);
    encoder.setWithMarkers(false);
    encoder.setWithKVPList(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    return encoder;
  }

  private static OutputStreamAppender<ILoggingEvent> console() {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setTarget("System.err");
    return console;
  }

  private static OutputStreamAppender<ILoggingEvent> rolling(LoggerContext context, Path file) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());
    FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
    names.setContext(context);
    names.setParent(appender);
    names.setFileNamePattern(file.toString().replace("%", "\\%") + ".%i");
    names.setMinIndex(1);
    names.setMaxIndex(OLD_FILES);
    names.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(new FileSize(MAX_FILE_BYTES));
    size.setCheckIncrement(Duration.buildBySeconds(1));
    size.start();
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(size);
    return appender;
  }
}
