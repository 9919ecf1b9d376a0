package dev.dolmen.network.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class QuietLogTest {

  private final List<String> lines = new ArrayList<>();
  private final MockTicker ticker = Ticker.newMockTicker();

  @Test
  void writesABurstThenOneLineASecondAndSaysHowManyItLeftOut() {
    QuietLog log = new QuietLog(logger(), ticker);
    for (int i = 0; i < QuietLog.BURST + 7; i++) {
      log.info("no link with {}", i);
    }
    assertThat(lines).hasSize(QuietLog.BURST);

    ticker.advance(1, TimeUnit.SECONDS);
    log.info("no link with {}", "x");
    log.info("no link with {}", "y");

    assertThat(lines).hasSize(QuietLog.BURST + 1);
    assertThat(lines.get(QuietLog.BURST))
        .isEqualTo("no link with x (7 such lines left out before)");
  }

  private Logger logger() {
    Logger logger = (Logger) LoggerFactory.getLogger("quiet");
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
          }
        };
    appender.start();
    logger.addAppender(appender);
    return logger;
  }
}
