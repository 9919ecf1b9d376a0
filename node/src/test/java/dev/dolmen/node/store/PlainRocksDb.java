package dev.dolmen.node.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A database of ours, opened by somebody who knows none of our settings. */
final class PlainRocksDb {

  private PlainRocksDb() {}

  /** What is done to the database, whose columns are given by name. */
  interface Change {
    void make(RocksDB rocks, Map<String, ColumnFamilyHandle> columns) throws RocksDBException;
  }

  /**
   * Opens the database, changes it and closes it.
   *
   * @param options for each of its columns
   */
  static void change(Path path, ColumnFamilyOptions options, Change change)
      throws RocksDBException {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    try (Options any = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(any, path.toString())) {
        descriptors.add(new ColumnFamilyDescriptor(name, options));
      }
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions any = new DBOptions();
        RocksDB rocks = RocksDB.open(any, path.toString(), descriptors, handles)) {
      Map<String, ColumnFamilyHandle> columns = new HashMap<>();
      for (ColumnFamilyHandle handle : handles) {
        columns.put(new String(handle.getName(), UTF_8), handle);
      }
      change.make(rocks, columns);
      handles.forEach(ColumnFamilyHandle::close);
    }
  }
}
