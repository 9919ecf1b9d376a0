package dev.dolmen.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.OptionalLong;

/** Writes what {@link LogBudget} has room for, and says how much it left out. */
final class LimitedAppender extends AppenderBase<ILoggingEvent> {

  private final LogBudget budget = new LogBudget();
  private final OutputStreamAppender<ILoggingEvent> output;

  LimitedAppender(OutputStreamAppender<ILoggingEvent> output) {
    this.output = output;
  }

  @Override
  protected void append(ILoggingEvent event) {
    String place = event.getLoggerName() + ' ' + event.getLevel() + ' ' + event.getMessage();
    int bytes = output.getEncoder().encode(event).length;
    OptionalLong leftOut = budget.admit(place, bytes, event.getTimeStamp());
    if (leftOut.isEmpty()) {
      return;
    }
    if (leftOut.getAsLong() > 0) {
      output.doAppend(note(event, leftOut.getAsLong()));
    }
    output.doAppend(event);
  }

  private static ILoggingEvent note(ILoggingEvent event, long leftOut) {
    LoggingEvent note = new LoggingEvent();
    note.setLoggerName(event.getLoggerName());
    note.setLevel(event.getLevel());
    note.setThreadName(event.getThreadName());
    note.setTimeStamp(event.getTimeStamp());
    note.setMessage(leftOut + " lines like the following one were left out");
    return note;
  }

  @Override
  public void stop() {
    super.stop();
    output.stop();
  }
}
