package dev.dolmen.node.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import dev.dolmen.node.disk.WholeFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of text lines that is replaced as a whole, or not at all: written under another name,
 * synced, renamed. A first line says what it is, a last one holds its checksum. One that is damaged
 * stops nobody: it is set aside under another name, and the node begins without it.
 */
final class RecordFile {

  private static final Logger log = LoggerFactory.getLogger(RecordFile.class);
  private static final String END = "end ";

  private final Path path;
  private final String title;
  private final long maxBytes;

  /**
   * @param title the first line
   * @param maxBytes larger ones were not written by us
   */
  RecordFile(Path path, String title, long maxBytes) {
    this.path = path;
    this.title = title;
    this.maxBytes = maxBytes;
  }

  /**
   * What is in the file.
   *
   * @param parser makes something of its lines; an {@link IllegalArgumentException} says that they
   *     are not ours
   * @param otherwise what holds if there is no file, or a damaged one
   * @throws IOException if it cannot be read, or not be set aside
   */
  <T> T read(Function<List<String>, T> parser, T otherwise) throws IOException {
    if (!Files.exists(path)) {
      return otherwise;
    }
    try {
      return parser.apply(lines());
    } catch (IllegalArgumentException | CharacterCodingException damaged) {
      Path aside = path.resolveSibling(path.getFileName() + ".damaged");
      Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      log.warn(
          "{} is damaged ({}); it is kept as {}, and the node begins without it",
          path,
          damaged.getMessage(),
          aside.getFileName());
      return otherwise;
    }
  }

  private List<String> lines() throws IOException {
    if (Files.size(path) > maxBytes) {
      throw new IllegalArgumentException("larger than " + maxBytes + " bytes");
    }
    List<String> all = Files.readAllLines(path, UTF_8);
    if (all.size() < 2 || !all.get(0).equals(title)) {
      throw new IllegalArgumentException("it does not begin with '" + title + "'");
    }
    List<String> lines = all.subList(1, all.size() - 1);
    if (!all.get(all.size() - 1).equals(lastLine(lines))) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    return List.copyOf(lines);
  }

  /** Replaces the file; on disk when this returns. */
  void write(List<String> lines) throws IOException {
    StringBuilder text = new StringBuilder(title).append('\n');
    lines.forEach(line -> text.append(line).append('\n'));
    text.append(lastLine(lines)).append('\n');
    WholeFile.replace(path, text.toString());
  }

  private static String lastLine(List<String> lines) {
    return END + Hashing.sha256().hashString(String.join("\n", lines), UTF_8);
  }
}
