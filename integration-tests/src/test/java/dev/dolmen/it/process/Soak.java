package dev.dolmen.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Multimaps;
import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.it.attack.HostilePeers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Many real nodes, each a process with a directory of its own, to which things happen: they are
 * killed, restarted, paused, cut off. All the while entries are handed in at those that are well.
 * Whoever something happened to must have the others' blocks within {@link #LONGEST_RETURN} after
 * it is over; nobody may be blamed by anybody (I5); in the end all have one tip (I2), which holds
 * most work and follows the rules (I1), and all that was acknowledged is there (I3).
 *
 * <p>The first {@link #WITNESSES} are never restarted: what they use of memory, threads and
 * descriptors is looked at from time to time and must stay as it was (I4).
 */
final class Soak implements AutoCloseable {

  /** From the end of a fault until the node has the blocks that the others have. */
  static final Duration LONGEST_RETURN = Duration.ofSeconds(20);

  /** How many processes live from the beginning to the end. */
  static final int WITNESSES = 2;

  /** How much more a witness may hold than when it was first looked at. */
  static final long MAX_HEAP_GROWTH_BYTES = 8L << 20;

  /** Worker threads come and go. */
  static final long MAX_THREAD_GROWTH = 6;

  /** Links come and go, and a database's tables. */
  static final long MAX_DESCRIPTOR_GROWTH = 40;

  /** Each node dials those that are so many places on in the ring, so no three can split it. */
  private static final List<Integer> CHORDS = List.of(1, 2, 7);

  private static final int MOST_AT_ONCE = 3;
  private static final Duration BETWEEN_ENTRIES = Duration.ofMillis(500);
  private static final Duration ONE_TIP = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** Ends of links that would mean that a node blamed an honest one, or met a bug. */
  private static final Set<String> BLAME = Set.of("VIOLATION", "USELESS", "NOT_ALLOWED", "BUG");

  /** What happens to a node. */
  enum Fault {
    /** SIGKILL, and a start some seconds later. */
    KILL,
    /** SIGTERM, and a start at once. */
    RESTART,
    /** SIGSTOP, and SIGCONT. */
    PAUSE,
    /** All its connections end, and nobody is reached. */
    CUT,
    /** All its connections stay, and nothing comes through. */
    CLOG
  }

  /** What one process uses after a full collection. */
  record Use(long heapBytes, long residentBytes, long threads, long descriptors) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "heap %.1f MiB, resident %.1f MiB, threads %d, descriptors %d",
          heapBytes / 1048576.0,
          residentBytes / 1048576.0,
          threads,
          descriptors);
    }
  }

  /** What happened: how often each, and the slowest return after it. */
  record Report(
      Map<Fault, Integer> faults,
      Map<Fault, Duration> slowest,
      int attacks,
      int entries,
      long height) {}

  private final Jar jar;
  private final Path directory;
  private final Duration faultLength;
  private final Random random;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final ListMultimap<NodeProcess, Cable> cables = ArrayListMultimap.create();
  private final ListMultimap<NodeProcess, Integer> dialled = ArrayListMultimap.create();
  private final Set<NodeProcess> disturbed = ConcurrentHashMap.newKeySet();
  private final List<NodeProcess.Taken> acknowledged = new CopyOnWriteArrayList<>();
  private final AtomicReference<Throwable> userFailed = new AtomicReference<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final Map<Fault, Duration> slowest = new EnumMap<>(Fault.class);
  private final Map<Integer, List<Use>> uses = new TreeMap<>();
  private final List<Fault> toCome = new ArrayList<>();
  private final Set<String> honest = new LinkedHashSet<>();
  private final int strangers;
  private int attacks;
  private final Thread user;
  private volatile boolean isOver;

  /**
   * Starts all nodes and waits until they know one another.
   *
   * @param strangers that attack them all the time
   * @param faultLength how long a pause or a cut is
   */
  Soak(Jar jar, Path directory, int count, int strangers, Duration faultLength, long seed)
      throws IOException, InterruptedException {
    this.jar = jar;
    this.directory = directory;
    this.strangers = strangers;
    this.faultLength = faultLength;
    this.random = new Random(seed);
    for (int i = 0; i < count; i++) {
      NodeProcess node = NodeProcess.notStarted(jar, directory.resolve("node-" + i));
      nodes.add(node);
    }
    for (int i = 0; i < count; i++) {
      NodeProcess node = nodes.get(i);
      for (int chord : CHORDS) {
        NodeProcess other = nodes.get((i + chord) % count);
        if (other != node) {
          Cable cable = new Cable(other.peerPort());
          dialled.put(node, cable.port());
          cables.put(node, cable);
          cables.put(other, cable);
        }
      }
    }
    for (NodeProcess node : nodes) {
      node.beginDialling(dialled.get(node));
      node.awaitServing();
      honest.add(node.status().get("peerId").getAsString());
    }
    Random ofUser = new Random(seed + 1);
    this.user = new Thread(() -> handInEntries(ofUser), "user");
    user.start();
  }

  /** Lets things happen for so long; may be called again. */
  Report run(Duration time) throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    return runWhile(() -> System.nanoTime() < end);
  }

  /** Lets things happen until each kind of fault has. */
  Report runThroughAllFaults() throws IOException, InterruptedException {
    return runWhile(() -> faults.size() < Fault.values().length);
  }

  private Report runWhile(BooleanSupplier goesOn) throws IOException, InterruptedException {
    lookAtWitnesses();
    try (HostilePeers hostile = new HostilePeers(strangers, this::victim, random.nextLong())) {
      while (goesOn.getAsBoolean()) {
        disturbSome();
        assertNobodyIsBlamed();
        assertThat(userFailed.get()).as("handing in an entry").isNull();
        assertThat(hostile.bug()).isEmpty();
      }
      attacks += hostile.attacks();
    }
    lookAtWitnesses();
    return new Report(
        Map.copyOf(faults),
        Map.copyOf(slowest),
        attacks,
        acknowledged.size(),
        nodes.get(0).height());
  }

  /** What each witness used, in the order in which it was looked at. */
  Map<Integer, List<Use>> uses() {
    return Collections.unmodifiableMap(uses);
  }

  /** Nothing happens any more: all agree, nothing is lost, and every disk is right. */
  void settle() throws IOException, InterruptedException {
    stopUser();
    NodeProcess first = nodes.get(0);
    await("one tip")
        .atMost(ONE_TIP)
        .pollInterval(LOOK)
        .until(
            () -> {
              for (NodeProcess node : nodes) {
                if (!node.tip().equals(first.tip())) {
                  return false;
                }
              }
              return true;
            });
    assertNobodyIsBlamed();
    for (NodeProcess.Taken entry : acknowledged) {
      boolean isThere = first.stateOf(entry.id()).isPresent();
      assertThat(isThere || first.height() >= entry.expiryHeight()).as("%s", entry).isTrue();
    }
    for (NodeProcess node : nodes) {
      node.running().terminate();
      assertThat(node.running().err()).doesNotContain(" ERROR ");
      StoreCheck.check(node.dataDirectory(), directory, List.of());
    }
    uses.forEach(Soak::assertFlat);
  }

  @Override
  public void close() throws IOException {
    stopUser();
    for (Cable cable : cables.values()) {
      cable.close();
    }
  }

  private static void assertFlat(int witness, List<Use> seen) {
    Use before = seen.get(0);
    Use after = seen.get(seen.size() - 1);
    String told = "witness " + witness + ", before: " + before + "; after: " + after;
    assertThat(after.heapBytes() - before.heapBytes()).as(told).isLessThan(MAX_HEAP_GROWTH_BYTES);
    assertThat(after.threads() - before.threads()).as(told).isLessThan(MAX_THREAD_GROWTH);
    assertThat(after.descriptors() - before.descriptors())
        .as(told)
        .isLessThan(MAX_DESCRIPTOR_GROWTH);
  }

  private HostilePeers.Victim victim(SplittableRandom choice) {
    NodeProcess node = nodes.get(choice.nextInt(nodes.size()));
    return new HostilePeers.Victim(node.peerPort(), HostAndPort.fromString(node.api()));
  }

  private void disturbSome() throws IOException, InterruptedException {
    Map<NodeProcess, Fault> chosen = new LinkedHashMap<>();
    int count = 1 + random.nextInt(Math.min(MOST_AT_ONCE, nodes.size() / 2));
    while (chosen.size() < count) {
      Fault fault = nextFault();
      boolean ends = fault == Fault.KILL || fault == Fault.RESTART;
      int from = ends ? Math.min(WITNESSES, nodes.size() - 1) : 0;
      NodeProcess node = nodes.get(from + random.nextInt(nodes.size() - from));
      chosen.putIfAbsent(node, fault);
    }
    disturbed.addAll(chosen.keySet());
    for (Map.Entry<NodeProcess, Fault> entry : chosen.entrySet()) {
      begin(entry.getKey(), entry.getValue());
    }
    LockSupport.parkNanos(faultLength.toNanos());
    for (Map.Entry<NodeProcess, Fault> entry : chosen.entrySet()) {
      end(entry.getKey(), entry.getValue());
    }
    awaitReturn(chosen, System.nanoTime());
  }

  /** Each kind once in random order, and again. */
  private Fault nextFault() {
    if (toCome.isEmpty()) {
      toCome.addAll(List.of(Fault.values()));
      Collections.shuffle(toCome, random);
    }
    return toCome.remove(toCome.size() - 1);
  }

  private void begin(NodeProcess node, Fault fault) throws IOException, InterruptedException {
    switch (fault) {
      case KILL -> node.running().kill();
      case RESTART -> {
        node.running().terminate();
        node.beginDialling(dialled.get(node));
      }
      case PAUSE -> node.running().pause();
      case CUT -> cables.get(node).forEach(Cable::cut);
      case CLOG -> cables.get(node).forEach(Cable::clog);
    }
  }

  private void end(NodeProcess node, Fault fault) throws IOException, InterruptedException {
    switch (fault) {
      case KILL -> node.beginDialling(dialled.get(node));
      case RESTART -> {}
      case PAUSE -> node.running().resume();
      case CUT, CLOG -> cables.get(node).forEach(Cable::mend);
    }
  }

  private void awaitReturn(Map<NodeProcess, Fault> chosen, long overSince)
      throws IOException, InterruptedException {
    NodeProcess well = undisturbed().get(0);
    long height = well.height();
    Set<NodeProcess> away = new LinkedHashSet<>(chosen.keySet());
    while (!away.isEmpty()) {
      Duration took = Duration.ofNanos(System.nanoTime() - overSince);
      for (NodeProcess node : List.copyOf(away)) {
        Fault fault = chosen.get(node);
        if (node.hashAt(height).isPresent() && node.hashAt(height).equals(well.hashAt(height))) {
          away.remove(node);
          disturbed.remove(node);
          faults.merge(fault, 1, Integer::sum);
          slowest.merge(fault, took, (a, b) -> a.compareTo(b) > 0 ? a : b);
        } else {
          assertThat(node.running().process().isAlive()).as("after %s", fault).isTrue();
          assertThat(took)
              .as("%s after %s, height wanted %s", node.dataDirectory(), fault, height)
              .isLessThan(LONGEST_RETURN);
        }
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  private List<NodeProcess> undisturbed() {
    return nodes.stream().filter(node -> !disturbed.contains(node)).toList();
  }

  private void assertNobodyIsBlamed() throws IOException, InterruptedException {
    for (NodeProcess node : nodes) {
      assertThat(
              Multimaps.filterKeys(node.goneReasons(honest::contains), BLAME::contains).entries())
          .as("%s", node.dataDirectory())
          .isEmpty();
    }
  }

  private void lookAtWitnesses() throws IOException, InterruptedException {
    for (int i = 0; i < Math.min(WITNESSES, nodes.size()); i++) {
      NodeProcess node = nodes.get(i);
      jar.collectGarbage(node.running());
      String metrics = node.text("/metrics");
      uses.computeIfAbsent(i, none -> new ArrayList<>())
          .add(
              new Use(
                  figure(metrics, "jvm_memory_used_bytes{area=\"heap\"}"),
                  figure(metrics, "process_resident_memory_bytes"),
                  figure(metrics, "jvm_threads_current"),
                  figure(metrics, "process_open_fds")));
    }
  }

  private static long figure(String metrics, String name) {
    String line =
        metrics.lines().filter(text -> text.startsWith(name + " ")).findFirst().orElseThrow();
    return (long) Double.parseDouble(line.substring(name.length() + 1));
  }

  /** At those that are well; one that is disturbed just then may refuse or not answer. */
  private void handInEntries(Random choice) {
    while (!isOver) {
      List<NodeProcess> well = undisturbed();
      NodeProcess node = well.get(choice.nextInt(well.size()));
      try {
        acknowledged.add(node.take("entry " + choice.nextLong()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | AssertionError e) {
        if (!disturbed.contains(node)) {
          userFailed.set(e);
          return;
        }
      }
      LockSupport.parkNanos(BETWEEN_ENTRIES.toNanos());
    }
  }

  private void stopUser() {
    isOver = true;
    Uninterruptibles.joinUninterruptibly(user);
  }
}
