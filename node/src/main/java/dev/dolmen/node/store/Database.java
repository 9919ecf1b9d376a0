package dev.dolmen.node.store;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import dev.dolmen.core.signature.PublicKey;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB with our columns, tuned so that an idle node stays small, and all native objects that
 * must be given back in order.
 */
final class Database implements AutoCloseable {

  private static final long MIB = 1L << 20;

  /** Shared by all columns; indexes and filters live in it too, so it bounds them. */
  private static final long CACHE_BYTES = 32 * MIB;

  /**
   * The cache is in 2<sup>n</sup> parts with a lock each. By itself RocksDB would make 64 of 512
   * kB: what is larger than its part is read from disk again at every look-up.
   */
  private static final int CACHE_PARTS_LOG = 2;

  /** Over all columns; what is above it is flushed. */
  private static final long WRITE_BUFFERS_BYTES = 64 * MIB;

  /** Bounds what must be replayed after a crash. */
  private static final long MAX_WAL_BYTES = 64 * MIB;

  /** Far below the usual limit of 1,024 descriptors, which peers need too. */
  private static final int MAX_OPEN_FILES = 256;

  /** One flush and one compaction at a time. */
  private static final int BACKGROUND_JOBS = 2;

  private static final long MAX_LOG_FILE_BYTES = MIB;
  private static final int MAX_LOG_FILES = 3;

  static final double BLOOM_BITS_PER_KEY = 10;

  /** Our columns; RocksDB has one more, its default, which stays empty. */
  enum Column {
    /** Block hash → seal and canonical block. */
    BLOCKS(16 * MIB, Lookup.POINT),
    /** Block hash → header, seal, work. */
    HEADERS(4 * MIB, Lookup.POINT),
    /** Height → block hash on the best chain. */
    ORDER(2 * MIB, Lookup.RANGE),
    /** Transaction id → place on the best chain. */
    TRANSACTIONS(4 * MIB, Lookup.POINT),
    /** Author, height, index → transaction id and block hash on the best chain. */
    AUTHORS(4 * MIB, Lookup.BY_AUTHOR),
    /** Running number → hash of an invalid block. */
    INVALID(MIB, Lookup.RANGE),
    /** Hash of a block that is not on the best chain → its size in bytes. */
    SIDE(MIB, Lookup.RANGE),
    /** Expiry height, running number → an entry of this node's own users. */
    KEPT(4 * MIB, Lookup.RANGE);

    private final long writeBufferBytes;
    private final Lookup lookup;

    Column(long writeBufferBytes, Lookup lookup) {
      this.writeBufferBytes = writeBufferBytes;
      this.lookup = lookup;
    }
  }

  /** How a column is mostly read. */
  private enum Lookup {
    /** Single keys, often of what is not there: a filter saves the disk. */
    POINT,
    /** Neighbouring keys in order. */
    RANGE,
    /** Keys in order that share an author: a filter knows who has none. */
    BY_AUTHOR
  }

  private static boolean libraryIsLoaded;

  private final RocksDB rocks;
  private final Map<Column, ColumnFamilyHandle> columns = new EnumMap<>(Column.class);

  /** Last made, first closed. */
  private final Deque<AbstractNativeReference> natives;

  private final WriteOptions written;
  private final ReadOptions ordered;
  private final ReadOptions withinPrefix;
  private final Path path;
  private Manifest manifest = Manifest.UNKNOWN;
  private @Nullable File manifestFile;

  private Database(
      Path path,
      RocksDB rocks,
      List<ColumnFamilyHandle> handles,
      Deque<AbstractNativeReference> natives,
      WriteOptions written,
      ReadOptions ordered,
      ReadOptions withinPrefix) {
    this.path = path;
    this.rocks = rocks;
    this.natives = natives;
    this.written = written;
    this.ordered = ordered;
    this.withinPrefix = withinPrefix;
    // They come in the order of the descriptors: RocksDB's default column, then ours.
    Iterator<ColumnFamilyHandle> ours = handles.listIterator(1);
    for (Column column : Column.values()) {
      columns.put(column, ours.next());
    }
  }

