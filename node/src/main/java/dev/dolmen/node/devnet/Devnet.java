package dev.dolmen.node.devnet;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.LinkCondition;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Topology.Pair;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Several nodes in this JVM, in memory, on real sockets, linked to one another; links can be cut,
 * healed and slowed, nodes stopped and started:
 *
 * <pre>{@code
 * try (Devnet devnet = Devnet.builder().nodes(4).start()) {
 *   devnet.partition(List.of(List.of("alice", "bob"), List.of("carol", "dave")));
 *   devnet.node("alice").running().orElseThrow().submit("on this side".getBytes(UTF_8));
 *   devnet.healAll();
 * }
 * }</pre>
 *
 * <p>A cut link is closed, not dialled, and refused by both ends until it is healed. What is done
 * to a link is remembered while one of its nodes is stopped. A stopped node keeps its name, keys,
 * address and chain; what was pending in its pool alone is lost, as in a crash.
 *
 * <p>Any thread may call; those that change something take turns. Nothing is left after {@link
 * #close}.
 */
public final class Devnet implements AutoCloseable {

  /** Fewer are no network. */
  public static final int MIN_NODES = 2;

  /** So many fit on a laptop and on a page. */
  public static final int MAX_NODES = 50;

  /** After this, links that still are not there are left to come by themselves. */
  private static final Duration LINKING_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration LINKING_LOOK = Duration.ofMillis(2);

  /** Two nodes that are linked, and what is done to the link. */
  private static final class Edge {
    final DevnetNode a;
    final DevnetNode b;
    volatile LinkCondition condition = LinkCondition.NORMAL;

    Edge(DevnetNode a, DevnetNode b) {
      this.a = a;
      this.b = b;
    }

    boolean joins(DevnetNode one, DevnetNode other) {
      return (a == one && b == other) || (a == other && b == one);
    }
  }

  private final String httpHint;
  private final NetworkParameters network;
  private final ImmutableList<DevnetNode> nodes;
  private final ImmutableList<Edge> edges;
  private final ImmutableMap<PeerId, String> names;
  private final Chronicle chronicle =
      new Chronicle(
          Integer.toHexString(new SecureRandom().nextInt()), System::nanoTime, Clock.systemUTC());
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private boolean closed;

  private Devnet(Builder settings) {
    this.httpHint = settings.httpHint;
    this.network = settings.network;
    SecureRandom random = new SecureRandom();
    ImmutableList.Builder<DevnetNode> places = ImmutableList.builder();
    for (int i = 0; i < settings.count; i++) {
      int first = settings.listen.getPort();
      places.add(
          new DevnetNode(
              Topology.NAMES.get(i),
              NodeIdentity.generate(random),
              new MemoryBlockStore(network),
              HostAndPort.fromParts(settings.listen.getHost(), first == 0 ? 0 : first + i)));
    }
    this.nodes = places.build();
    this.names =
        nodes.stream().collect(ImmutableMap.toImmutableMap(DevnetNode::id, DevnetNode::name));
    this.edges =
        Topology.links(settings.count).stream()
            .map((Pair pair) -> new Edge(nodes.get(pair.from()), nodes.get(pair.to())))
            .collect(ImmutableList.toImmutableList());
  }

  /** Describes a devnet: four nodes on free ports of this machine, on the {@code dev} network. */
  public static Builder builder() {
    return new Builder();
  }

  /** Its nodes, running or not, in the order of their names; the first is alice. */
  public ImmutableList<DevnetNode> nodes() {
    return nodes;
  }

  /** The node of that name, if there is one. */
  public Optional<DevnetNode> find(String name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
  }

  /**
   * The node of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public DevnetNode node(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no node '"
                        + name
                        + "'; there are "
                        + String.join(", ", nodes.stream().map(DevnetNode::name).toList())));
  }

  /**
   * All links, whatever is done to them. Up to eight nodes are all linked to one another; more form
   * a ring with some links across.
   */
  public ImmutableList<DevnetLink> links() {
    return edges.stream().map(Devnet::shown).collect(ImmutableList.toImmutableList());
  }

  /** The link between two nodes, in either order, if they have one. */
  public Optional<DevnetLink> link(String a, String b) {
    return edge(a, b).map(Devnet::shown);
  }

  private static DevnetLink shown(Edge edge) {
    return new DevnetLink(
        edge.a.name(),
        edge.b.name(),
        edge.condition.up(),
        edge.condition.delay(),
        end(edge.a, edge.b).isPresent() && end(edge.b, edge.a).isPresent(),
        end(edge.a, edge.b).flatMap(PeerInfo::roundTrip));
  }

  /** How a node sees its link to another, if it has one. */
  private static Optional<PeerInfo> end(DevnetNode node, DevnetNode other) {
    return node.running().stream()
        .flatMap(running -> running.peers().peers().stream())
        .filter(peer -> peer.id().equals(other.id()))
        .findFirst();
  }

  /** What happens in it, and what its nodes say to one another. */
  public Chronicle chronicle() {
    return chronicle;
  }

  /**
   * Closes the link between two nodes, and keeps it closed.
   *
   * @throws IllegalArgumentException if they have none
   */
  public void cut(String a, String b) {
    change(a, b, condition -> condition.withUp(false));
  }

  /**
   * Lets the two nodes link again, which they do at once; a delay stays.
   *
   * @throws IllegalArgumentException if they have no link
   */
  public void heal(String a, String b) {
    change(a, b, condition -> condition.withUp(true));
  }

  /**
   * Holds back each message between two nodes, in each direction, so that the round trip takes
   * twice as long.
   *
   * @param each up to {@link LinkCondition#MAX_DELAY}; zero ends it
   * @throws IllegalArgumentException if they have no link, or the delay is not in its range
   */
  public void delay(String a, String b, Duration each) {
    change(a, b, condition -> condition.withDelay(each));
  }

  /**
   * Cuts every link between groups, and heals those within one. Who is in no group keeps the links
   * among themselves and loses those to any group.
   *
   * @param groups of names
   * @throws IllegalArgumentException if a name is unknown or in two groups
   */
  public synchronized void partition(Collection<? extends Collection<String>> groups) {
    Set<String> seen = new HashSet<>();
    for (Collection<String> group : groups) {
      for (String name : group) {
        checkArgument(seen.add(node(name).name()), "'%s' is in two groups", name);
      }
    }
    Predicate<Edge> within =
        edge ->
            groups.stream()
                .allMatch(group -> group.contains(edge.a.name()) == group.contains(edge.b.name()));
    edges.forEach(edge -> impose(edge, edge.condition.withUp(within.test(edge))));
  }

  /** Heals every link and ends every delay. Stopped nodes stay stopped. */
  public synchronized void healAll() {
    edges.forEach(edge -> impose(edge, LinkCondition.NORMAL));
  }

  /**
   * Stops a node as SIGTERM would: its peers are told goodbye. Returns once nothing of it runs;
   * nothing happens if nothing does.
   *
   * @throws IllegalArgumentException if there is no such node
   */
  public synchronized void stop(String name) {
    DevnetNode node = node(name);
    if (node.running().isPresent()) {
      node.running().get().close();
      node.stopped();
      chronicle.note(new Happening.Node(name, false));
    }
  }

  /**
   * Starts a stopped node again, with its keys, its chain and its address. Nothing happens if it
   * runs.
   *
   * @throws IllegalArgumentException if there is no such node
   * @throws IOException if its port was taken meanwhile; it stays stopped
   */
  public synchronized void start(String name) throws IOException {
    DevnetNode node = node(name);
    checkArgument(!closed, "this devnet is closed");
    if (node.running().isEmpty()) {
      launch(node);
      chronicle.note(new Happening.Node(name, true));
    }
  }

  /** Done when the devnet is closed; exceptionally if a node stopped by itself. */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  private void launch(DevnetNode node) throws IOException {
    Watcher watcher = new Watcher(node, names, chronicle);
    Dolmen running = node.builder().network(network).httpHint(httpHint).tap(watcher).start();
    running.events().subscribe(event -> event.deliverTo(watcher));
    running
        .ended()
        .whenComplete(
            (unused, failure) -> {
              if (failure != null) {
                ended.completeExceptionally(failure);
              }
            });
    node.started(running);
    edges.stream()
        .filter(edge -> edge.a == node || edge.b == node)
        .forEach(edge -> impose(edge, edge.condition));
    edges.stream()
        .filter(edge -> edge.b == node)
        .forEach(edge -> running.peers().connect(edge.a.address()));
  }

  /**
   * Changes what is done to the link between two nodes, in one step.
   *
   * @param change from how it is to how it shall be
   * @throws IllegalArgumentException if they have no link
   */
  public synchronized void change(String a, String b, UnaryOperator<LinkCondition> change) {
    Edge edge =
        edge(a, b)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no link between " + a + " and " + b + " in this devnet"));
    impose(edge, change.apply(edge.condition));
  }

  private Optional<Edge> edge(String a, String b) {
    DevnetNode one = node(a);
    DevnetNode other = node(b);
    return edges.stream().filter(edge -> edge.joins(one, other)).findFirst();
  }

  /** Tells both ends, the dialled one first: when the other dials at once, it is let in. */
  private void impose(Edge edge, LinkCondition condition) {
    boolean changes = !edge.condition.equals(condition);
    edge.condition = condition;
    edge.a.running().ifPresent(a -> a.peers().condition(edge.b.id(), condition));
    edge.b.running().ifPresent(b -> b.peers().condition(edge.a.id(), condition));
    if (changes) {
      chronicle.note(
          new Happening.Link(
              edge.a.name(), edge.b.name(), condition.up(), condition.delay().toMillis()));
    }
  }

  private void awaitLinks() {
    long deadline = System.nanoTime() + LINKING_TIMEOUT.toNanos();
    while (ends() < 2 * edges.size() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LINKING_LOOK.toNanos());
    }
  }

  private int ends() {
    return nodes.stream()
        .flatMap(node -> node.running().stream())
        .mapToInt(node -> node.peers().peers().size())
        .sum();
  }

  /** Stops all nodes. Harmless twice. */
  @Override
  public synchronized void close() {
    closed = true;
    nodes.forEach(node -> node.running().ifPresent(Dolmen::close));
    nodes.forEach(DevnetNode::stopped);
    ended.complete(null);
  }

  /** What a devnet is started with. */
  public static final class Builder {
    private int count = 4;
    private HostAndPort listen = HostAndPort.fromParts("127.0.0.1", 0);
    private NetworkParameters network = NetworkParameters.dev();
    private String httpHint = "The devnet says where its API is when it starts.";

    private Builder() {}

    /**
     * How many nodes.
     *
     * @throws IllegalArgumentException if it is not between {@link #MIN_NODES} and {@link
     *     #MAX_NODES}
     */
    public Builder nodes(int number) {
      checkArgument(
          number >= MIN_NODES && number <= MAX_NODES,
          "%s nodes are not between %s and %s",
          number,
          MIN_NODES,
          MAX_NODES);
      count = number;
      return this;
    }

    /**
     * Where the first one listens; the others take the ports after it, or any free ones if its port
     * is 0.
     */
    public Builder listen(HostAndPort first) {
      listen = first;
      return this;
    }

    /** Whose chain they keep. */
    public Builder network(NetworkParameters parameters) {
      network = parameters;
      return this;
    }

    /** See {@link Dolmen.Builder#httpHint}. */
    public Builder httpHint(String sentence) {
      httpHint = sentence;
      return this;
    }

    /**
     * Starts the nodes, and waits until all links stand.
     *
     * @throws IOException if a port cannot be used; nothing is left running then
     */
    public Devnet start() throws IOException {
      Devnet devnet = new Devnet(this);
      try {
        for (DevnetNode node : devnet.nodes) {
          devnet.start(node.name());
        }
      } catch (IOException | RuntimeException e) {
        devnet.close();
        throw e;
      }
      devnet.awaitLinks();
      devnet
          .healAll(); // Nothing is cut; but each end pings, so that round trips are known at once.
      return devnet;
    }
  }
}
