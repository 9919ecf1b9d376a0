package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a real node at random moments, again and again, and starts it again in the same directory.
 * A second node, which is never killed, is who it syncs with. Every life of the killed node begins
 * with a recovery; after each, what it ever acknowledged must be there (I3), and it must serve
 * within {@link #LONGEST_RECOVERY}. From time to time all that is on its disk is checked from
 * genesis (I1).
 */
final class CrashLoop {

  /** From the start of the process to its first answer. */
  static final Duration LONGEST_RECOVERY = Duration.ofSeconds(10);

  /** So much that a node needs a while to fetch it. */
  private static final int BLOCKS_TO_SYNC = 3_000;

  /** A whole check costs as much as a round. */
  private static final int ROUNDS_BETWEEN_CHECKS = 10;

  /** Looked up after each restart; all of them in each whole check. */
  private static final int ENTRIES_ASKED_FOR = 20;

  private static final int MAX_OWN_BLOCKS = 20;

  /** After the node has said that it is too far behind to take an entry. */
  private static final Duration BEFORE_ASKING_AGAIN = Duration.ofMillis(20);

  /** What the node is doing when it is killed. */
  enum Moment {
    /** It takes entries and makes blocks. */
    MAKING_BLOCKS,
    /** It has nothing and fetches everything. */
    SYNCING,
    /** It meets a branch that is heavier than its own. */
    REORGANISING,
    /** It opens its store after the last kill. */
    RECOVERING
  }

  /**
   * What happened.
   *
   * @param kills how often it was killed doing what
   * @param longestRecovery the slowest start of all
   * @param entries how many were acknowledged
   * @param checks how often all of the disk was checked
   */
  record Report(Map<Moment, Integer> kills, Duration longestRecovery, int entries, int checks) {
    int rounds() {
      return kills.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private final Path directory;
  private final Random random;
  private final NodeProcess source;
  private final NodeProcess victim;
  private final List<NodeProcess.Taken> acknowledged = new CopyOnWriteArrayList<>();
  private final Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
  private Optional<String> toldTip = Optional.empty();
  private Duration longestRecovery = Duration.ZERO;
  private int entries;
  private int checks;

  CrashLoop(Jar jar, Path directory, long seed) throws IOException, InterruptedException {
    this.directory = directory;
    this.random = new Random(seed);
    Path data = directory.resolve("source");
    Jar.Ended generated =
        jar.run(
            "generate",
            "--data-dir",
            data.toString(),
            "--blocks",
            Integer.toString(BLOCKS_TO_SYNC),
            "--transactions",
            "3",
            "--payload",
            "200",
            "--seed",
            Long.toString(seed));
    assertThat(generated.exitCode()).as(generated.err()).isZero();
    this.source = NodeProcess.start(jar, data);
    this.victim = NodeProcess.notStarted(jar, directory.resolve("victim"));
  }

  /** So many kills, each followed by a recovery. */
  Report run(int rounds) throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
      switch (moment) {
        case MAKING_BLOCKS -> killWhileItMakesBlocks();
        case SYNCING -> killWhileItSyncs();
        case REORGANISING -> killWhileItReorganises();
        case RECOVERING -> killWhileItRecovers();
      }
      kills.merge(moment, 1, Integer::sum);
      if ((round + 1) % ROUNDS_BETWEEN_CHECKS == 0 || round == rounds - 1) {
        StoreCheck.check(victim.dataDirectory(), directory, acknowledged);
        checks++;
      }
    }
    return new Report(Map.copyOf(kills), longestRecovery, entries, checks);
  }

  private void killWhileItMakesBlocks() throws IOException, InterruptedException {
    recover(source);
    Thread user = takeEntries();
    kill(random.nextInt(300));
    user.join();
  }

  private void killWhileItSyncs() throws IOException, InterruptedException {
    forgetEverything();
    victim.begin(source);
    awaitDatabase(Optional.empty());
    kill(random.nextInt(1_500));
  }

  private void killWhileItReorganises() throws IOException, InterruptedException {
    recover();
    int depth = 1 + random.nextInt(MAX_OWN_BLOCKS);
    long height = victim.height();
    for (int i = 0; i < depth; i++) {
      acknowledge(victim.take("on a branch that loses " + random.nextLong()));
    }
    assertThat(victim.height()).isGreaterThanOrEqualTo(height + depth);
    toldTip = Optional.of(victim.tip());
    long behind = victim.height() + 1 - source.height();
    if (behind > 0) {
      source.makeBlocks((int) behind);
    }
    victim.connect(source);
    kill(random.nextInt(250));
  }

  /** From the moment the database is touched. */
  private void killWhileItRecovers() throws IOException, InterruptedException {
    Optional<FileTime> before = databaseTouched();
    victim.begin(source);
    awaitDatabase(before);
    kill(random.nextInt(80));
  }

  private void recover(NodeProcess... dialled) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    victim.begin(dialled);
    victim.awaitServing();
    Duration recovery = Duration.ofNanos(System.nanoTime() - begun);
    if (recovery.compareTo(longestRecovery) > 0) {
      longestRecovery = recovery;
    }
    assertThat(recovery).isLessThanOrEqualTo(LONGEST_RECOVERY);
    List<NodeProcess.Taken> known = List.copyOf(acknowledged);
    int from = Math.max(0, known.size() - ENTRIES_ASKED_FOR);
    for (NodeProcess.Taken entry : known.subList(from, known.size())) {
      // What was taken far below the others' tip expires while the node catches up.
      boolean isThere = victim.stateOf(entry.id()).isPresent();
      assertThat(isThere || victim.height() >= entry.expiryHeight()).as("%s", entry).isTrue();
    }
    if (toldTip.isPresent()) {
      assertThat(victim.hasBlock(toldTip.get())).as("block %s", toldTip.get()).isTrue();
    }
  }

  private Thread takeEntries() {
    Thread user =
        new Thread(
            () -> {
              try {
                while (true) {
                  Optional<NodeProcess.Taken> taken =
                      victim.takeIfItCan("entry " + System.nanoTime());
                  if (taken.isPresent()) {
                    acknowledge(taken.get());
                  } else {
                    LockSupport.parkNanos(BEFORE_ASKING_AGAIN.toNanos());
                  }
                  toldTip = Optional.of(victim.tip());
                }
              } catch (IOException killed) {
                // What was not answered was not acknowledged.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    user.start();
    return user;
  }

  private void acknowledge(NodeProcess.Taken entry) {
    acknowledged.add(entry);
    entries++;
  }

  private void kill(int afterMillis) throws InterruptedException {
    LockSupport.parkNanos(Duration.ofMillis(afterMillis).toNanos());
    assertThat(victim.running().process().isAlive()).as("it has ended by itself").isTrue();
    victim.running().kill();
  }

  private void forgetEverything() throws IOException {
    StoreCheck.delete(victim.dataDirectory());
    acknowledged.clear();
    toldTip = Optional.empty();
  }

  private void awaitDatabase(Optional<FileTime> before) throws IOException {
    while (victim.running().process().isAlive() && databaseTouched().equals(before)) {
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
  }

  /** When the database was last opened or written to, as its own log tells. */
  private Optional<FileTime> databaseTouched() throws IOException {
    try {
      return Optional.of(
          Files.getLastModifiedTime(victim.dataDirectory().resolve("chain/blocks/LOG")));
    } catch (NoSuchFileException noneYetOrRenamed) { // Opening begins with giving it an older name.
      return Optional.empty();
    }
  }
}
