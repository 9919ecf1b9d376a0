package dev.dolmen.node.explorer;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Files;
import com.google.common.io.Resources;
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
  private static final String PAGE = "index.html";
  private static final String VERIFY = "verify";
  private static final String VERIFY_PAGE = "verify.html";

  /** What the pages load, each served by its own name. */
  private static final ImmutableList<String> FILES =
      ImmutableList.of(
          "api.js",
          "app.js",
          "author.js",
          "block.js",
          "blocks.js",
          "bytes.js",
          "charts.js",
          "devnet.css",
          "devnet.js",
          "dom.js",
          "ed25519.js",
          "entry.js",
          "fields.js",
          "fleet.js",
          "forks.js",
          "home.js",
          "icon.svg",
          "live.js",
          "messages.js",
          "pace.js",
          "pages.css",
          "peers.js",
          "proof.js",
          "ring.js",
          "search.js",
          "sha2.js",
          "sides.js",
          "stories.js",
          "stream.js",
          "style.css",
          "theme.js",
          "verify.css",
          "verify.js",
          "words.js");

  private static final ImmutableMap<String, String> CONTENT_TYPES =
      ImmutableMap.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private ExplorerPage() {}

  private static final ImmutableMap<String, File> BY_PATH = byPath();

  /** A file of the page. */
  public static final class File {
    private final String contentType;
    private final String name;

    private File(String name) {
      this.contentType =
          verifyNotNull(
              CONTENT_TYPES.get(Files.getFileExtension(name)), "%s is of no known kind", name);
      this.name = name;
    }

    /** As HTTP names it, charset included. */
    public String contentType() {
      return contentType;
    }

    /** Reads what is in it. */
    public byte[] read() {
      return ExplorerPage.read(name);
    }
  }

  /** All files; the explorer is at {@code /}, the page that checks proofs at {@code /verify}. */
  public static ImmutableMap<String, File> files() {
    return BY_PATH;
  }

  private static ImmutableMap<String, File> byPath() {
    ImmutableMap.Builder<String, File> files = ImmutableMap.builder();
    files.put(ROOT, new File(PAGE));
    files.put(ROOT + VERIFY, new File(VERIFY_PAGE));
    FILES.forEach(name -> files.put(ROOT + name, new File(name)));
    return files.buildOrThrow();
  }

  private static byte[] read(String name) {
    try {
      return Resources.toByteArray(
          verifyNotNull(ExplorerPage.class.getResource(name), "%s is not built in", name));
    } catch (IOException e) {
      throw new UncheckedIOException("the program's own files cannot be read", e);
    }
  }
}
