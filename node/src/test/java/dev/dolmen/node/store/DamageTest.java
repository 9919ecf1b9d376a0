package dev.dolmen.node.store;

import static com.google.common.base.Verify.verifyNotNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.DamagedBlockException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any file of a store, its tables, log, lists of files and our own, is damaged in any way: a bit
 * flips, its end is missing, it is missing, another of its kind is in its place. Whatever the store
 * answers then is right, or it answers with a failure.
 */
final class DamageTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** {@code -Drot.rounds} asks for any number. */
  private static final int ROUNDS = Integer.getInteger("rot.rounds", 60);

  private static final long SEED = Long.getLong("rot.seed", 33);

  @TempDir private Path directory;
  private final List<Block> chain = new ArrayList<>();
  private final Transaction kept = Blocks.transaction(Blocks.BOB, "kept", 200);

  @Test
  @Timeout(36_000)
  void whateverIsDamagedNoAnswerIsWrong() throws IOException {
    makeStore();
    Map<Path, byte[]> sound = contents();
    List<Path> files = List.copyOf(sound.keySet());
    assertThat(files).extracting(Path::toString).anyMatch(name -> name.endsWith(".log"));
    SplittableRandom random = new SplittableRandom(SEED);
    int noticed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Path file = files.get(random.nextInt(files.size()));
      String what = damage(file, sound, files, random);
      Throwable failure = catchThrowable(this::expectAll);
      if (failure != null) {
        noticed++;
        assertThat(failure)
            .as("round %s: %s of %s", round, what, file)
            .isInstanceOfAny(IOException.class, UncheckedIOException.class);
        String line = String.valueOf(failure.getMessage());
        assertThat(line.lines()).as(line).hasSize(1);
      }
      restore(sound);
    }
    assertThat(noticed).isGreaterThan(ROUNDS / 4);
    expectAll();
  }

  /**
   * The same with a peer that has all blocks: what is damaged is healed, or the start is refused
   * and says what to do; and once healed it stays so.
   */
  @Test
  @Timeout(36_000)
  void whateverIsDamagedIsHealedWithAPeersBlocksOrRefused() throws IOException {
    makeStore();
    Map<Path, byte[]> sound = contents();
    List<Path> files = List.copyOf(sound.keySet());
    SplittableRandom random = new SplittableRandom(SEED + 1);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int round = 0; round < ROUNDS; round++) {
      Path file = files.get(random.nextInt(files.size()));
      String what = damage(file, sound, files, random);
      Outcome outcome;
      try {
        outcome = heal();
      } catch (IOException | RuntimeException | AssertionError failure) {
        throw new AssertionError("round " + round + ": " + what + " of " + file, failure);
      }
      outcomes.merge(outcome, 1, Integer::sum);
      restore(sound);
    }
    System.out.println("damaged " + ROUNDS + " times, 0 wrong answers: " + outcomes);
    assertThat(outcomes.getOrDefault(Outcome.HEALED, 0)).isGreaterThanOrEqualTo(ROUNDS / 10);
  }

  private enum Outcome {
    /** What was damaged is not used, such as an old list of options. */
    NOT_NOTICED,
    HEALED,
    REFUSED
  }

  private Outcome heal() throws IOException {
    boolean mended = false;
    for (int start = 0; start < 3; start++) {
      try (RocksBlockStore store = RocksBlockStore.openMended(directory, DEV)) {
        Chain owner = new Chain(DEV, store);
        for (Block block : chain) {
          try {
            assertThat(store.block(block.hash())).contains(block);
          } catch (DamagedBlockException damaged) {
            assertThat(store.damagedBlocks()).contains(damaged.hash());
            assertThat(owner.restore(block)).isEmpty();
            mended = true;
          }
        }
        assertThat(store.damagedBlocks()).isEmpty();
        store.sync();
        expectAll(store);
      } catch (UncheckedIOException stopped) { // As the node does; the next start mends it.
        assertThat(directory.resolve(DataDirectory.DAMAGE_FILE)).exists();
        mended = true;
        continue;
      } catch (IOException refused) {
        assertThat(refused.getMessage()).hasLineCount(1).contains("from a copy");
        return Outcome.REFUSED;
      }
      if (start > 0 && !Files.exists(directory.resolve(DataDirectory.DAMAGE_FILE))) {
        expectAll();
        return mended ? Outcome.HEALED : Outcome.NOT_NOTICED;
      }
    }
    throw new AssertionError("it is still not sound after three starts");
  }

  /**
   * Making the tables anew ends in a swap of two directories. Whatever of it a crash lets happen,
   * the next start finds one whole database and loses nothing.
   */
  @Test
  void aCrashAnywhereInTheSwapOfDatabasesLosesNothing() throws IOException {
    makeStore();
    DamageNotes.read(directory.resolve(DataDirectory.DAMAGE_FILE)).tableIsDamaged();
    Map<Path, byte[]> before = contents();
    RocksBlockStore.openMended(directory, DEV).close();
    Map<Path, byte[]> after = contents();
    assertThat(after.keySet()).isNotEqualTo(before.keySet());

    Map<Path, byte[]> old = in(DataDirectory.BLOCKS, before);
    Map<Path, byte[]> fresh = in(DataDirectory.BLOCKS, after);
    Map<Path, byte[]> notes = new TreeMap<>(before);
    notes.keySet().removeAll(old.keySet());
    int points = 0;
    for (int written = 0; written < fresh.size(); written++, points++) { // While it is filled.
      lay(notes, old, firstOf(written, as(DataDirectory.UNFINISHED_BLOCKS, fresh)));
      expectMended();
    }
    notes.remove(directory.resolve(DataDirectory.SYNCED_FILE));
    lay(notes, old, as(DataDirectory.UNFINISHED_BLOCKS, fresh)); // Before the first rename.
    expectMended();
    lay(
        notes, // Between the two.
        as(DataDirectory.REPLACED_BLOCKS, old),
        as(DataDirectory.UNFINISHED_BLOCKS, fresh));
    expectMended();
    for (int left = 0; left <= old.size(); left++, points++) { // While the old one is deleted.
      lay(notes, fresh, firstOf(left, as(DataDirectory.REPLACED_BLOCKS, old)));
      expectMended();
    }
    assertThat(points).isGreaterThan(10);
  }

  private void expectMended() throws IOException {
    RocksBlockStore.openMended(directory, DEV).close();
    expectAll();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .doesNotContain(
              DataDirectory.UNFINISHED_BLOCKS,
              DataDirectory.REPLACED_BLOCKS,
              DataDirectory.DAMAGE_FILE);
    }
  }

  private Map<Path, byte[]> in(String name, Map<Path, byte[]> files) {
    Map<Path, byte[]> inside = new TreeMap<>(files);
    inside.keySet().removeIf(file -> !file.startsWith(directory.resolve(name)));
    return inside;
  }

  /** The files of the database, in another directory. */
  private Map<Path, byte[]> as(String name, Map<Path, byte[]> database) {
    Map<Path, byte[]> renamed = new TreeMap<>();
    database.forEach(
        (file, content) ->
            renamed.put(
                directory
                    .resolve(name)
                    .resolve(directory.resolve(DataDirectory.BLOCKS).relativize(file)),
                content));
    return renamed;
  }

  private static Map<Path, byte[]> firstOf(int count, Map<Path, byte[]> files) {
    Map<Path, byte[]> first = new TreeMap<>();
    files.entrySet().stream()
        .limit(count)
        .forEach(file -> first.put(file.getKey(), file.getValue()));
    return first;
  }

  /** Makes these all that is in the directory. */
  @SafeVarargs
  private void lay(Map<Path, byte[]>... parts) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        if (!path.equals(directory)) {
          Files.delete(path);
        }
      }
    }
    for (Map<Path, byte[]> part : parts) {
      for (Map.Entry<Path, byte[]> file : part.entrySet()) {
        Files.createDirectories(verifyNotNull(file.getKey().getParent()));
        Files.write(file.getKey(), file.getValue());
      }
    }
  }

  /** RocksDB takes it for a list whose end a crash has torn off, and deletes what is not in it. */
  @Test
  void aListOfFilesThatLostItsEndIsRefusedUntouched() throws IOException {
    makeStore();
    Path list =
        contents().keySet().stream()
            .filter(file -> Manifest.numberOf(file.getFileName().toString()) > 0)
            .findFirst()
            .orElseThrow();
    byte[] whole = Files.readAllBytes(list);
    for (int length = whole.length - 1; length > 0; length -= 1 + length / 20) {
      Files.write(list, Arrays.copyOf(whole, length));
      Map<Path, byte[]> before = contents();
      for (int start = 0; start < 2; start++) {
        assertThatThrownBy(() -> RocksBlockStore.openMended(directory, DEV))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("has lost the end of its list of files; restore it from a copy");
      }
      assertThat(contents()).containsExactlyEntriesOf(before);
    }
    Files.write(list, whole);
    expectAll();
  }

  /** Some tables, and a log with what came after them, synced. */
  private void makeStore() throws IOException {
    Block parent = Blocks.genesis();
    for (int life = 0; life < 3; life++) {
      try (RocksBlockStore store = RocksBlockStore.open(directory, DEV)) {
        Chain writer = new Chain(DEV, store);
        if (life == 0) {
          writer.keep(kept);
        }
        for (int i = 0; i < 20; i++) {
          parent =
              Blocks.childOf(parent)
                  .withTransactions(Blocks.transaction(Blocks.ALICE, "entry " + life + i, 200))
                  .build();
          writer.add(parent, Instant.ofEpochMilli(parent.header().timestamp()));
          chain.add(parent);
        }
      }
    }
  }

  private static String damage(
      Path file, Map<Path, byte[]> sound, List<Path> files, SplittableRandom random)
      throws IOException {
    byte[] content = verifyNotNull(sound.get(file)).clone();
    switch (random.nextInt(5)) {
      case 0 -> {
        Files.delete(file);
        return "all";
      }
      case 1 -> {
        Files.write(file, Arrays.copyOf(content, random.nextInt(content.length + 1)));
        return "the end";
      }
      case 2 -> {
        Path other = files.get(random.nextInt(files.size()));
        Files.write(file, sound.get(other));
        Files.write(other, content);
        return "a swap with " + other;
      }
      default -> {
        if (content.length > 0) {
          content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, content);
        return "a bit";
      }
    }
  }

  private void expectAll() throws IOException {
    try (RocksBlockStore store = RocksBlockStore.open(directory, DEV)) {
      expectAll(store);
    }
  }

  private void expectAll(RocksBlockStore store) {
    List<BlockHash> hashes = chain.stream().map(Block::hash).toList();
    assertThat(store.hashesFrom(1, 1_000)).isEqualTo(hashes);
    assertThat(store.byAuthor(Blocks.ALICE.publicKey(), 0, 1_000)).hasSize(chain.size());
    for (Block block : chain) {
      assertThat(store.block(block.hash())).contains(block);
      assertThat(store.header(block.hash())).isPresent();
      assertThat(store.locate(block.transactions().get(0).id())).isPresent();
    }
    List<Transaction> own = new ArrayList<>();
    store.forEachKept(own::add);
    assertThat(own).containsExactly(kept);
    assertThat(store.sideBlocks()).isEmpty();
  }

  /** All that matters: locks are empty, and the log for people may say anything. */
  private Map<Path, byte[]> contents() throws IOException {
    Map<Path, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = file.getFileName().toString();
        if (!name.equalsIgnoreCase(DataDirectory.LOCK_FILE) && !name.startsWith("LOG")) {
          contents.put(file, Files.readAllBytes(file));
        }
      }
    }
    return contents;
  }

  private void restore(Map<Path, byte[]> sound) throws IOException {
    for (Path file : contents().keySet()) {
      if (!sound.containsKey(file)) {
        Files.delete(file);
      }
    }
    Files.createDirectories(directory.resolve(DataDirectory.BLOCKS));
    for (Map.Entry<Path, byte[]> file : sound.entrySet()) {
      Files.write(file.getKey(), file.getValue());
    }
  }
}
