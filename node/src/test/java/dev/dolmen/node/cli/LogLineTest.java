package dev.dolmen.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class LogLineTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static LoggingEvent event(String time, Level level, String message) {
    LoggingEvent event = new LoggingEvent();
    event.setTimeStamp(Instant.parse(time).toEpochMilli());
    event.setLevel(level);
    event.setMessage(message);
    return event;
  }

  @Test
  void hasTheTimeOfDayHereTheLevelAndWhatHappened() {
    LogLine layout = LogLine.ofToday("> ", BERLIN);

    assertThat(layout.doLayout(event("2026-11-25T23:59:59.007Z", Level.INFO, "block 7")))
        .isEqualTo("> 00:59:59.007 INFO  block 7" + System.lineSeparator());
    assertThat(layout.doLayout(event("2026-11-25T23:59:59.990Z", Level.ERROR, "block 8")))
        .isEqualTo("> 00:59:59.990 ERROR block 8" + System.lineSeparator());
    assertThat(layout.doLayout(event("2026-11-26T00:00:00Z", Level.WARN, "block 9")))
        .isEqualTo("> 01:00:00.000 WARN  block 9" + System.lineSeparator());
  }

  @Test
  void saysInAFileOnWhichDayAndHowFarFromUtc() {
    LogLine layout = LogLine.dated(BERLIN);

    assertThat(layout.doLayout(event("2026-10-25T00:59:59.999Z", Level.INFO, "in summer")))
        .isEqualTo("2026-10-25T02:59:59.999+02:00 INFO  in summer" + System.lineSeparator());
    assertThat(layout.doLayout(event("2026-10-25T01:00:00.000Z", Level.INFO, "in winter")))
        .isEqualTo("2026-10-25T02:00:00.000+01:00 INFO  in winter" + System.lineSeparator());
    assertThat(
            LogLine.dated(ZoneId.of("UTC"))
                .doLayout(event("1969-12-31T23:59:59.999Z", Level.INFO, "before the epoch")))
        .isEqualTo("1969-12-31T23:59:59.999Z INFO  before the epoch" + System.lineSeparator());
  }

  @Test
  void hasTheStackOfAnErrorBelowIt() {
    LoggingEvent failed = event("2026-11-25T12:00:00Z", Level.ERROR, "failed");
    failed.setThrowableProxy(
        new ThrowableProxy(new IllegalStateException("why", new ArithmeticException("because"))));

    assertThat(LogLine.ofToday("", BERLIN).doLayout(failed))
        .startsWith("13:00:00.000 ERROR failed" + System.lineSeparator())
        .contains("java.lang.IllegalStateException: why")
        .contains("\tat dev.dolmen.node.cli.LogLineTest.hasTheStackOfAnErrorBelowIt(")
        .contains("Caused by: java.lang.ArithmeticException: because")
        .endsWith(System.lineSeparator());
  }
}
