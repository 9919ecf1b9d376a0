package dev.dolmen.node.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.primitives.Longs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * RocksDB's list of the files that make up a database: a log of changes, which begins anew with
 * each opening. If its end is lost, it looks as if the last changes had never been: tables are
 * missing, and nothing tells. So we remember how long it was.
 *
 * @param number of the list among all that this database had; 0 if that is not known
 * @param bytes its length, as far as it is on disk
 */
record Manifest(long number, long bytes) {

  static final Manifest UNKNOWN = new Manifest(0, 0);

  private static final String PREFIX = "MANIFEST-";

  /** The name of one, and a line feed. */
  private static final int MAX_CURRENT_FILE_BYTES = 64;

  /** The one in use in a directory; unknown if that cannot be told. */
  static Manifest in(Path database) throws IOException {
    Path current = database.resolve("CURRENT");
    if (!Files.isRegularFile(current) || Files.size(current) > MAX_CURRENT_FILE_BYTES) {
      return UNKNOWN;
    }
    String name = new String(Files.readAllBytes(current), US_ASCII).strip();
    long number = numberOf(name);
    if (number == 0) {
      return UNKNOWN;
    }
    Path list = database.resolve(name);
    return new Manifest(number, Files.isRegularFile(list) ? Files.size(list) : 0);
  }

  /** The number in a manifest's name, 0 if it is no manifest's. */
  static long numberOf(String name) {
    Long number = name.startsWith(PREFIX) ? Longs.tryParse(name.substring(PREFIX.length())) : null;
    return number == null || number < 0 ? 0 : number;
  }

  /** Whether this may have become of a list that was noted before. */
  boolean continues(Manifest noted) {
    return equals(UNKNOWN)
        || number > noted.number
        || (number == noted.number && bytes >= noted.bytes);
  }
}
