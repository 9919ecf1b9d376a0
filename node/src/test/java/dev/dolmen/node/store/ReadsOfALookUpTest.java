package dev.dolmen.node.store;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.node.store.Database.Column;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** How much a look-up reads, as the kernel counts it. */
@EnabledOnOs(OS.LINUX)
class ReadsOfALookUpTest {

  private static final int BLOCKS = 500_000;
  private static final int RECORD_BYTES = 100;
  private static final int BATCH = 1_000;
  private static final int LOOK_UPS = 2_000;

  /** Some blocks of 4 kB; a filter in one piece is 600 kB, and may be read once. */
  private static final long MOST_BYTES_EACH = 32_000;

  private static final int SEED = 7;

  @TempDir private Path directory;

  /** Older versions wrote the filter of a table in one piece, and their tables stay. */
  @Test
  void aFilterInOnePieceIsNotReadAtEveryLookUp() throws IOException, RocksDBException {
    Database.loadLibrary();
    Path path = directory.resolve("blocks");
    try (Database database = Database.open(path, true)) {
      fill(database);
    }
    makeOneTable(path);

    try (Database database = Database.open(path, false)) {
      look(database, SEED); // Whatever is read once.
      long before = bytesRead();
      look(database, SEED + 1);
      long each = (bytesRead() - before) / LOOK_UPS;
      assertTrue(each < MOST_BYTES_EACH, each + " bytes read for each look-up");
    }
  }

  private static void fill(Database database) throws RocksDBException {
    Random random = new Random(SEED);
    byte[] record = new byte[RECORD_BYTES];
    for (int i = 0; i < BLOCKS; i += BATCH) {
      try (WriteBatch batch = new WriteBatch()) {
        for (int j = i; j < i + BATCH; j++) {
          random.nextBytes(record);
          batch.put(database.handleOf(Column.HEADERS), key(j), record);
        }
        database.write(batch);
      }
    }
  }

  /** As older versions wrote them: with a filter of 600 kB for all of the table's keys. */
  private static void makeOneTable(Path path) throws RocksDBException {
    try (BloomFilter bloom = new BloomFilter(Database.BLOOM_BITS_PER_KEY);
        ColumnFamilyOptions options = new ColumnFamilyOptions()) {
      options.setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(bloom));
      PlainRocksDb.change(
          path, options, (rocks, columns) -> rocks.compactRange(columns.get("headers")));
    }
  }

  private static void look(Database database, int seed) throws RocksDBException {
    Random random = new Random(seed);
    for (int i = 0; i < LOOK_UPS; i++) {
      assertNotNull(database.get(Column.HEADERS, key(random.nextInt(BLOCKS))));
    }
  }

  /** As far apart as hashes are. */
  private static byte[] key(int number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number * 0x9E3779B97F4A7C15L).array();
  }

  private static long bytesRead() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/io")).stream()
        .filter(line -> line.startsWith("rchar: "))
        .mapToLong(line -> Long.parseLong(line.substring("rchar: ".length())))
        .findFirst()
        .orElseThrow();
  }
}
