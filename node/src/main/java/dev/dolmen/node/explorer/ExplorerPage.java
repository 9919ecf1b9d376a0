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
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private ExplorerPage() {}

  /**
   * A file of the page.
   *
   * @param contentType as HTTP names it, charset included
   */
  public record File(String contentType, Bytes bytes) {}

  /** All files; the explorer is at {@code /}, the page that checks proofs at {@code /verify}. */
  public static ImmutableMap<String, File> files() {
    return ImmutableMap.<String, File>builder()
        .put(ROOT, read("index.html", HTML))
        .put(ROOT + "app.js", read("app.js", SCRIPT))
        .put(ROOT + "style.css", read("style.css", STYLE))
        .put(ROOT + "verify", read("verify.html", HTML))
        .put(ROOT + "verify.css", read("verify.css", STYLE))
        .put(ROOT + "verify.js", read("verify.js", SCRIPT))
        .put(ROOT + "proof.js", read("proof.js", SCRIPT))
        .put(ROOT + "ed25519.js", read("ed25519.js", SCRIPT))
        .put(ROOT + "sha2.js", read("sha2.js", SCRIPT))
        .buildOrThrow();
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
