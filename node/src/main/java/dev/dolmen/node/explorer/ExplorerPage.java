package dev.dolmen.node.explorer;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import dev.dolmen.core.encoding.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The explorer page's files, by the path they are served at. They need nothing from elsewhere: no
 * build step, no other server.
 */
public final class ExplorerPage {

  /** The page runs its own script and style, talks to its own API, and nothing else. */
  public static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
          + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String ROOT = "/";

  private ExplorerPage() {}

  /**
   * A file of the page.
   *
   * @param contentType as HTTP names it, charset included
   */
  public record File(String contentType, Bytes bytes) {}

  /** All files; the page itself is at {@code /}. */
  public static ImmutableMap<String, File> files() {
    return ImmutableMap.of(
        ROOT,
        read("index.html", "text/html; charset=utf-8"),
        ROOT + "app.js",
        read("app.js", "text/javascript; charset=utf-8"),
        ROOT + "style.css",
        read("style.css", "text/css; charset=utf-8"));
  }

  private static File read(String name, String contentType) {
    try {
      return new File(
          contentType,
          Bytes.wrap(
              Resources.toByteArray(
                  verifyNotNull(
                      ExplorerPage.class.getResource(name), "%s is not built in", name))));
    } catch (IOException e) {
      throw new UncheckedIOException("the program's own files cannot be read", e);
    }
  }
}
