package dev.dolmen.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a node's log goes when it is started from the command line: one line an event, on standard
 * error. Set up here and not by a file in the jar, which would also speak for programs that embed a
 * node.
 */
final class LogOutput {

  private static final String LINE = "%d{HH:mm:ss.SSS} %-5level %msg%n";

  private LogOutput() {}

  /** For one node: what comes and goes, one line a block; warnings only of all other code. */
  static void start(Terminal terminal) {
    start(Level.INFO, terminal);
  }

  /** For many nodes, whose every message would come from both ends: warnings only. */
  static void startQuietly(Terminal terminal) {
    start(Level.WARN, terminal);
  }

  private static void start(Level ownLevel, Terminal terminal) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    // A line of the log does not follow half a line of progress.
    encoder.setPattern(terminal.isWatched() ? SyncProgress.CLEAR_LINE + LINE : LINE);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
    context.getLogger("dev.dolmen").setLevel(ownLevel);
  }
}
