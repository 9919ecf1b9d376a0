package dev.dolmen.node.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.READ;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text file that is replaced as a whole, or not at all. */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Replaces a file, or makes it: written under another name, synced, renamed. It is on disk when
   * this returns. An interrupt does no harm.
   */
  public static void replace(Path file, String text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    // Unlike a channel, a stream is not closed by an interrupt.
    try (FileOutputStream out = new FileOutputStream(unfinished.toFile())) {
      out.write(text.getBytes(UTF_8));
      out.getFD().sync();
    }
    move(unfinished, file);
  }

  /** Gives a file or directory another name, in the same directory, replacing a file of it. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, REPLACE_EXISTING, ATOMIC_MOVE);
    syncEntries(to);
  }

  /** A rename outlives a power loss once the directory itself is synced, where that can be done. */
  private static void syncEntries(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel entries = FileChannel.open(directory, READ)) {
        entries.force(true);
      }
    }
  }
}
