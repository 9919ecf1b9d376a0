package dev.dolmen.node.explorer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExplorerPageTest {

  private static String text(String path) {
    ExplorerPage.File file = ExplorerPage.files().get(path);
    assertThat(file).isNotNull();
    return file == null ? "" : new String(file.bytes().toByteArray(), UTF_8);
  }

  @Test
  void needsNothingFromElsewhere() {
    for (String path : ExplorerPage.files().keySet()) {
      assertThat(text(path)).doesNotContain("http://", "https://", "@import", "url(");
    }
  }

  @Test
  void makesNoMarkupOfWhatStrangersWrote() {
    assertThat(text("/app.js"))
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(");
  }

  @Test
  void obeysItsOwnPolicy() {
    assertThat(text("/")).doesNotContain("<style", "style=", "onclick", "javascript:");
    assertThat(text("/")).containsOnlyOnce("<script").contains("<script src=\"/app.js\" defer>");
  }

  @Test
  void worksInLightAndDarkAndOnAPhone() {
    assertThat(text("/style.css"))
        .contains("prefers-color-scheme: dark", "max-width: 40rem", ":focus-visible");
    assertThat(text("/")).contains("width=device-width", "lang=\"en\"");
  }
}
