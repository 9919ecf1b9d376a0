package dev.dolmen.node.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.BlockStoreContract;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.store.Database.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

final class RocksBlockStoreTest extends BlockStoreContract {

  private static final NetworkParameters OTHER =
      DEV.toBuilder().genesisTime(DEV.genesisTime() + 1).build();

  @TempDir private Path temporary;

  @Override
  protected BlockStore open() throws IOException {
    return RocksBlockStore.open(data(), DEV);
  }

  private Path data() {
    return temporary.resolve("some/where");
  }

  private void reopen() throws IOException {
    store.close();
    store = RocksBlockStore.open(data(), DEV);
  }

  @Test
  void resumesWhereItWasClosed() throws IOException {
    List<Block> chain = branch(Blocks.genesis(), 30, "entry", Blocks.ALICE.publicKey());
    chain.forEach(this::extend);
    marks(0, 3).forEach(this::mark);
    ChainedHeader tip = store.tip();
    List<BlockHash> order = store.hashesFrom(0, 100);
    var authored = store.byAuthor(Blocks.ALICE.publicKey(), 0, 100);

    reopen();

    assertThat(store.tip()).isEqualTo(tip);
    assertThat(store.hashesFrom(0, 100)).isEqualTo(order);
    assertThat(store.byAuthor(Blocks.ALICE.publicKey(), 0, 100)).isEqualTo(authored).hasSize(30);
    assertThat(store.invalidBlocks()).isEqualTo(marks(0, 3));
    for (Block block : chain) {
      assertThat(store.block(block.hash())).contains(block);
      assertThat(store.locate(block.transactions().get(0).id())).isPresent();
    }
    extend(Blocks.childOf(chain.get(29)).build());
    assertThat(store.tip().height()).isEqualTo(31);
  }

  @Test
  void keepsOwnEntriesInOrderAcrossReopening() throws IOException {
    Transaction first = Blocks.transaction(Blocks.ALICE, "first", 3);
    Transaction second = Blocks.transaction(Blocks.BOB, "second", 3);
    Transaction third = Blocks.transaction(Blocks.ALICE, "third", 3);
    Transaction lowest = Blocks.transaction(Blocks.ALICE, "lowest", 2);
    keep(first);
    keep(lowest);
    reopen();
    keep(second);
    reopen();
    keep(third);
    assertThat(kept()).containsExactly(lowest, first, second, third);

    branch(Blocks.genesis(), 2, "entry", Blocks.BOB.publicKey()).forEach(this::extend);
    assertThat(kept()).containsExactly(first, second, third);
    reopen();
    assertThat(kept()).containsExactly(first, second, third);
  }

