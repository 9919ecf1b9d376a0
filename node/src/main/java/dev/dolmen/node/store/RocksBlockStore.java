package dev.dolmen.node.store;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.core.store.SideBlock;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.store.Database.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the chain in RocksDB, below a data directory. One change is one write, so that readers and
 * a crash see all of it or nothing; it is in the operating system's hands at once and on disk after
 * {@link #sync}.
 *
 * <p>Damage is found before use: RocksDB keeps checksums of its files, and what is read as a block
 * must have the hash it was asked for. It is thrown as {@link UncheckedIOException}, as is every
 * failure of the disk; a block of which only the body is damaged is told as {@link
 * DamagedBlockException}, and is whole again once it is restored. A closed store throws {@link
 * IllegalStateException}.
 */
public final class RocksBlockStore implements BlockStore {

  private static final Logger log = LoggerFactory.getLogger(RocksBlockStore.class);

  private final DataDirectory directory;
  private final Database database;
  private final DamageNotes damage;

  /** Shared by all who use native objects, and taken alone by the one who closes them. */
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  /** Written by the one writer, after the change it belongs to can be seen. */
  private volatile ChainedHeader tip;

  /** Running numbers of the invalid blocks; only the writer uses them. */
  private long oldestInvalid;

  private long nextInvalid;

  /** The next running number of what is kept; only the writer uses it, and the next. */
  private long nextKept;

  /** No kept entry expires at a lower height. */
  private long lowestKeptExpiry = Long.MAX_VALUE;

  /** Whether something was written since the last sync; only the writer uses it. */
  private boolean unsynced;

  /** Whether a write or a sync has failed; only the writer uses it. */
  private boolean broken;

  private RocksBlockStore(DataDirectory directory, Database database, DamageNotes damage)
      throws RocksDBException, MalformedException {
    this.directory = directory;
    this.database = database;
    this.damage = damage;
    this.tip = readTip();
    readInvalidNumbers();
    readKeptNumbers();
  }

  /**
   * Opens the store in a data directory and claims that directory until {@link #close}; makes
   * either if it is not there.
   *
   * @throws IOException of one line that says what to do: the directory is in use, belongs to
   *     another network or a newer version, cannot be written to, or is damaged. Nothing in it has
   *     been changed then, unless it is damaged
   */
  public static RocksBlockStore open(Path directory, NetworkParameters parameters)
      throws IOException {
    return open(directory, parameters, RocksBlockStore::openExisting);
  }

  /**
   * The same for a node, which can do something about damage: where tables are damaged, now or by
   * what was noted, they are made anew from what is sound, as far as nothing is lost by it; the
   * blocks that are missing then are among {@link #damagedBlocks}, for peers to give them again.
   *
   * @throws IOException of one line that says what to do, also where too much is damaged
   */
  public static RocksBlockStore openMended(Path directory, NetworkParameters parameters)
      throws IOException {
    return open(directory, parameters, RocksBlockStore::openExistingMended);
  }

  /** How the database in a claimed directory is opened. */
  private interface Opening {
    RocksBlockStore open(DataDirectory claimed, NetworkParameters parameters) throws IOException;
  }

  private static RocksBlockStore open(Path directory, NetworkParameters parameters, Opening opening)
      throws IOException {
    Database.loadLibrary();
    DataDirectory claimed = DataDirectory.claim(directory, parameters);
    try {
      if (!claimed.hasBlocks()) {
        create(claimed, parameters);
      }
      claimed.expectWholeManifest();
      return opening.open(claimed, parameters);
    } catch (IOException e) {
      claimed.close();
      throw claimed.explained(e);
    } catch (RuntimeException e) {
      claimed.close();
      throw e;
    }
  }

  private static RocksBlockStore openExistingMended(
      DataDirectory claimed, NetworkParameters parameters) throws IOException {
    if (DamageNotes.read(claimed.damageNotes()).tablesAreDamaged()) {
      mend(claimed, parameters, claimed.damaged("was found damaged when it was last in use"));
    }
    RocksBlockStore store;
    try {
      store = openExisting(claimed, parameters);
    } catch (DamagedTablesException damaged) {
      mend(claimed, parameters, damaged);
      store = openExisting(claimed, parameters);
    }
    store.lookAtWhatWasNoted();
    return store;
  }

  /** Tables that cannot be opened or read; perhaps they can be made anew. */
  private static final class DamagedTablesException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedTablesException(IOException refusal, Exception cause) {
      super(refusal.getMessage(), cause);
    }
  }

  /**
   * Puts a new database with what is sound in the damaged one's place.
   *
   * @param refusal what to say if that cannot be done; nothing has been changed then
   */
  private static void mend(
      DataDirectory directory, NetworkParameters parameters, IOException refusal)
      throws IOException {
    log.warn("{}: it is damaged; what is sound is copied to a new database", directory.blocks());
    List<BlockHash> missing;
    try (Database damaged = Database.openDamaged(directory.blocks())) {
      if (damaged.sequence() < directory.syncedBefore().sequence()) {
        throw directory.damaged("has lost changes that were on disk: its log is damaged");
      }
      try (Database sound = Database.open(directory.unfinishedBlocks(), true)) {
        missing = Mending.copy(damaged, sound, parameters);
      }
    } catch (RocksDBException | MalformedException e) {
      directory.dropUnfinishedBlocks();
      log.warn("{} cannot be mended: {}", directory.blocks(), oneLine(e));
      refusal.addSuppressed(e);
      throw refusal;
    }
    directory.replaceBlocks();
    DamageNotes.read(directory.damageNotes()).tablesAreNew(missing);
    log.warn(
        "{} is mended; {} blocks are missing in it, and peers will be asked for them",
        directory.blocks(),
        missing.size());
  }

  /** What was noted as damaged is read; what is sound by now is forgotten. */
  private void lookAtWhatWasNoted() {
    for (BlockHash hash : damage.blocks()) {
      try {
        if (header(hash).isEmpty() || block(hash).isPresent()) {
          damage.areHealed(List.of(hash));
        }
      } catch (DamagedBlockException still) {
        log.debug("still to be fetched again: {}", hash);
      }
    }
  }

  private static void create(DataDirectory directory, NetworkParameters parameters)
      throws IOException {
    Block genesis = parameters.genesis();
    StoreChange change =
        new StoreChange.Builder()
            .store(genesis, new HeaderRules(parameters).workOf(genesis.header()))
            .connect(genesis)
            .build();
    try (Database database = Database.open(directory.unfinishedBlocks(), true);
        WriteBatch batch = new WriteBatch()) {
      putBlocks(database, batch, change);
      putOrder(database, batch, change.order().orElseThrow(), -1);
      database.write(batch);
      database.sync();
    } catch (RocksDBException e) {
      throw new IOException(
          "cannot make a store in " + directory.blocks() + " (" + oneLine(e) + ")", e);
    }
    directory.forgetSynced();
    directory.finishBlocks();
  }

  private static RocksBlockStore openExisting(DataDirectory directory, NetworkParameters parameters)
      throws IOException {
    Database database;
    try {
      database = Database.open(directory.blocks(), false);
    } catch (RocksDBException e) {
      IOException refusal = directory.damaged("cannot be opened (" + oneLine(e) + ")");
      throw isCorruption(e) ? new DamagedTablesException(refusal, e) : refusal;
    }
    try {
      RocksBlockStore store =
          new RocksBlockStore(directory, database, DamageNotes.read(directory.damageNotes()));
      if (database.sequence() < directory.syncedBefore().sequence()) {
        throw directory.damaged("has lost changes that were on disk: its log is damaged");
      }
      if (!store.hashAt(0).equals(Optional.of(parameters.genesisHash()))) {
        throw directory.damaged("holds blocks of another network than its file says");
      }
      return store;
    } catch (RocksDBException | MalformedException | UncheckedIOException e) {
      database.close();
      throw new DamagedTablesException(directory.damaged("cannot be read (" + oneLine(e) + ")"), e);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static boolean isCorruption(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption;
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  @Override
  public ChainedHeader tip() {
    return tip;
  }

  @Override
  public Optional<ChainedHeader> header(BlockHash hash) {
    return using("read header", hash, () -> readHeader(hash));
  }

  @Override
  public Optional<Block> block(BlockHash hash) {
    return using(
        "read block",
        hash,
        () -> {
          try {
            byte[] stored = database.get(Column.BLOCKS, hash.toBytes());
            if (stored != null) {
              return Optional.of(Records.decodeBlock(hash, stored));
            }
          } catch (RocksDBException | MalformedException e) {
            if (damage.tableIsDamaged()) {
              database.stopTidyingBlocks();
            }
            if (readHeader(hash).isEmpty()) {
              return Optional.empty(); // It was never stored, and would have had its place there.
            }
            throw damagedBlock(hash, oneLine(e), e);
          }
          if (database.has(Column.HEADERS, Column.BLOCKS, hash.toBytes())) {
            throw damagedBlock(hash, "it is missing", null);
          }
          return Optional.empty();
        });
  }

  private DamagedBlockException damagedBlock(
      BlockHash hash, String reason, @Nullable Exception cause) {
    damage.blockIsDamaged(hash);
    return new DamagedBlockException(
        hash,
        new IOException(
            "the body of block " + hash + " in " + directory.blocks() + " is damaged: " + reason,
            cause));
  }

  @Override
  public List<BlockHash> damagedBlocks() {
    return damage.firstBlocks();
  }

  @Override
  public Optional<BlockHash> hashAt(long height) {
    if (height < 0) {
      return Optional.empty();
    }
    return using(
        "read the hash at height",
        height,
        () -> {
          byte[] stored = database.get(Column.ORDER, Records.heightKey(height));
          return stored == null ? Optional.empty() : Optional.of(Records.decodeHash(stored));
        });
  }

  @Override
  public List<BlockHash> hashesFrom(long height, int limit) {
    checkLimit(limit);
    if (height < 0 || limit == 0) {
      return List.of();
    }
    return using(
        "read the hashes from height",
        height,
        () -> {
          List<BlockHash> hashes = new ArrayList<>();
          try (RocksIterator order = database.iterate(Column.ORDER)) {
            for (order.seek(Records.heightKey(height));
                order.isValid() && hashes.size() < limit;
                order.next()) {
              Records.expectHeight(order.key(), height + hashes.size());
              hashes.add(Records.decodeHash(order.value()));
            }
            order.status();
          }
          return List.copyOf(hashes);
        });
  }

  @Override
  public Optional<TransactionPlace> locate(TransactionId id) {
    return using(
        "locate transaction",
        id,
        () -> {
          byte[] stored = database.get(Column.TRANSACTIONS, id.toBytes());
          return stored == null ? Optional.empty() : Optional.of(Records.decodePlace(id, stored));
        });
  }

  @Override
  public List<TransactionPlace> byAuthor(
      PublicKey author, long fromHeight, int fromIndex, int limit) {
    checkLimit(limit);
    return using(
        "read the transactions of",
        author,
        () -> {
          List<TransactionPlace> places = new ArrayList<>();
          try (RocksIterator written = database.iterateWithinAuthor()) {
            for (written.seek(
                    Records.authorKey(
                        author, Math.max(0, fromHeight), fromHeight < 0 ? 0 : fromIndex));
                written.isValid() && places.size() < limit;
                written.next()) {
              places.add(Records.decodeAuthored(written.key(), written.value()));
            }
            written.status();
          }
          return List.copyOf(places);
        });
  }

  @Override
  public List<SideBlock> sideBlocks() {
    return using(
        "read the side blocks",
        () -> {
          List<SideBlock> blocks = new ArrayList<>();
          try (RocksIterator side = database.iterate(Column.SIDE)) {
            for (side.seekToFirst(); side.isValid(); side.next()) {
              blocks.add(
                  new SideBlock(Records.decodeHash(side.key()), Records.decodeSize(side.value())));
            }
            side.status();
          }
          return List.copyOf(blocks);
        });
  }

  @Override
  public List<BlockHash> invalidBlocks() {
    return using(
        "read the invalid blocks",
        () -> {
          ArrayDeque<BlockHash> hashes = new ArrayDeque<>();
          try (RocksIterator invalid = database.iterate(Column.INVALID)) {
            for (invalid.seekToFirst(); invalid.isValid(); invalid.next()) {
              hashes.addLast(Records.decodeHash(invalid.value()));
            }
            invalid.status();
          }
          return List.copyOf(hashes);
        });
  }

  @Override
  public void forEachKept(Consumer<Transaction> viewer) {
    using(
        "read the entries of this node's users",
        () -> {
          try (RocksIterator kept = database.iterate(Column.KEPT)) {
            for (kept.seekToFirst(); kept.isValid(); kept.next()) {
              viewer.accept(Transaction.fromBytes(kept.value()));
            }
            kept.status();
          }
          return viewer;
        });
  }

  @Override
  public void apply(StoreChange change) {
    using(
        "write a change",
        () -> {
          changing(() -> write(change));
          return change;
        });
  }

  private interface Step {
    void run() throws RocksDBException, MalformedException;
  }

  /**
   * Changes what is on disk, unless that has failed before: the system may have dropped what it
   * could not write, and would call the next sync good.
   */
  private void changing(Step step) throws RocksDBException, MalformedException {
    checkState(!broken, "the disk has failed before, and nothing more is written to it");
    broken = true;
    step.run();
    broken = false;
  }

  private void write(StoreChange change) throws RocksDBException, MalformedException {
    ChainedHeader newTip = tip;
    long oldest = oldestInvalid;
    long next = nextInvalid;
    long lowestExpiry = lowestKeptExpiry;
    try (WriteBatch batch = new WriteBatch()) {
      putBlocks(database, batch, change);
      for (Block sound : change.restored()) {
        batch.put(
            database.handleOf(Column.BLOCKS), sound.hash().toBytes(), Records.encodeBlock(sound));
      }
      for (StoreChange.Entry entry : change.disconnected()) {
        TransactionPlace place = entry.place();
        batch.delete(database.handleOf(Column.TRANSACTIONS), place.id().toBytes());
        batch.delete(
            database.handleOf(Column.AUTHORS),
            Records.authorKey(entry.author(), place.height(), place.index()));
      }
      for (StoreChange.Entry entry : change.connected()) {
        TransactionPlace place = entry.place();
        batch.put(
            database.handleOf(Column.TRANSACTIONS),
            place.id().toBytes(),
            Records.encodePlace(place));
        batch.put(
            database.handleOf(Column.AUTHORS),
            Records.authorKey(entry.author(), place.height(), place.index()),
            Records.encodeAuthored(place));
      }
      if (change.order().isPresent()) {
        StoreChange.Order order = change.order().get();
        putOrder(database, batch, order, tip.height());
        newTip = newTipOf(change, order.tip());
      }
      putSide(database, batch, change);
      for (BlockHash hash : change.invalid()) {
        batch.put(database.handleOf(Column.INVALID), Records.heightKey(next++), hash.toBytes());
        if (next - oldest > MAX_INVALID_BLOCKS) {
          batch.delete(database.handleOf(Column.INVALID), Records.heightKey(oldest++));
        }
      }
      if (newTip.height() >= lowestExpiry) {
        lowestExpiry = dropExpired(batch, newTip.height());
      }
      long number = nextKept;
      for (Transaction own : change.kept()) {
        if (own.expiryHeight() > newTip.height()) {
          batch.put(
              database.handleOf(Column.KEPT),
              Records.keptKey(own.expiryHeight(), number++),
              own.toBytes());
          lowestExpiry = Math.min(lowestExpiry, own.expiryHeight());
        }
      }
      unsynced = true;
      database.write(batch);
      nextKept = number;
    }
    oldestInvalid = oldest;
    nextInvalid = next;
    lowestKeptExpiry = lowestExpiry;
    tip = newTip;
    damage.areHealed(change.restored().stream().map(Block::hash).toList());
    damage.areHealed(change.forgotten());
  }

  /**
   * Drops what can no longer be included above a tip.
   *
   * @return the lowest expiry of what stays
   */
  private long dropExpired(WriteBatch batch, long tipHeight)
      throws RocksDBException, MalformedException {
    ColumnFamilyHandle column = database.handleOf(Column.KEPT);
    long lowest = Long.MAX_VALUE;
    try (RocksIterator kept = database.iterate(Column.KEPT)) {
      for (kept.seekToFirst(); kept.isValid() && lowest == Long.MAX_VALUE; kept.next()) {
        long expiry = Records.decodeHeight(kept.key());
        if (expiry <= tipHeight) {
          batch.delete(column, kept.key());
        } else {
          lowest = expiry;
        }
      }
      kept.status();
    }
    return lowest;
  }

  private ChainedHeader newTipOf(StoreChange change, BlockHash hash)
      throws RocksDBException, MalformedException {
    for (StoreChange.NewBlock block : change.blocks()) {
      if (block.block().hash().equals(hash)) {
        return block.chained();
      }
    }
    return readHeader(hash)
        .orElseThrow(() -> new IllegalStateException("the new tip " + hash + " is not stored"));
  }

  private static void putBlocks(Database database, WriteBatch batch, StoreChange change)
      throws RocksDBException {
    for (StoreChange.NewBlock block : change.blocks()) {
      byte[] key = block.block().hash().toBytes();
      batch.put(database.handleOf(Column.BLOCKS), key, Records.encodeBlock(block.block()));
      batch.put(database.handleOf(Column.HEADERS), key, Records.encodeHeader(block.chained()));
    }
  }

  private static void putSide(Database database, WriteBatch batch, StoreChange change)
      throws RocksDBException {
    ColumnFamilyHandle side = database.handleOf(Column.SIDE);
    for (SideBlock block : change.newSide()) {
      batch.put(side, block.hash().toBytes(), Records.encodeSize(block.size()));
    }
    for (BlockHash hash : change.noLongerSide()) {
      batch.delete(side, hash.toBytes());
    }
    for (BlockHash hash : change.forgotten()) {
      byte[] key = hash.toBytes();
      batch.delete(side, key);
      batch.delete(database.handleOf(Column.BLOCKS), key);
      batch.delete(database.handleOf(Column.HEADERS), key);
    }
  }

  private static void putOrder(
      Database database, WriteBatch batch, StoreChange.Order order, long oldTipHeight)
      throws RocksDBException {
    long height = order.firstHeight();
    for (BlockHash hash : order.hashes()) {
      batch.put(database.handleOf(Column.ORDER), Records.heightKey(height++), hash.toBytes());
    }
    for (; height <= oldTipHeight; height++) {
      batch.delete(database.handleOf(Column.ORDER), Records.heightKey(height));
    }
  }

  @Override
  public void sync() {
    using(
        "sync",
        () -> {
          if (unsynced) {
            changing(this::syncAndNote);
            unsynced = false;
          }
          return database;
        });
  }

  private void syncAndNote() throws RocksDBException {
    database.sync();
    directory.noteSynced(new DataDirectory.Synced(database.sequence(), database.manifest()));
  }

  @Override
  public long room() {
    return directory.room();
  }

  @Override
  public void close() {
    Lock alone = inUse.writeLock();
    alone.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      damage.rewrite();
      try (directory) {
        long sequence = database.sequence();
        try (database) {
          if (!broken) {
            database.sync();
          }
        }
        if (!broken) { // Closing waits for tables in the making, which the list of files is told.
          directory.noteSynced(new DataDirectory.Synced(sequence, Manifest.in(directory.blocks())));
        }
      }
    } catch (RocksDBException e) {
      throw new UncheckedIOException(failed("sync while closing", e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      alone.unlock();
    }
  }

  /** How the database is; empty once it is closed. Any thread may ask. */
  public Optional<StoreFigures> figures() {
    Lock shared = inUse.readLock();
    shared.lock();
    try {
      return closed ? Optional.empty() : Optional.of(database.figures());
    } catch (RocksDBException e) {
      throw new UncheckedIOException(failed("read the figures", e));
    } finally {
      shared.unlock();
    }
  }

  private interface Use<T> {
    T run() throws RocksDBException, MalformedException;
  }

  private <T> T using(String what, Use<T> use) {
    return using(what, "", use);
  }

  /**
   * Runs what needs native objects, which nobody closes meanwhile.
   *
   * @param what to say in an error
   * @param of of which one, written down only then: look-ups are many, and errors few
   */
  private <T> T using(String what, Object of, Use<T> use) {
    Lock shared = inUse.readLock();
    shared.lock();
    try {
      checkState(!closed, "the store is closed");
      return use.run();
    } catch (RocksDBException e) {
      if (isCorruption(e)) {
        damage.tableIsDamaged();
      }
      throw new UncheckedIOException(failed(sentence(what, of), e));
    } catch (MalformedException e) {
      damage.tableIsDamaged();
      throw new UncheckedIOException(
          new IOException(
              directory
                  .damaged("is damaged: cannot " + sentence(what, of) + ": " + oneLine(e))
                  .getMessage(),
              e));
    } finally {
      shared.unlock();
    }
  }

  private static String sentence(String what, Object of) {
    return (what + " " + of).strip();
  }

  private IOException failed(String what, RocksDBException e) {
    return new IOException("cannot " + what + " in " + directory.blocks() + ": " + oneLine(e), e);
  }

  private static void checkLimit(int limit) {
    checkArgument(limit >= 0, "a limit counts from 0, so %s is impossible", limit);
  }

  private ChainedHeader readTip() throws RocksDBException, MalformedException {
    try (RocksIterator order = database.iterate(Column.ORDER)) {
      order.seekToLast();
      order.status();
      if (!order.isValid()) {
        throw new MalformedException("the best chain has no block, not even genesis");
      }
      BlockHash hash = Records.decodeHash(order.value());
      ChainedHeader header =
          readHeader(hash)
              .orElseThrow(
                  () -> new MalformedException("the header of tip " + hash + " is missing"));
      Records.expectHeight(order.key(), header.height());
      return header;
    }
  }

  private void readInvalidNumbers() throws RocksDBException, MalformedException {
    try (RocksIterator invalid = database.iterate(Column.INVALID)) {
      invalid.seekToFirst();
      if (invalid.isValid()) {
        oldestInvalid = Records.decodeHeight(invalid.key());
        invalid.seekToLast();
        nextInvalid = Records.decodeHeight(invalid.key()) + 1;
      }
      invalid.status();
    }
  }

  private void readKeptNumbers() throws RocksDBException, MalformedException {
    try (RocksIterator kept = database.iterate(Column.KEPT)) {
      for (kept.seekToFirst(); kept.isValid(); kept.next()) {
        CanonicalReader key = new CanonicalReader(kept.key());
        lowestKeptExpiry = Math.min(lowestKeptExpiry, key.u64());
        nextKept = Math.max(nextKept, key.u64() + 1);
        key.expectEnd();
      }
      kept.status();
    }
  }

  private Optional<ChainedHeader> readHeader(BlockHash hash)
      throws RocksDBException, MalformedException {
    byte[] stored = database.get(Column.HEADERS, hash.toBytes());
    return stored == null ? Optional.empty() : Optional.of(Records.decodeHeader(hash, stored));
  }
}
