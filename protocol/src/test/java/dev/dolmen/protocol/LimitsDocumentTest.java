package dev.dolmen.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Holds the table of limits in {@code docs/protocol.md} against the constants. */
class LimitsDocumentTest {

  @Test
  void everyLimitStandsInTheTableWithItsValue() throws IOException, IllegalAccessException {
    String document = ProjectFile.protocolDocument();
    List<String> missing = new ArrayList<>();
    for (Field limit : Limits.class.getFields()) {
      String row = "| `" + limit.getName() + "` | " + shown(limit.get(null)) + " |";
      if (!document.contains(row)) {
        missing.add(row);
      }
    }

    assertThat(Limits.class.getFields()).isNotEmpty();
    assertThat(missing).isEmpty();
  }

  private static String shown(Object value) {
    if (value instanceof Duration duration) {
      return duration.toMillis() % 1_000 == 0
          ? duration.toSeconds() + " s"
          : duration.toMillis() + " ms";
    }
    return value.equals(Long.MIN_VALUE)
        ? "2^63"
        : String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
  }
}
