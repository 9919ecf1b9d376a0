package dev.dolmen.it.attack;

import static org.awaitility.Awaitility.await;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Some attacks on one node at the same time, and what becomes of its honest peers: a whole node
 * that makes blocks, a peer that only waits to be told of them by the node under attack, and one
 * that asks and measures how long answers take. All of it goes on for a while before the attack
 * too, so that the two can be compared.
 */
final class Siege {

  private static final Duration BETWEEN_BLOCKS = Duration.ofMillis(250);
  private static final Duration SHORTEST_CALM = Duration.ofSeconds(2);
  private static final int LOOKS_AT_MEMORY = 10;
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final double MEBIBYTE = 1024.0 * 1024;

  /**
   * How honest peers fared in some time.
   *
   * @param answers how long they took
   * @param blocks from the call that makes one at a peer until the node told another peer of it,
   *     which it does once it holds the block
   */
  record Fare(Times answers, Times blocks) {}

  /**
   * How the node came through.
   *
   * @param tallies what each attack did, and was answered
   * @param broken attacks that could not go on, and why: an attacker's own bug
   * @param lost blocks that nobody was told of
   * @param followed whether the node had the honest node's tip in the end
   * @param kept whether the honest node had one link all the time
   * @param ends of the links of those who ask and wait; empty if they stood
   * @param calm before the attack
   * @param attacked during it
   * @param uses what the node's process used before, from time to time, and after
   * @param cpu how many cores it kept busy meanwhile
   */
  record Report(
      Map<Attack, Tally> tallies,
      Map<Attack, Throwable> broken,
      int lost,
      boolean followed,
      boolean kept,
      String ends,
      Fare calm,
      Fare attacked,
      List<Target.Use> uses,
      double cpu) {

    /** Whether nobody honest noticed. */
    boolean well(Duration longest) {
      return attacked.blocks.count() > 0
          && lost == 0
          && followed
          && kept
          && ends.isEmpty()
          && tallies.values().stream().allMatch(tally -> tally.answers(Attacks.PAST_DEADLINE) == 0)
          && attacked.answers.count() > 0
          && attacked.answers.p99().compareTo(longest) <= 0;
    }

    /** What the process has more in memory after than before. */
    long growthBytes() {
      return uses.get(uses.size() - 1).residentBytes() - uses.get(0).residentBytes();
    }

    /** Some lines for people. */
    String lines() {
      return String.format(
          Locale.ROOT,
          "the node %s the tip; honest peers %s their links%s; blocks lost: %d%n"
              + "  answers before: %s; under attack: %s%n"
              + "  blocks passed on before: %s; under attack: %s%n"
              + "  in memory: %s MiB; busy: %.2f cores",
          followed ? "has" : "LACKS",
          kept && ends.isEmpty() ? "kept" : "LOST",
          ends.isEmpty() ? "" : " (" + ends + ")",
          lost,
          calm.answers,
          attacked.answers,
          calm.blocks,
          attacked.blocks,
          uses.stream()
              .map(use -> String.format(Locale.ROOT, "%.0f", use.residentBytes() / MEBIBYTE))
              .collect(Collectors.joining(", ")),
          cpu);
    }
  }

  private final Target target;
  private final Dolmen honest;
  private final BlockWatch watch;
  private final HonestAsker asker;
  private final Map<BlockHash, Long> made = new LinkedHashMap<>();
  private final List<Target.Use> uses = new ArrayList<>();

  private Siege(Target target, Dolmen honest, BlockWatch watch, HonestAsker asker) {
    this.target = target;
    this.honest = honest;
    this.watch = watch;
    this.asker = asker;
  }

  /**
   * Attacks for so long.
   *
   * @param copies of each attack at a time
   */
  static Report lay(Target target, List<Attack> attacks, int copies, Duration duration, long seed)
      throws Exception {
    HonestAsker asker = new HonestAsker(target);
    try (Dolmen honest = Dolmen.builder().name("honest").discovery(false).start();
        BlockWatch watch = BlockWatch.on(target)) {
      honest.peers().connect(PeerAddress.of("127.0.0.1", target.peerPort()));
      Thread asking = new Thread(asker::run, "honest-asker");
      asking.start();
      Siege siege = new Siege(target, honest, watch, asker);
      happens(() -> !honest.peers().peers().isEmpty() && asker.answers() > 0);
      happens(() -> siege.bothHaveOneTip());
      Report report = siege.lay(attacks, copies, duration, new SplittableRandom(seed));
      asking.join(PATIENCE.toMillis());
      return report;
    }
  }

