package dev.dolmen.node.store;

import dev.dolmen.node.store.Database.Column;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Writes much to a database that nobody uses yet, a few megabytes at a time. */
final class BatchedWriter implements AutoCloseable {

  private static final long MAX_BATCH_BYTES = 4L << 20;

  private final Database database;
  private final WriteBatch batch = new WriteBatch();

  BatchedWriter(Database database) {
    this.database = database;
  }

  void put(Column column, byte[] key, byte[] value) throws RocksDBException {
    batch.put(database.handleOf(column), key, value);
    if (batch.getDataSize() >= MAX_BATCH_BYTES) {
      flush();
    }
  }

  /** What was put can be read now. */
  void flush() throws RocksDBException {
    database.write(batch);
    batch.clear();
  }

  @Override
  public void close() {
    batch.close();
  }
}
