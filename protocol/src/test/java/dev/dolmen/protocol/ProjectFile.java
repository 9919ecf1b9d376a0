package dev.dolmen.protocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Reads files of the project; tests run in their module's directory, below its root. */
final class ProjectFile {
  private static final String DOCUMENT = "docs/protocol.md";

  private ProjectFile() {}

  static String protocolDocument() throws IOException {
    return read(DOCUMENT);
  }

  static String read(String path) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve(DOCUMENT))) {
      root = Objects.requireNonNull(root.getParent(), "no directory above has " + DOCUMENT);
    }
    return Files.readString(root.resolve(path));
  }
}
