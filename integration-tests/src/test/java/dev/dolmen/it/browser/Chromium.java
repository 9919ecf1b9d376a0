package dev.dolmen.it.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** The machine's own Chromium, started for the first test that asks and closed after the last. */
final class Chromium implements AutoCloseable {

  private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");

  private final Playwright playwright;
  private final Browser browser;

  private Chromium() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(EXECUTABLE)
                    // The sandbox needs rights that a container's root lacks; only our page is
                    // opened. No graphics card is there. Names of others lead here, as an attacker
                    // would have them do.
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-background-networking",
                            "--disable-gpu",
                            "--host-resolver-rules=MAP *.example 127.0.0.1")));
  }

  /** The one of this run of tests. */
  static Browser of(ExtensionContext test) {
    return test.getRoot()
        .getStore(Namespace.create(Chromium.class))
        .getOrComputeIfAbsent(Chromium.class, key -> new Chromium(), Chromium.class)
        .browser;
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