  private Report lay(List<Attack> attacks, int copies, Duration duration, SplittableRandom random)
      throws Exception {
    Duration tenth = duration.dividedBy(LOOKS_AT_MEMORY);
    long begun = System.nanoTime();
    makeBlocksUntil(begun + max(tenth, SHORTEST_CALM).toNanos());
    Target.Use before = target.use(Target.PATIENCE);
    uses.add(before);

    Map<Attack, Tally> tallies = new EnumMap<>(Attack.class);
    Map<Attack, Throwable> broken = new ConcurrentHashMap<>();
    long attackedSince = System.nanoTime();
    long end = attackedSince + duration.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (Attack attack : attacks) {
      Tally tally = new Tally();
      tallies.put(attack, tally);
      for (int i = 0; i < copies; i++) {
        Attacker attacker = new Attacker(target, end, random.split(), tally);
        threads.add(new Thread(() -> attack(attack, attacker, broken), attack.label()));
      }
    }
    threads.forEach(thread -> thread.setDaemon(true));
    threads.forEach(Thread::start);
    for (int i = 1; i < LOOKS_AT_MEMORY; i++) {
      makeBlocksUntil(attackedSince + i * tenth.toNanos());
      look();
    }
    makeBlocksUntil(end);
    for (Thread thread : threads) {
      thread.join(2 * PATIENCE.toMillis());
      if (thread.isAlive()) {
        broken.put(Attack.named(thread.getName()).get(0), new IOException("it does not end"));
      }
    }
    boolean followed = happens(this::bothHaveOneTip);
    happens(() -> made.keySet().stream().allMatch(hash -> watch.toldAt(hash).isPresent()));
    asker.stop();
    Target.Use after = target.use(Target.PATIENCE);
    uses.add(after);
    double seconds = (System.nanoTime() - attackedSince) / 1e9;
    return new Report(
        tallies,
        broken,
        (int) made.keySet().stream().filter(hash -> watch.toldAt(hash).isEmpty()).count(),
        followed,
        honest.peers().departures().isEmpty() && honest.peers().peers().size() == 1,
        asker.end() + watch.end(),
        fare(begun, attackedSince),
        fare(attackedSince, System.nanoTime()),
        uses,
        (after.cpuSeconds() - before.cpuSeconds()) / seconds);
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private void makeBlocksUntil(long end)
      throws InterruptedException, ExecutionException, IOException {
    while (System.nanoTime() - end < 0) {
      long called = System.nanoTime();
      Optional<Block> block = honest.runner().ask(Node::makeBlock).get();
      made.put(block.orElseThrow(() -> new IOException("no block was made")).hash(), called);
      TimeUnit.NANOSECONDS.sleep(BETWEEN_BLOCKS.toNanos());
    }
  }

  /** At what it uses; a node whose API is under attack may be too busy to say. */
  private void look() throws InterruptedException {
    try {
      uses.add(target.use(LOOK_PATIENCE));
    } catch (IOException busy) {
      // One look less.
    }
  }

  private Fare fare(long from, long to) {
    List<Long> passedOn = new ArrayList<>();
    made.forEach(
        (hash, called) -> {
          if (called - from >= 0 && called - to < 0) {
            watch.toldAt(hash).ifPresent(told -> passedOn.add(told - called));
          }
        });
    return new Fare(asker.times(from, to), Times.of(passedOn));
  }

  private boolean bothHaveOneTip() throws IOException, InterruptedException {
    return target.status().get("hash").getAsString().equals(honest.view().tip().hash().toString());
  }

  /** Waits for something, and says whether it came within our patience. */
  private static boolean happens(Callable<Boolean> what) {
    try {
      await().atMost(PATIENCE).pollInterval(LOOK).until(what);
      return true;
    } catch (ConditionTimeoutException never) {
      return false;
    }
  }

  /** An attack that the node, or its own haste, has interrupted begins again. */
  private static void attack(Attack attack, Attacker attacker, Map<Attack, Throwable> broken) {
    try {
      while (attacker.goesOn()) {
        try {
          attack.run(attacker);
        } catch (IOException interrupted) {
          attacker.tally().answered("interrupted: " + interrupted.getMessage());
          attacker.pause(BETWEEN_BLOCKS);
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error bug) {
      broken.put(attack, bug);
    }
  }
}
