package dev.dolmen.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A line of the log for people: local time, level, what happened; below it the stack of an error.
 *
 * <p>Logback's own layout by pattern spells out the time anew for each line, and makes some hundred
 * classes for patterns that nobody asked for: a fifth of what a block cost the node thread. For the
 * one thread at a time that an appender lets in.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {

  private static final int MILLIS_PER_SECOND = 1_000;
  private static final int USUAL_CHARS = 128;
  private static final int LEVEL_CHARS = 5;

  private final String before;
  private final DateTimeFormatter toTheSecond;
  private final DateTimeFormatter afterMillis;
  private final ZoneId zone;

  private long second = Long.MIN_VALUE;
  private String secondText = "";
  private String offsetText = "";

  private LogLine(String before, String toTheSecond, String afterMillis, ZoneId zone) {
    this.before = before;
    this.toTheSecond = DateTimeFormatter.ofPattern(toTheSecond, Locale.ROOT);
    this.afterMillis = DateTimeFormatter.ofPattern(afterMillis, Locale.ROOT);
    this.zone = zone;
  }

  /**
   * With the time of day, for whoever looks on.
   *
   * @param before begins each line
   */
  static LogLine ofToday(String before, ZoneId zone) {
    return new LogLine(before, "HH:mm:ss", "", zone);
  }

  /** With date and offset from UTC, for a file, which outlives the day. */
  static LogLine dated(ZoneId zone) {
    return new LogLine("", "yyyy-MM-dd'T'HH:mm:ss", "XXX", zone);
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(USUAL_CHARS).append(before);
    appendTime(line, event.getTimeStamp());
    String level = event.getLevel().toString();
    line.append(' ').append(level);
    line.append(" ".repeat(Math.max(0, LEVEL_CHARS - level.length())));
    line.append(' ').append(event.getFormattedMessage()).append(System.lineSeparator());
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      line.append(ThrowableProxyUtil.asString(failure));
    }
    return line.toString();
  }

  private void appendTime(StringBuilder line, long millis) {
    long now = Math.floorDiv(millis, MILLIS_PER_SECOND);
    if (now != second) {
      ZonedDateTime time = Instant.ofEpochSecond(now).atZone(zone);
      second = now;
      secondText = toTheSecond.format(time);
      offsetText = afterMillis.format(time);
    }
    int rest = Math.floorMod(millis, MILLIS_PER_SECOND);
    line.append(secondText).append('.');
    line.append(rest / 100).append(rest / 10 % 10).append(rest % 10);
    line.append(offsetText);
  }
}
