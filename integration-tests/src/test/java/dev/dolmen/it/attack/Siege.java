package dev.dolmen.it.attack;

import static org.awaitility.Awaitility.await;

import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Some attacks on one node at the same time, and what becomes of its honest peers meanwhile: a
 * whole node that follows its tip, and one that asks and measures how long the answers take.
 */
final class Siege {

  private static final Duration BETWEEN_BLOCKS = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final double MEBIBYTE = 1024.0 * 1024;

  /**
   * How the node came through.
   *
   * @param tallies what each attack did, and was answered
   * @param broken attacks that could not go on, and why: an attacker's own bug
   * @param blocks that the node made meanwhile
   * @param followed whether the honest node had the same tip in the end
   * @param kept whether the honest node had one link all the time
   * @param asker the honest peer that asked
   * @param residentBefore bytes that the node's process had in memory; 0 where it does not say
   * @param residentAfter the same in the end
   */
  record Report(
      Map<Attack, Tally> tallies,
      Map<Attack, Throwable> broken,
      long blocks,
      boolean followed,
      boolean kept,
      HonestAsker asker,
      long residentBefore,
      long residentAfter) {

    /** Whether nobody honest noticed. */
    boolean well(Duration longest) {
      return blocks > 0
          && followed
          && kept
          && asker.end().isEmpty()
          && asker.answers() > 0
          && asker.p99().compareTo(longest) <= 0;
    }

    /** One line for people. */
    String line() {
      return String.format(
          "%d blocks made, the honest node %s its link and %s the tip; %d questions answered, p99 %.1f"
              + " ms%s; %.0f MiB in memory before, %.0f after",
          blocks,
          kept ? "kept" : "LOST",
          followed ? "has" : "LACKS",
          asker.answers(),
          asker.p99().toNanos() / 1e6,
          asker.end().isEmpty() ? "" : ", then the link ENDED: " + asker.end(),
          residentBefore / MEBIBYTE,
          residentAfter / MEBIBYTE);
    }
  }

  private Siege() {}

  /** Attacks for so long. */
  static Report lay(Target target, List<Attack> attacks, Duration duration, long seed)
      throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Attack, Tally> tallies = new EnumMap<>(Attack.class);
    Map<Attack, Throwable> broken = new ConcurrentHashMap<>();
    try (Dolmen honest = Dolmen.builder().name("honest").discovery(false).start()) {
      honest.peers().connect(PeerAddress.of("127.0.0.1", target.peerPort()));
      HonestAsker asker = new HonestAsker(target);
      Thread asking = new Thread(asker::run, "honest-asker");
      asking.start();
      happens(() -> !honest.peers().peers().isEmpty() && asker.answers() > 0);
      long heightBefore = target.height();
      long residentBefore = target.residentBytes();

      long end = System.nanoTime() + duration.toNanos();
      List<Thread> threads =
          attacks.stream()
              .map(
                  attack -> {
                    Attacker attacker = new Attacker(target, end, random.split());
                    tallies.put(attack, attacker.tally());
                    return new Thread(() -> attack(attack, attacker, broken), attack.label());
                  })
              .toList();
      threads.forEach(thread -> thread.setDaemon(true));
      threads.forEach(Thread::start);
      while (System.nanoTime() - end < 0) {
        target.makeBlock();
        TimeUnit.NANOSECONDS.sleep(BETWEEN_BLOCKS.toNanos());
      }
      for (Thread thread : threads) {
        thread.join(2 * PATIENCE.toMillis());
        if (thread.isAlive()) {
          broken.put(Attack.named(thread.getName()).get(0), new IOException("it does not end"));
        }
      }
      asker.stop();
      asking.join(PATIENCE.toMillis());
      String tip = target.status().get("hash").getAsString();
      boolean followed = happens(() -> tip(honest).equals(tip));
      return new Report(
          tallies,
          broken,
          target.height() - heightBefore,
          followed,
          honest.peers().departures().isEmpty() && honest.peers().peers().size() == 1,
          asker,
          residentBefore,
          target.residentBytes());
    }
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

  private static String tip(Dolmen node) {
    return node.view().tip().hash().toString();
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
