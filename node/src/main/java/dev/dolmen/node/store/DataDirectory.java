package dev.dolmen.node.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.disk.WholeFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A data directory that this node, and no other, has claimed for one network. Every refusal is an
 * {@link IOException} of one line that says what to do, and comes before anything in the directory
 * is changed.
 *
 * <p>A short text file says which format and which network the directory holds, so that this can be
 * known without opening the database, which would write to it.
 */
final class DataDirectory implements AutoCloseable {

  /**
   * What this program writes, and the newest that it reads; it reads all older ones too, and makes
   * them this one.
   *
   * <ol>
   *   <li>the first
   *   <li>has a list of the blocks that are not on the best chain
   *   <li>keeps the entries of this node's own users
   * </ol>
   */
  static final int FORMAT = 3;

  static final String LOCK_FILE = "lock";
  static final String FORMAT_FILE = "format";
  static final String SYNCED_FILE = "synced";
  static final String BLOCKS = "blocks";
  static final String UNFINISHED_BLOCKS = "blocks.new";
  static final String REPLACED_BLOCKS = "blocks.damaged";
  static final String DAMAGE_FILE = "damaged";

  private static final String ELSEWHERE = ", or choose another with --data-dir";

  /** Three numbers and their checksum. */
  private static final int SYNCED_BYTES = 3 * Long.BYTES + Integer.BYTES;

  /** The first of the three and its checksum, as it was written before the others were known. */
  private static final int SHORT_SYNCED_BYTES = Long.BYTES + Integer.BYTES;

  /** Three short lines; whatever is longer was not written by us. */
  private static final int MAX_FORMAT_FILE_BYTES = 1_024;

  /**
   * Directories claimed within this JVM. The lock file cannot tell two of its own process apart:
   * closing any channel to it gives up the process's lock. Threads of several nodes may come here.
   */
  private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

  private final Path given;
  private final Path real;
  private @Nullable FileStore disk;
  private @Nullable FileChannel lock;
  private @Nullable RandomAccessFile synced;

  private DataDirectory(Path given, Path real) {
    this.given = given;
    this.real = real;
  }

  /** Claims a directory, and creates it where there is none. */
  static DataDirectory claim(Path directory, NetworkParameters parameters) throws IOException {
    checkFormat(directory, parameters);
    Path real = createdAndWritable(directory);
    if (!CLAIMED.add(real)) {
      throw inUse(directory);
    }
    DataDirectory claimed = new DataDirectory(directory, real);
    try {
      claimed.lock();
      // Whoever held the lock until now may have made this directory another network's.
      if (checkFormat(directory, parameters) < FORMAT) {
        claimed.writeFormat(parameters);
      }
      claimed.finishReplacement();
    } catch (IOException e) {
      claimed.close();
      throw claimed.explained(e);
    } catch (RuntimeException e) {
      claimed.close();
      throw e;
    }
    return claimed;
  }

