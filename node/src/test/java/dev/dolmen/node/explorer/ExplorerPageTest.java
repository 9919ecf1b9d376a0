package dev.dolmen.node.explorer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExplorerPageTest {

  private static String text(String path) {
    ExplorerPage.File file = ExplorerPage.files().get(path);
    assertThat(file).isNotNull();
    return file == null ? "" : new String(file.read(), UTF_8);
  }

  private static Stream<String> scripts() {
    return ExplorerPage.files().keySet().stream().filter(path -> path.endsWith(".js"));
  }

  @Test
  void needsNothingFromElsewhere() {
    for (String path : ExplorerPage.files().keySet()) {
      assertThat(text(path).replace("http://www.w3.org/2000/svg", ""))
          .as(path)
          .doesNotContain("http://", "https://", "@import", "url(");
    }
  }

  @Test
  void makesNoMarkupOfWhatStrangersWrote() {
    assertThat(scripts())
        .allSatisfy(
            path ->
                assertThat(text(path))
                    .as(path)
                    .doesNotContain(
                        "innerHTML",
                        "outerHTML",
                        "insertAdjacent",
                        "document.write",
                        "eval(",
                        "Function(",
                        "DOMParser",
                        "srcdoc"));
  }

  /** An import that is not served would be found only by the browser. */
  @Test
  void servesWhatItImports() {
    Pattern imported = Pattern.compile("(?:from|import\\() *'\\.(/[a-z0-9]+\\.js)'");
    assertThat(scripts().flatMap(path -> imported.matcher(text(path)).results()))
        .hasSizeGreaterThan(10)
        .allSatisfy(found -> assertThat(ExplorerPage.files()).containsKey(found.group(1)));
  }

  @Test
  void obeysItsOwnPolicy() {
    assertThat(text("/")).doesNotContain("<style", "style=", "onclick", "javascript:");
    assertThat(text("/")).containsPattern("<script src=\"/theme.js\">");
    assertThat(ExplorerPage.CONTENT_SECURITY_POLICY).doesNotContain("unsafe", "*");
  }

  @Test
  void worksInLightAndDarkAndOnAPhone() {
    assertThat(text("/style.css"))
        .contains("color-scheme: light dark", "max-width: 44rem", ":focus-visible");
    assertThat(text("/pages.css")).contains("prefers-reduced-motion");
    assertThat(text("/")).contains("width=device-width", "lang=\"en\"");
  }
}
