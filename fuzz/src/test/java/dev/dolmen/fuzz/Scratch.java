package dev.dolmen.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for decoders that read files; it is gone when the process ends. */
final class Scratch {

  private final Path directory;

  Scratch() throws IOException {
    directory = Files.createTempDirectory("dolmen-fuzz");
    Runtime.getRuntime().addShutdownHook(new Thread(this::remove));
  }

  Path directory() {
    return directory;
  }

  /** A file with these bytes and no others. */
  Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private void remove() {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + directory + ": " + e);
    }
  }
}