  /**
   * Unpacks and loads the native library, once for the process. Its file is deleted as soon as it
   * is loaded, where the system lets that be: a process that is killed would leave 17 MB each time.
   */
  static synchronized void loadLibrary() throws IOException {
    if (libraryIsLoaded) {
      return;
    }
    try {
      Path unpacked = Files.createTempDirectory("dolmen-rocksdb");
      NativeLibraryLoader.getInstance().loadLibrary(unpacked.toString());
      RocksDB.loadLibrary(); // Finds it loaded.
      libraryIsLoaded = true;
      deleteOrLeave(unpacked);
    } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
      throw new IOException(
          "cannot load the store's native library ("
              + e.getMessage()
              + "); make room in "
              + System.getProperty("java.io.tmpdir")
              + ", or name another directory with -Djava.io.tmpdir",
          e);
    }
  }

  private static void deleteOrLeave(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (FileSystemException inUse) {
      // Windows lets no one delete a loaded library; RocksDB deletes it at the process's end.
      directory.toFile().deleteOnExit();
    }
  }

  /**
   * Opens a database.
   *
   * @param create whether it is new; otherwise one that is not there is an error
   */
  static Database open(Path path, boolean create) throws RocksDBException {
    return open(path, create, false);
  }

  /**
   * Opens a database whose tables may be damaged or missing, to read what is left. It is not
   * changed. What cannot be read is an error when it is read.
   */
  static Database openDamaged(Path path) throws RocksDBException {
    return open(path, false, true);
  }

  private static Database open(Path path, boolean create, boolean damaged) throws RocksDBException {
    try {
      return open(path, create, damaged, CompressionType.LZ4_COMPRESSION);
    } catch (RocksDBException e) {
      if (!lacksCompression(e)) {
        throw e;
      }
      return open(path, create, damaged, CompressionType.NO_COMPRESSION);
    }
  }

  /** Not every platform's native library comes with every compression. */
  private static boolean lacksCompression(RocksDBException e) {
    Status status = e.getStatus();
    String message = e.getMessage();
    return status != null
        && status.getCode() == Status.Code.InvalidArgument
        && message != null
        && message.contains("ompression");
  }

  private static Database open(
      Path path, boolean create, boolean damaged, CompressionType compression)
      throws RocksDBException {
    Deque<AbstractNativeReference> natives = new ArrayDeque<>();
    try {
      DBOptions options = keep(natives, options(create));
      options.setParanoidChecks(!damaged);
      LRUCache cache = keep(natives, new LRUCache(CACHE_BYTES, CACHE_PARTS_LOG));
      BloomFilter bloom = keep(natives, new BloomFilter(BLOOM_BITS_PER_KEY));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      ColumnFamilyOptions unused = keep(natives, new ColumnFamilyOptions());
      descriptors.add(
          new ColumnFamilyDescriptor(
              RocksDB.DEFAULT_COLUMN_FAMILY, unused.setWriteBufferSize(MIB)));
      for (Column column : Column.values()) {
        ColumnFamilyOptions columnOptions = keep(natives, new ColumnFamilyOptions());
        tune(columnOptions, column, cache, bloom, compression);
        descriptors.add(new ColumnFamilyDescriptor(nameOf(column), columnOptions));
      }
      WriteOptions written = keep(natives, new WriteOptions().setSync(false));
      ReadOptions ordered = keep(natives, new ReadOptions());
      ReadOptions withinPrefix = keep(natives, new ReadOptions().setPrefixSameAsStart(true));
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB rocks =
          keep(
              natives,
              damaged
                  ? RocksDB.openReadOnly(options, path.toString(), descriptors, handles)
                  : RocksDB.open(options, path.toString(), descriptors, handles));
      handles.forEach(natives::push);
      return new Database(path, rocks, handles, natives, written, ordered, withinPrefix);
    } catch (RocksDBException | RuntimeException e) {
      natives.forEach(AbstractNativeReference::close);
      throw e;
    }
  }

  private static <T extends AbstractNativeReference> T keep(
      Deque<AbstractNativeReference> natives, T made) {
    natives.push(made);
    return made;
  }

  private static byte[] nameOf(Column column) {
    return Ascii.toLowerCase(column.name()).getBytes(StandardCharsets.US_ASCII);
  }

  private static DBOptions options(boolean create) {
    return new DBOptions()
        .setCreateIfMissing(create)
        .setCreateMissingColumnFamilies(true) // Older programs knew fewer columns.
        .setDbWriteBufferSize(WRITE_BUFFERS_BYTES)
        .setMaxTotalWalSize(MAX_WAL_BYTES)
        .setMaxOpenFiles(MAX_OPEN_FILES)
        .setMaxBackgroundJobs(BACKGROUND_JOBS)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(MAX_LOG_FILE_BYTES)
        .setKeepLogFileNum(MAX_LOG_FILES)
        .setStatsDumpPeriodSec(0);
  }

  private static void tune(
      ColumnFamilyOptions options,
      Column column,
      LRUCache cache,
      BloomFilter bloom,
      CompressionType compression) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            // Indexes and filters in pieces, so that a look-up reads kilobytes of them at most.
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setPartitionFilters(true)
            .setPinTopLevelIndexAndFilter(true);
    // Only payloads are worth compressing: all else is hashes.
    options
        .setWriteBufferSize(column.writeBufferBytes)
        .setCompressionType(column == Column.BLOCKS ? compression : CompressionType.NO_COMPRESSION);
    switch (column.lookup) {
      case POINT -> table.setFilterPolicy(bloom);
      case RANGE -> {}
      case BY_AUTHOR -> {
        table.setFilterPolicy(bloom).setWholeKeyFiltering(false);
        options.useFixedLengthPrefixExtractor(PublicKey.BYTES);
      }
    }
    options.setTableFormatConfig(table);
  }

  byte @Nullable [] get(Column column, byte[] key) throws RocksDBException {
    return rocks.get(handleOf(column), key);
  }

  /** Whether, at one moment, one column has a key that another lacks. */
  boolean has(Column one, Column other, byte[] key) throws RocksDBException {
    Snapshot moment = rocks.getSnapshot();
    try (ReadOptions then = new ReadOptions().setSnapshot(moment)) {
      return rocks.get(handleOf(one), then, key) != null
          && rocks.get(handleOf(other), then, key) == null;
    } finally {
      rocks.releaseSnapshot(moment);
    }
  }

  /**
   * From now on nothing rewrites the tables of blocks. What is written over a damaged body is found
   * before it, but whoever tidies up its table meets it, and the database takes no writes then: so
   * that is left until the tables are made anew, at the next start.
   */
  void stopTidyingBlocks() throws RocksDBException {
    rocks.setOptions(
        handleOf(Column.BLOCKS),
        MutableColumnFamilyOptions.builder().setDisableAutoCompactions(true).build());
  }

  /** All keys in order, as they are at this moment. */
  RocksIterator iterate(Column column) {
    return rocks.newIterator(handleOf(column), ordered);
  }

  /** Only keys with the author of the key it is first set to, as they are at this moment. */
  RocksIterator iterateWithinAuthor() {
    return rocks.newIterator(handleOf(Column.AUTHORS), withinPrefix);
  }

  /** Writes all of it or nothing; on disk after the next {@link #sync}. */
  void write(WriteBatch batch) throws RocksDBException {
    rocks.write(written, batch);
  }

  /** Grows with everything that is written; after a restart it is that of the last change found. */
  long sequence() {
    return rocks.getLatestSequenceNumber();
  }

  void sync() throws RocksDBException {
    rocks.flushWal(true);
  }

  /**
   * The list of files as it is on disk. It grows when a table is made, which is seldom; only then
   * RocksDB is asked, who alone knows how much of it is synced. For the thread that writes.
   */
  Manifest manifest() throws RocksDBException {
    if (manifestFile == null || manifestFile.length() != manifest.bytes()) {
      RocksDB.LiveFiles live = rocks.getLiveFiles(false);
      for (String file : live.files) {
        String name = CharMatcher.is('/').trimLeadingFrom(file);
        long number = Manifest.numberOf(name);
        if (number > 0) {
          manifest = new Manifest(number, live.manifestFileSize);
          manifestFile = path.resolve(name).toFile();
        }
      }
    }
    return manifest;
  }

  /** How it is. RocksDB keeps these figures; to ask costs next to nothing. */
  StoreFigures figures() throws RocksDBException {
    ColumnFamilyHandle any = handleOf(Column.BLOCKS); // Cache, errors and stops are all columns'.
    return new StoreFigures(
        sum("rocksdb.total-sst-files-size"),
        sum("rocksdb.estimate-live-data-size"),
        sum("rocksdb.cur-size-all-mem-tables"),
        rocks.getLongProperty(any, "rocksdb.block-cache-usage"),
        sum("rocksdb.estimate-pending-compaction-bytes"),
        rocks.getLongProperty(any, "rocksdb.background-errors"),
        rocks.getLongProperty(any, "rocksdb.is-write-stopped") != 0);
  }

  private long sum(String property) throws RocksDBException {
    long sum = 0;
    for (ColumnFamilyHandle column : columns.values()) {
      sum += rocks.getLongProperty(column, property);
    }
    return sum;
  }

  ColumnFamilyHandle handleOf(Column column) {
    return verifyNotNull(columns.get(column));
  }

  @Override
  public void close() {
    while (!natives.isEmpty()) {
      natives.pop().close();
    }
  }
}
