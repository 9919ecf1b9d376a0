package dev.dolmen.benchmarks.process;

import com.google.common.primitives.Longs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Blocks that RocksDB takes in a second if nothing else is done: three puts for each (the block,
 * its header, its place in the order), many blocks in a batch, the log on and synced at the end.
 */
final class DatabaseFloor {

  private static final int HASH_BYTES = 32;
  private static final int HEADER_BYTES = 100;
  private static final int BLOCKS_PER_BATCH = 1_000;
  private static final long BYTES_PER_BATCH = 16L << 20;
  private static final double NANOS_PER_SECOND = 1e9;

  private DatabaseFloor() {}

  /**
   * Measures.
   *
   * @param directory that is empty
   * @param blockBytes of one block
   */
  static double blocksPerSecond(Path directory, int blocks, int blockBytes) throws IOException {
    RocksDB.loadLibrary();
    SplittableRandom random = new SplittableRandom(1);
    byte[] hash = new byte[HASH_BYTES];
    byte[] header = new byte[HEADER_BYTES];
    byte[] block = new byte[blockBytes];
    random.nextBytes(block);
    int perBatch = (int) Math.max(1, Math.min(BLOCKS_PER_BATCH, BYTES_PER_BATCH / blockBytes));
    try (Options options = new Options().setCreateIfMissing(true);
        WriteOptions written = new WriteOptions();
        RocksDB database = RocksDB.open(options, directory.toString())) {
      long start = System.nanoTime();
      for (int height = 0; height < blocks; ) {
        try (WriteBatch batch = new WriteBatch()) {
          for (int i = 0; i < perBatch && height < blocks; i++, height++) {
            random.nextBytes(hash);
            random.nextBytes(header);
            batch.put(hash, block);
            batch.put(Longs.toByteArray(height), hash);
            hash[0] ^= 1; // Headers have keys of their own.
            batch.put(hash, header);
          }
          database.write(written, batch);
        }
      }
      database.flushWal(true);
      return blocks * NANOS_PER_SECOND / (System.nanoTime() - start);
    } catch (RocksDBException e) {
      throw new IOException("the floor of RocksDB could not be measured", e);
    }
  }
}
