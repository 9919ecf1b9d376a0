package dev.dolmen.it.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One browser window for each test, with storage of its own. The test fails if the page wrote an
 * error to the console (a violation of its Content-Security-Policy is one), left an exception
 * uncaught, or asked another server for anything. When a test fails, a picture is kept.
 *
 * <pre>{@code
 * @RegisterExtension final Window window = new Window();
 * }</pre>
 */
final class Window implements BeforeEachCallback, AfterEachCallback {

  /** A desk's width, in CSS pixels. */
  static final int DESK = 1280;

  /** A phone's width, in CSS pixels. */
  static final int PHONE = 390;

  private static final int HEIGHT = 900;

  /** Where the build says that pictures go. */
  private static final String PROPERTY = "dolmen.screenshots";

  private final List<String> complaints = new ArrayList<>();
  private final List<String> tolerated = new ArrayList<>();
  private final List<Site> shown = new ArrayList<>();
  private @Nullable BrowserContext context;
  private @Nullable Page page;

  @Override
  public void beforeEach(ExtensionContext test) {
    complaints.clear();
    tolerated.clear();
    context =
        Chromium.of(test)
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(DESK, HEIGHT)
                    .setColorScheme(ColorScheme.LIGHT)
                    .setReducedMotion(ReducedMotion.REDUCE));
    page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            complaints.add(message.text() + " at " + message.location());
          }
        });
    page.onPageError(error -> complaints.add("uncaught: " + error));
    page.onRequest(
        request -> {
          URI asked = URI.create(request.url());
          if (asked.getHost() != null && !asked.getHost().equals("127.0.0.1")) {
            complaints.add("asked a stranger: " + asked);
          }
        });
  }

  @Override
  public void afterEach(ExtensionContext test) {
    try {
      if (test.getExecutionException().isPresent()) {
        screenshot(
            "failed-"
                + test.getRequiredTestClass().getSimpleName()
                + "-"
                + test.getRequiredTestMethod().getName());
      }
      assertThat(complaints)
          .as("what the browser complains of")
          .allMatch(complaint -> tolerated.stream().anyMatch(complaint::contains));
    } finally {
      // First the page, lest it complain of a server that is gone; and nothing is answered in its
      // name any more, lest that ask a context that is closing.
      if (context != null) {
        page().unrouteAll();
        context.close();
      }
      shown.forEach(Site::close);
      shown.clear();
    }
  }

  /** The window's page. */
  Page page() {
    if (page == null) {
      throw new IllegalStateException("a window opens when its test begins");
    }
    return page;
  }

  /** Closes the site after the test, once this window is closed. */
  Site show(Site site) {
    shown.add(site);
    return site;
  }

  /** Goes to a path, or to a place of the page as in {@code /#/block/7}. */
  Page open(Site site, String path) {
    page().navigate(site.url() + path);
    return page();
  }

  /** Makes it so wide, in CSS pixels. */
  void width(int pixels) {
    page().setViewportSize(pixels, HEIGHT);
  }

  /** What the person's system prefers. */
  void prefers(ColorScheme scheme) {
    page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
  }

  /** Lets things move, which is not so by default: pictures and clicks are steadier without. */
  void movement() {
    page()
        .emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.NO_PREFERENCE));
  }

  /**
   * Expects an error on the console, for example of a load that this test makes fail.
   *
   * @param part what it contains, its place included
   */
  void expect(String part) {
    tolerated.add(part);
  }

  /** Fails the test at its end. */
  void complain(String what) {
    complaints.add(what);
  }

  /** Keeps a picture of the whole page as {@code target/screenshots/NAME.png}. */
  void screenshot(String name) {
    page()
        .screenshot(
            new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(
                    Path.of(System.getProperty(PROPERTY, "target/screenshots"), name + ".png")));
  }
}
