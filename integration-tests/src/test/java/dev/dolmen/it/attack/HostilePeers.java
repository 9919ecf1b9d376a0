package dev.dolmen.it.attack;

import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Strangers within a network of many nodes: each does one attack after the other, drawn by lot, on
 * nodes that are drawn too. A node that is killed meanwhile ends the attack on it, no more.
 */
public final class HostilePeers implements AutoCloseable {

  private static final Duration ATTACK = Duration.ofSeconds(5);

  private static final List<Attack> KINDS = List.of(Attack.values());

  /** Where a node is reached by peers, and by users. */
  public record Victim(int peerPort, HostAndPort api) {}

  private final Function<SplittableRandom, Victim> choice;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger attacks = new AtomicInteger();
  private final AtomicReference<Optional<Throwable>> bug = new AtomicReference<>(Optional.empty());
  private volatile boolean isOver;

  /**
   * Begins.
   *
   * @param count of strangers
   * @param choice of a node for the next attack
   */
  public HostilePeers(int count, Function<SplittableRandom, Victim> choice, long seed) {
    this.choice = choice;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      threads.add(new Thread(() -> attack(own), "hostile-" + i));
    }
    threads.forEach(thread -> thread.setDaemon(true));
    threads.forEach(Thread::start);
  }

  /** How many attacks there were. */
  public int attacks() {
    return attacks.get();
  }

  /** What ended one of them by a bug of its own. */
  public Optional<Throwable> bug() {
    return bug.get();
  }

  private void attack(SplittableRandom random) {
    while (!isOver) {
      Victim victim = choice.apply(random);
      Attack attack = KINDS.get(random.nextInt(KINDS.size()));
      try {
        Target target =
            Target.of(HostAndPort.fromParts("127.0.0.1", victim.peerPort()), victim.api());
        long end = System.nanoTime() + ATTACK.toNanos();
        attack.run(new Attacker(target, end, random.split(), new Tally()));
        attacks.incrementAndGet();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException gone) {
        // The node was killed or cut off, or has closed the link, which is its answer.
        attacks.incrementAndGet();
      } catch (Exception | Error own) {
        bug.set(Optional.of(own));
        return;
      }
    }
  }

  /** Ends them, each after the attack in hand. */
  @Override
  public void close() {
    isOver = true;
    for (Thread thread : threads) {
      Uninterruptibles.joinUninterruptibly(thread, ATTACK.plus(Attacker.PATIENCE));
    }
  }
}