  /** What reads the store may be slow, as a client of the API is. */
  @Test
  void aReadThatIsUnderWayHoldsUpNoWriting() throws Exception {
    keep(Blocks.transaction(Blocks.ALICE, "of a user", 50));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      Future<?> read =
          reader.submit(
              () ->
                  store.forEachKept(
                      entry -> {
                        begun.countDown();
                        Uninterruptibles.awaitUninterruptibly(mayEnd);
                      }));
      begun.await();

      branch(Blocks.genesis(), 10, "entry", Blocks.BOB.publicKey()).forEach(this::extend);
      store.sync();

      assertThat(store.tip().height()).isEqualTo(10);
      assertThat(read).isNotDone();
      mayEnd.countDown();
      read.get();
    } finally {
      mayEnd.countDown();
      reader.shutdown();
    }
  }

  @Test
  void keepsTheBoundOfInvalidMarksAcrossReopening() throws IOException {
    int bound = BlockStore.MAX_INVALID_BLOCKS;
    marks(0, bound - 1).forEach(this::mark);
    reopen();
    marks(bound - 1, bound + 1).forEach(this::mark);
    reopen();

    assertThat(store.invalidBlocks()).isEqualTo(marks(1, bound + 1));
  }

  @Test
  void refusesUseAfterClose() {
    store.close();

    assertThatThrownBy(() -> store.hashAt(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.block(Blocks.genesis().hash()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.byAuthor(Blocks.ALICE.publicKey(), 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> extend(Blocks.childOf(Blocks.genesis()).build()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::sync).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSecondNodeInThisProcessIsRefusedAndTheFirstStaysSafe() throws Exception {
    Map<Path, Hash256> before = contents();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "data directory %s is in use by another node; stop it, or choose another with"
                  + " --data-dir",
              data());
    }
    assertThat(contents()).isEqualTo(before);
    // A refusal within the process must not have given up its lock towards other processes.
    assertThat(exitCodeOfASecondProcess()).isEqualTo(SecondProcess.REFUSED);
    assertThat(contents()).isEqualTo(before);

    store.close();
    assertThat(exitCodeOfASecondProcess()).isEqualTo(SecondProcess.OPENED);
  }

  @Test
  void theSameDirectoryByAnotherNameIsRefusedToo() throws IOException {
    Path alias = Files.createSymbolicLink(temporary.resolve("alias"), data());

    assertThatThrownBy(() -> RocksBlockStore.open(alias, DEV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is in use by another node");
  }

  @Test
  void anotherNetworksDirectoryIsRefusedUntouched() throws IOException {
    store.close();
    Map<Path, Hash256> before = contents();

    assertThatThrownBy(() -> RocksBlockStore.open(data(), OTHER))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "data directory " + data() + " belongs to network dev (genesis dbb6fcf0")
        .hasMessageContaining("choose another with --data-dir")
        .hasMessageNotContaining("\n");
    assertThat(contents()).isEqualTo(before);
    reopen();
  }

  @Test
  void aNewerFormatIsRefusedUntouched() throws IOException {
    store.close();
    Path format = data().resolve(DataDirectory.FORMAT_FILE);
    String text = Files.readString(format);
    assertThat(text).startsWith("dolmen 3");
    Files.writeString(format, text.replace("dolmen 3", "dolmen 4"));
    Map<Path, Hash256> before = contents();

    assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was written by a newer Dolmen (format 4, this one reads 3)")
        .hasMessageContaining("--data-dir")
        .hasMessageNotContaining("\n");
    assertThat(contents()).isEqualTo(before);
  }

  /** Format 1 had no list of side blocks. */
  @Test
  void aStoreOfTheFirstFormatIsOpenedAndBecomesThisOne() throws Exception {
    List<Block> chain = branch(Blocks.genesis(), 3, "entry", Blocks.ALICE.publicKey());
    chain.forEach(this::extend);
    storeAside(Blocks.childOf(Blocks.genesis()).build());
    store.close();
    dropColumn("side");
    dropColumn("kept");
    Path format = data().resolve(DataDirectory.FORMAT_FILE);
    String text = Files.readString(format);
    Files.writeString(format, text.replace("dolmen 3", "dolmen 1"));

    store = RocksBlockStore.open(data(), DEV);

    assertThat(format).hasContent(text);
    assertThat(store.tip().hash()).isEqualTo(chain.get(2).hash());
    assertThat(store.sideBlocks()).isEmpty();
    Block side = Blocks.childOf(chain.get(0)).build();
    storeAside(side);
    reopen();
    assertThat(store.sideBlocks()).containsExactly(sideBlock(side));
    assertThat(store.block(chain.get(1).hash())).contains(chain.get(1));
  }

  private void dropColumn(String name) throws RocksDBException {
    try (ColumnFamilyOptions options = new ColumnFamilyOptions()) {
      PlainRocksDb.change(
          data().resolve(DataDirectory.BLOCKS),
          options,
          (rocks, columns) -> rocks.dropColumnFamily(columns.get(name)));
    }
  }

  @Test
  void aFormatFileThatIsNotOursIsRefused() throws IOException {
    store.close();
    Path format = data().resolve(DataDirectory.FORMAT_FILE);
    for (String text :
        List.of(
            "",
            "\n",
            "dolmen",
            "dolmen x\n",
            "dolmen 0\n",
            "dolmen 1\n",
            "hello\n".repeat(1_000))) {
      Files.writeString(format, text);
      assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("that this Dolmen did not write")
          .hasMessageNotContaining("\n");
    }
    Files.delete(format);
    assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds blocks, but no file 'format'");
  }

  @Test
  void aPlaceThatCannotBeWrittenIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "not a directory");

    for (Path impossible : List.of(file, file.resolve("below"))) {
      assertThatThrownBy(() -> RocksBlockStore.open(impossible, DEV))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("data directory " + impossible + " cannot be written to")
          .hasMessageContaining("--data-dir")
          .hasMessageNotContaining("\n");
    }
    assertThat(file).hasContent("not a directory");
  }

  @Test
  void aStoreLeftHalfMadeIsMadeAgain() throws IOException {
    store.close();
    Files.move(
        data().resolve(DataDirectory.BLOCKS), data().resolve(DataDirectory.UNFINISHED_BLOCKS));

    store = RocksBlockStore.open(data(), DEV);

    assertThat(store.tip().height()).isZero();
    assertThat(data().resolve(DataDirectory.UNFINISHED_BLOCKS)).doesNotExist();
  }

  /** A log that was cut off, or damaged, where it had been synced: not the torn end of a crash. */
  @Test
  void aLogThatLostWhatWasSyncedIsRefused() throws Exception {
    store.close();
    assertThat(secondProcess("write-and-halt").waitFor()).isEqualTo(SecondProcess.HALTED);
    Path log = newestLog();
    byte[] sound = Files.readAllBytes(log);
    SplittableRandom random = new SplittableRandom(30);
    Path copy = temporary.resolve("copy");
    for (int i = 0; i < 12; i++) {
      byte[] damaged = sound.clone();
      int at = random.nextInt(sound.length);
      if (i % 2 == 0) {
        damaged = Arrays.copyOf(sound, at);
      } else {
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      copyTree(data(), copy);
      Files.write(copy.resolve(data().relativize(log).toString()), damaged);

      assertThatThrownBy(() -> RocksBlockStore.open(copy, DEV))
          .as("at %s of %s", at, sound.length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("restore it from a copy")
          .hasMessageNotContaining("\n");
    }
    copyTree(data(), copy);
    Files.delete(copy.resolve(data().relativize(log).toString()));
    assertThatThrownBy(() -> RocksBlockStore.open(copy, DEV)).isInstanceOf(IOException.class);

    store = RocksBlockStore.open(data(), DEV);
    assertThat(store.tip().height()).isEqualTo(SecondProcess.BLOCKS_WRITTEN);
  }

  /** A crash leaves an older note, none, or one that never reached the disk; damage any other. */
  @Test
  void aDamagedNoteOfWhatIsSyncedIsRefusedAndMayBeDeleted() throws IOException {
    store.close();
    Path file = data().resolve(DataDirectory.SYNCED_FILE);
    byte[] note = Files.readAllBytes(file);
    byte[] flipped = note.clone();
    flipped[3] ^= 1;
    for (byte[] damaged :
        List.of(flipped, Arrays.copyOf(note, note.length - 1), Arrays.copyOf(note, 4_096))) {
      Files.write(file, damaged);
      assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has a damaged file 'synced'")
          .hasMessageContaining("restore it from a copy, or delete it")
          .hasMessageNotContaining("\n");
      assertThat(file).hasBinaryContent(damaged);
    }
    for (byte[] unwritten : List.of(new byte[0], new byte[note.length])) {
      Files.write(file, unwritten);
      RocksBlockStore.open(data(), DEV).close();
    }
    Files.delete(file);
    store = RocksBlockStore.open(data(), DEV);
  }

  /**
   * Behind what was synced, the end may be torn or garbled anywhere: what is whole before it is
   * kept.
   */
  @Test
  void aTornEndOfTheLogIsCutOff() throws Exception {
    store.close();
    assertThat(secondProcess("write-sync-some-and-halt").waitFor()).isEqualTo(SecondProcess.HALTED);
    Path log = newestLog();
    byte[] sound = Files.readAllBytes(log);
    Path copy = temporary.resolve("copy");
    SplittableRandom random = new SplittableRandom(31);
    long lowest = Long.MAX_VALUE;
    long highest = 0;
    for (int i = 0; i < 10; i++) {
      int at = sound.length / 2 + random.nextInt(sound.length / 2);
      byte[] torn = i % 2 == 0 ? Arrays.copyOf(sound, at) : sound.clone();
      for (int garbled = at; garbled < Math.min(torn.length, at + 512); garbled++) {
        torn[garbled] = 0;
      }
      copyTree(data(), copy);
      Files.write(copy.resolve(data().relativize(log).toString()), torn);
      try (RocksBlockStore opened = RocksBlockStore.open(copy, DEV)) {
        long height = opened.tip().height();
        assertThat(height).isGreaterThanOrEqualTo(SecondProcess.BLOCKS_SYNCED);
        assertThat(opened.block(opened.tip().hash())).isPresent();
        assertThat(opened.hashesFrom(0, 1_000)).hasSize((int) height + 1);
        lowest = Math.min(lowest, height);
        highest = Math.max(highest, height);
      }
    }
    assertThat(lowest).isLessThan(highest);
    store = RocksBlockStore.open(data(), DEV);
  }

  private Path newestLog() throws IOException {
    List<Path> logs = filesEnding(".log");
    return logs.get(logs.size() - 1);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void missingFilesAreNoticed() throws IOException {
    extend(Blocks.childOf(Blocks.genesis()).build());
    reopen();
    store.close();
    for (String ending : List.of(".sst", "CURRENT")) {
      Path missing = someFile(ending);
      byte[] content = Files.readAllBytes(missing);
      Files.delete(missing);

      assertThatThrownBy(() -> RocksBlockStore.open(data(), DEV))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("data directory " + data() + " cannot be opened")
          .hasMessageContaining("restore it from a copy")
          .hasMessageNotContaining("\n");
      Files.write(missing, content);
    }
    reopen();
    assertThat(store.tip().height()).isEqualTo(1);
  }

  /** Whatever bit of a table file flips, the answer is the right one or an exception. */
  @Test
  void flippedBitsNeverGiveAWrongAnswer() throws IOException {
    List<Block> chain = branch(Blocks.genesis(), 40, "entry", Blocks.ALICE.publicKey());
    chain.forEach(this::extend);
    List<BlockHash> order = store.hashesFrom(0, 100);
    reopen();
    store.close();
    SplittableRandom random = new SplittableRandom(33);
    List<Path> tables = filesEnding(".sst");
    assertThat(tables).isNotEmpty();
    int noticed = 0;
    for (int i = 0; i < 40; i++) {
      Path table = tables.get(random.nextInt(tables.size()));
      byte[] sound = Files.readAllBytes(table);
      byte[] damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(table, damaged);
      Throwable failure = catchThrowable(() -> expectAll(chain, order));
      if (failure != null) {
        assertThat(failure).isInstanceOfAny(IOException.class, UncheckedIOException.class);
        noticed++;
      }
      Files.write(table, sound);
    }
    assertThat(noticed).isGreaterThan(10);
    expectAll(chain, order);
  }

  private void expectAll(List<Block> chain, List<BlockHash> order) throws IOException {
    try (RocksBlockStore opened = RocksBlockStore.open(data(), DEV)) {
      assertThat(opened.hashesFrom(0, 100)).isEqualTo(order);
      assertThat(opened.byAuthor(Blocks.ALICE.publicKey(), 0, 100)).hasSize(chain.size());
      for (Block block : chain) {
        assertThat(opened.block(block.hash())).contains(block);
        assertThat(opened.header(block.hash())).isPresent();
        assertThat(opened.locate(block.transactions().get(0).id())).isPresent();
      }
    }
  }

  @Test
  void aBlockUnderAnothersNameIsNeverHandedOut() throws Exception {
    Block block = Blocks.childOf(Blocks.genesis()).build();
    extend(block);
    store.close();
    byte[] genesis = Blocks.genesis().hash().toBytes();
    try (Database database = Database.open(data().resolve(DataDirectory.BLOCKS), false);
        WriteBatch batch = new WriteBatch()) {
      for (Column column : List.of(Column.BLOCKS, Column.HEADERS)) {
        byte[] moved = database.get(column, block.hash().toBytes());
        batch.put(database.handleOf(column), genesis, moved);
      }
      database.write(batch);
    }

    store = RocksBlockStore.open(data(), DEV);

    assertThatThrownBy(() -> store.block(Blocks.genesis().hash()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("is damaged")
        .hasMessageContaining(block.hash().toHex());
    assertThatThrownBy(() -> store.header(Blocks.genesis().hash()))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(store.block(block.hash())).contains(block);
  }

  @Test
  void whatWasNotClosedIsThereAfterTheProcessIsKilled() throws Exception {
    store.close();
    Process process = secondProcess("write-and-halt");

    assertThat(process.waitFor()).isEqualTo(SecondProcess.HALTED);

    store = RocksBlockStore.open(data(), DEV);
    assertThat(store.tip().height()).isEqualTo(SecondProcess.BLOCKS_WRITTEN);
  }

  private int exitCodeOfASecondProcess() throws IOException, InterruptedException {
    return secondProcess("open").waitFor();
  }

  private Process secondProcess(String what) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            SecondProcess.class.getName(),
            what,
            data().toString())
        .redirectErrorStream(true)
        .redirectOutput(temporary.resolve("second-process.log").toFile())
        .start();
  }

  private Path someFile(String ending) throws IOException {
    return filesEnding(ending).get(0);
  }

  private List<Path> filesEnding(String ending) throws IOException {
    try (Stream<Path> files = Files.list(data().resolve(DataDirectory.BLOCKS))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  /**
   * Every file below the data directory by name, with what is in it and when it was changed. Lock
   * files are empty and not opened: closing them again would give up this process's locks.
   */
  private Map<Path, Hash256> contents() throws IOException {
    Map<Path, Hash256> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(data())) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String changed = Files.getLastModifiedTime(file).toString();
        boolean isLock = file.getFileName().toString().equalsIgnoreCase(DataDirectory.LOCK_FILE);
        byte[] content = isLock || Files.isDirectory(file) ? new byte[0] : Files.readAllBytes(file);
        contents.put(file, Sha256.hash((changed + Sha256.hash(content)).getBytes(UTF_8)));
      }
    }
    return contents;
  }
}
