package dev.dolmen.testing;

import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import dev.dolmen.node.NodeStatus;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.devnet.DevnetLink;
import dev.dolmen.node.devnet.DevnetNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A network of nodes in this JVM, new for each test: in memory, on the {@code dev} network, linked
 * by real TCP with TLS on free ports of this machine.
 *
 * <pre>{@code
 * class ShipmentsTest {
 *   @RegisterExtension DolmenNetwork net = DolmenNetwork.of(4);
 *
 *   @Test
 *   void bothSidesAgreeAfterwards() {
 *     net.partition(List.of("alice", "bob"), List.of("carol", "dave"));
 *     net.node("alice").submit("on this side".getBytes(UTF_8));
 *     net.node("dave").submit("on that side".getBytes(UTF_8));
 *     net.heal();
 *     assertEquals(…, net.awaitOneTip().height());
 *   }
 * }
 * }</pre>
 *
 * <p>Nothing is left after a test. When one fails, its report says where each node stood. In a
 * static field it serves one test after the other; for tests that run in parallel use a field that
 * is not static, or {@link DolmenTest}.
 */
public final class DolmenNetwork
    implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {

  /** For links to go or come, and for nodes to agree: far more than either takes. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** For a tie to dissolve by itself, as it does while entries wait for a block. */
  private static final Duration TIE_PATIENCE = Duration.ofSeconds(1);

  /** How often it is looked whether what is awaited has come. */
  private static final Duration LOOK = Duration.ofMillis(5);

  private static final int SHOWN_DIGITS = 12;

  private final int count;

  /** The test it runs for; none has it between two tests. */
  private final AtomicReference<@Nullable String> owner = new AtomicReference<>();

  private volatile @Nullable Devnet devnet;

  private DolmenNetwork(int count) {
    this.count = count;
  }

  /**
   * So many nodes, named alice, bob, carol, dave, …; up to eight are all linked to one another.
   *
   * @param nodes 2 to 50
   * @throws IllegalArgumentException if it is another number
   */
  public static DolmenNetwork of(int nodes) {
    Devnet.builder().nodes(nodes); // Refuses what is no network, here and not in the first test.
    return new DolmenNetwork(nodes);
  }

  /** Starts all nodes; nothing is left running if that fails. */
  void start() {
    try {
      devnet = Devnet.builder().nodes(count).start();
      awaitLinks();
    } catch (IOException e) {
      throw new UncheckedIOException("the network could not start: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  void close() {
    Devnet running = devnet;
    devnet = null;
    if (running != null) {
      running.close();
    }
  }

  private Devnet running() {
    Devnet running = devnet;
    if (running == null) {
      throw new IllegalStateException(
          "this network runs only during a test; register it with @RegisterExtension, or take it as"
              + " the parameter of a @DolmenTest");
    }
    return running;
  }

  /**
   * The running node of that name.
   *
   * @throws IllegalArgumentException if there is none of that name
   * @throws IllegalStateException if it is stopped
   */
  public Dolmen node(String name) {
    return running()
        .node(name)
        .running()
        .orElseThrow(
            () -> new IllegalStateException("node '" + name + "' is stopped; start it first"));
  }

  /** The nodes that run, in the order of their names. */
  public List<Dolmen> nodes() {
    return running().nodes().stream().flatMap(node -> node.running().stream()).toList();
  }

  /**
   * Cuts every link between groups, and heals those within one. Who is in no group keeps the links
   * among themselves and loses those to any group. Returns once nothing crosses any more.
   *
   * @param groups of names
   * @throws IllegalArgumentException if a name is unknown or in two groups
   */
  @SafeVarargs
  public final void partition(Collection<String>... groups) {
    List<Collection<String>> sides = new ArrayList<>();
    for (Collection<String> group : groups) {
      sides.add(group);
    }
    running().partition(sides);
    awaitLinks();
  }

  /** Heals every link and ends every delay. Returns once all links stand between nodes that run. */
  public void heal() {
    running().healAll();
    awaitLinks();
  }

  /**
   * Cuts the link between two nodes, until it is healed.
   *
   * @throws IllegalArgumentException if they have none
   */
  public void cut(String a, String b) {
    running().cut(a, b);
    awaitLinks();
  }

  /**
   * Lets two nodes link again.
   *
   * @throws IllegalArgumentException if they have no link
   */
  public void heal(String a, String b) {
    running().heal(a, b);
    awaitLinks();
  }

  /**
   * Holds back each message between two nodes, in each direction; zero ends it.
   *
   * @throws IllegalArgumentException if they have no link, or the delay is too long
   */
  public void delay(String a, String b, Duration each) {
    running().delay(a, b, each);
  }

  /**
   * Stops a node. Its chain and keys are kept for {@link #start(String)}; what waits in its pool
   * alone is lost.
   */
  public void stop(String name) {
    running().stop(name);
    awaitLinks();
  }

  /** Starts a stopped node again, as another {@link Dolmen} with the same chain and keys. */
  public void start(String name) {
    try {
      running().start(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitLinks();
  }

  /**
   * Waits until all running nodes have the same tip and no entry waits for a block anywhere, so
   * that the tip stays.
   *
   * @return that tip
   * @throws AssertionError after 30 s, saying where each node stands
   */
  public ChainedHeader awaitOneTip() {
    return awaitOneTip(PATIENCE);
  }

  /** The same with another patience. */
  public ChainedHeader awaitOneTip(Duration patience) {
    long[] tiedSince = {System.nanoTime()};
    await(
        "the nodes have no one tip",
        patience,
        () -> {
          if (!isTied()) {
            tiedSince[0] = System.nanoTime();
          } else if (System.nanoTime() - tiedSince[0] > TIE_PATIENCE.toNanos()) {
            nodes().get(0).runner().ask(Node::makeBlock).join();
            tiedSince[0] = System.nanoTime();
          }
          return oneTip().isPresent();
        });
    return oneTip().orElseThrow();
  }

  /** Whether nodes that can all speak to one another differ, and nothing will change that. */
  private boolean isTied() {
    List<NodeView> all = nodes().stream().map(Dolmen::view).toList();
    return running().links().stream().allMatch(DevnetLink::up)
        && all.stream().allMatch(view -> view.mempoolTransactions() == 0)
        && all.stream().map(view -> view.tip().totalWork()).distinct().count() == 1
        && all.stream().map(view -> view.tip().hash()).distinct().count() > 1;
  }

  private Optional<ChainedHeader> oneTip() {
    List<NodeStatus> all = nodes().stream().map(Dolmen::status).toList();
    boolean settled =
        all.stream().allMatch(status -> status.view().mempoolTransactions() == 0)
            && all.stream().map(NodeStatus::hash).distinct().count() == 1;
    return settled ? Optional.of(all.get(0).view().tip()) : Optional.empty();
  }

  /** Until every link is as it was asked to be, and each of its two ends knows. */
  private void awaitLinks() {
    Devnet network = running();
    await(
        "links are not as they were asked to be",
        PATIENCE,
        () -> {
          List<DevnetLink> wanted =
              network.links().stream()
                  .filter(link -> link.up() && runs(network, link.a()) && runs(network, link.b()))
                  .toList();
          return wanted.stream().allMatch(DevnetLink::linked)
              && network.nodes().stream().allMatch(node -> hasOnly(node, wanted));
        });
  }

  private static boolean hasOnly(DevnetNode node, List<DevnetLink> wanted) {
    long own =
        wanted.stream()
            .filter(link -> link.a().equals(node.name()) || link.b().equals(node.name()))
            .count();
    return node.running().map(running -> running.status().peers() == own).orElse(true);
  }

  private static boolean runs(Devnet network, String name) {
    return network.node(name).running().isPresent();
  }

  private void await(String otherwise, Duration patience, BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > patience.toNanos()) {
        throw new AssertionError(
            "after " + patience.toMillis() + " ms " + otherwise + "\n" + describe());
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /** A line for each node: where it stands, and with whom it is linked. */
  private String describe() {
    Devnet network = running();
    return network.nodes().stream()
        .map(node -> describe(network, node))
        .collect(Collectors.joining("\n"));
  }

  private static String describe(Devnet network, DevnetNode node) {
    return "  "
        + node.name()
        + ": "
        + node.running()
            .map(running -> describe(running.status()) + linkedWith(network, node.name()))
            .orElse("stopped");
  }

  private static String describe(NodeStatus status) {
    return "tip "
        + status.height()
        + " "
        + status.hash().toHex().substring(0, SHOWN_DIGITS)
        + ", "
        + status.view().mempoolTransactions()
        + " pending, "
        + status.waitingFor().map(what -> "waits for " + what + ", ").orElse("");
  }

  private static String linkedWith(Devnet network, String name) {
    List<String> others =
        network.links().stream()
            .filter(link -> link.linked() && (link.a().equals(name) || link.b().equals(name)))
            .map(link -> link.a().equals(name) ? link.b() : link.a())
            .toList();
    return "linked with " + (others.isEmpty() ? "nobody" : String.join(", ", others));
  }

  /** A test's failure, with where each node stood. */
  Throwable explained(Throwable failure) {
    if (devnet != null) {
      failure.addSuppressed(new NetworkState("the nodes at this moment:\n" + describe()));
    }
    return failure;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!owner.compareAndSet(null, context.getUniqueId())) {
      throw new ExtensionConfigurationException(
          "a DolmenNetwork in a static field serves one test at a time; for tests that run in"
              + " parallel use a field that is not static, or @DolmenTest");
    }
    start();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(failure);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getUniqueId().equals(owner.get())) {
      close();
      owner.set(null);
    }
  }
}