  private static Path createdAndWritable(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
      Path real = directory.toRealPath();
      if (!Files.isWritable(real)) {
        throw unwritable(directory, "read-only, or permission denied", null);
      }
      return real;
    } catch (FileSystemException e) {
      throw unwritable(directory, reasonOf(e), e);
    }
  }

  private void lock() throws IOException {
    try {
      lock = FileChannel.open(real.resolve(LOCK_FILE), CREATE, WRITE);
      if (lock.tryLock() == null) {
        throw inUse(given);
      }
    } catch (OverlappingFileLockException e) {
      throw inUse(given);
    } catch (FileSystemException e) {
      throw unwritable(given, reasonOf(e), e);
    }
  }

  /** The directory's format, 0 if it has none yet. */
  private static int checkFormat(Path directory, NetworkParameters parameters) throws IOException {
    Path file = directory.resolve(FORMAT_FILE);
    if (!Files.isRegularFile(file)) {
      if (Files.exists(directory.resolve(BLOCKS))) {
        throw damaged(directory, "holds blocks, but no file '" + FORMAT_FILE + "'");
      }
      return 0;
    }
    if (Files.size(file) > MAX_FORMAT_FILE_BYTES) {
      throw unknownFormat(directory);
    }
    List<String> lines = new String(Files.readAllBytes(file), UTF_8).lines().toList();
    int format = formatOf(lines);
    if (format > FORMAT) {
      throw new IOException(
          "data directory "
              + directory
              + " was written by a newer Dolmen (format "
              + format
              + ", this one reads "
              + FORMAT
              + "); use that version"
              + ELSEWHERE);
    }
    if (format < 1
        || lines.size() != 3
        || !lines.get(1).startsWith("network ")
        || !lines.get(2).startsWith("genesis ")) {
      throw unknownFormat(directory);
    }
    String genesis = lines.get(2).substring("genesis ".length());
    if (!genesis.equals(parameters.genesisHash().toHex())) {
      throw new IOException(
          "data directory "
              + directory
              + " belongs to network "
              + lines.get(1).substring("network ".length())
              + " (genesis "
              + genesis
              + "), not to "
              + parameters.name()
              + "; choose another with --data-dir, or if it is this network's, restore its file '"
              + FORMAT_FILE
              + "' from a copy");
    }
    return format;
  }

  /** The number in the first line, 0 if that is none of ours. */
  private static int formatOf(List<String> lines) {
    String prefix = "dolmen ";
    if (lines.isEmpty() || !lines.get(0).startsWith(prefix)) {
      return 0;
    }
    String digits = lines.get(0).substring(prefix.length());
    boolean isNumber = digits.length() <= 9 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber && !digits.isEmpty() ? Integer.parseInt(digits) : 0;
  }

  private void writeFormat(NetworkParameters parameters) throws IOException {
    String text =
        String.format(
            "dolmen %d%nnetwork %s%ngenesis %s%n",
            FORMAT, parameters.name(), parameters.genesisHash());
    WholeFile.replace(real.resolve(FORMAT_FILE), text);
  }

  /**
   * What of the database is known to be on disk.
   *
   * @param sequence number of its last change; 0 if nothing is known
   * @param manifest its list of files
   */
  record Synced(long sequence, Manifest manifest) {
    static final Synced NOTHING = new Synced(0, Manifest.UNKNOWN);
  }

  /**
   * Notes that the database is on disk up to a change. This is written after each sync, and not
   * synced itself: what a crash leaves of it is an older note or none, never one that says too
   * much.
   *
   * <p>A log or a list of files that ends early looks like one whose end a crash has torn off. This
   * tells the two apart.
   */
  void noteSynced(Synced state) {
    byte[] note = new byte[SYNCED_BYTES];
    ByteBuffer.wrap(note)
        .putLong(state.sequence())
        .putLong(state.manifest().number())
        .putLong(state.manifest().bytes())
        .putInt(checksum(note));
    try {
      if (synced == null) { // Unlike a channel, it is not closed by an interrupt.
        synced = new RandomAccessFile(real.resolve(SYNCED_FILE).toFile(), "rw");
      }
      synced.seek(0);
      synced.write(note);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("cannot write " + real.resolve(SYNCED_FILE) + ": " + e.getMessage(), e));
    }
  }

  /**
   * What {@link #noteSynced} noted last, nothing if that is not known.
   *
   * @throws IOException if something else is written there: a crash does not do that, and without
   *     the note nobody can tell what else has been damaged
   */
  Synced syncedBefore() throws IOException {
    Path file = real.resolve(SYNCED_FILE);
    if (!Files.isRegularFile(file)) {
      return Synced.NOTHING;
    }
    if (Files.size(file) <= SYNCED_BYTES) {
      byte[] note = Files.readAllBytes(file);
      ByteBuffer reader = ByteBuffer.wrap(note);
      if (Arrays.equals(note, new byte[note.length])) {
        return Synced.NOTHING; // It was made, and never got as far as the disk.
      }
      if (note.length == SHORT_SYNCED_BYTES) {
        Synced state = new Synced(reader.getLong(), Manifest.UNKNOWN);
        if (reader.getInt() == checksum(note)) {
          return state;
        }
      } else if (note.length == SYNCED_BYTES) {
        Synced state =
            new Synced(reader.getLong(), new Manifest(reader.getLong(), reader.getLong()));
        if (reader.getInt() == checksum(note)) {
          return state;
        }
      }
    }
    throw new IOException(
        "data directory "
            + given
            + " has a damaged file '"
            + SYNCED_FILE
            + "', which tells whether the end of the chain is there; restore it from a copy, or"
            + " delete it to go on with what is there");
  }

  /**
   * Refuses a database whose list of files has lost its end, before anybody opens it: what is not
   * in the list would be deleted.
   */
  void expectWholeManifest() throws IOException {
    if (!Manifest.in(blocks()).continues(syncedBefore().manifest())) {
      throw damaged("has lost the end of its list of files");
    }
  }

  void forgetSynced() throws IOException {
    Files.deleteIfExists(real.resolve(SYNCED_FILE));
  }

  /** Of all that comes before the checksum. */
  private static int checksum(byte[] note) {
    CRC32C crc = new CRC32C();
    crc.update(note, 0, note.length - Integer.BYTES);
    return (int) crc.getValue();
  }

  /** How many bytes can still be written here. */
  long room() {
    try {
      if (disk == null) { // To find it, the list of all that is mounted is read.
        disk = Files.getFileStore(real);
      }
      return disk.getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "cannot tell how much room is left in " + real + ": " + e.getMessage(), e));
    }
  }

  /** Where the database is, if it was made already. */
  Path blocks() {
    return real.resolve(BLOCKS);
  }

  boolean hasBlocks() {
    return Files.exists(blocks());
  }

  /**
   * An empty place to make the database in. It gets its name by {@link #finishBlocks} only once it
   * is complete, so that one which is there but lacks files is known to be damaged.
   */
  Path unfinishedBlocks() throws IOException {
    Path unfinished = real.resolve(UNFINISHED_BLOCKS);
    if (Files.exists(unfinished)) {
      deleteAll(unfinished);
    }
    return unfinished;
  }

  /** Of a database that could not be finished, nothing is left. */
  void dropUnfinishedBlocks() throws IOException {
    unfinishedBlocks();
  }

  void finishBlocks() throws IOException {
    WholeFile.move(real.resolve(UNFINISHED_BLOCKS), blocks());
  }

  /** Puts the unfinished database, which is finished now, in the place of the one that is there. */
  void replaceBlocks() throws IOException {
    forgetSynced();
    WholeFile.move(blocks(), real.resolve(REPLACED_BLOCKS));
    finishBlocks();
    finishReplacement();
  }

  /** After a crash within {@link #replaceBlocks}: nothing is lost, whenever it came. */
  private void finishReplacement() throws IOException {
    Path replaced = real.resolve(REPLACED_BLOCKS);
    if (!Files.exists(replaced)) {
      return;
    }
    if (hasBlocks()) {
      deleteAll(replaced);
    } else {
      WholeFile.move(replaced, blocks());
    }
  }

  /** Where is written what is known to be damaged. */
  Path damageNotes() {
    return real.resolve(DAMAGE_FILE);
  }

  /** What to say of a database that cannot be used. */
  IOException damaged(String what) {
    return damaged(given, what);
  }

  /** The same failure, unless it is a full disk's: neither a copy nor deleting helps with that. */
  IOException explained(IOException e) {
    return String.valueOf(e.getMessage()).contains("No space left")
        ? new IOException(
            "data directory "
                + given
                + " cannot be opened: no space is left on its disk; free at least 256 MiB"
                + ELSEWHERE,
            e)
        : e;
  }

  private static IOException damaged(Path directory, String what) {
    return new IOException(
        "data directory "
            + directory
            + " "
            + what
            + "; restore it from a copy, or delete '"
            + directory.resolve(BLOCKS)
            + "' and let the node fetch the chain again");
  }

  private static IOException unknownFormat(Path directory) {
    return new IOException(
        "data directory "
            + directory
            + " has a file '"
            + FORMAT_FILE
            + "' that this Dolmen did not write; restore it from a copy"
            + ELSEWHERE);
  }

  private static IOException inUse(Path directory) {
    return new IOException(
        "data directory " + directory + " is in use by another node; stop it" + ELSEWHERE);
  }

  private static IOException unwritable(
      Path directory, String reason, @Nullable FileSystemException cause) {
    return new IOException(
        "data directory "
            + directory
            + " cannot be written to ("
            + reason
            + "); give this user the right to"
            + ELSEWHERE,
        cause);
  }

  private static String reasonOf(FileSystemException e) {
    String reason = e.getReason();
    return reason == null ? e.getClass().getSimpleName() + " " + e.getFile() : reason;
  }

  private static void deleteAll(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Lets another node have it. */
  @Override
  public void close() throws IOException {
    try {
      if (synced != null) {
        synced.close();
      }
      if (lock != null) {
        lock.close();
      }
    } finally {
      CLAIMED.remove(real);
    }
  }
}
