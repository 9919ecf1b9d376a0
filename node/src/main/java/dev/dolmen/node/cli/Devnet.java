package dev.dolmen.node.cli;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.net.HostAndPort;
import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Several nodes in this JVM, in memory, on real sockets, linked to one another. */
final class Devnet implements AutoCloseable {

  static final int MIN_NODES = 2;
  static final int MAX_NODES = 50;

  /** Up to so many, everyone is linked to everyone. */
  static final int MAX_FULLY_LINKED = 8;

  /** In larger networks, every so many nodes one has a link across the ring. */
  private static final int NODES_PER_CHORD = 4;

  private static final ImmutableList<String> NAMES =
      ImmutableList.copyOf(
          Splitter.on(' ')
              .split(
                  "alice bob carol dave erin frank grace heidi ivan judy kevin laura mallory nina"
                      + " oscar peggy quentin rupert sybil trent ursula victor wendy xavier yvonne"
                      + " zoe adam beth carl dora emil fay gus hana igor jane karl lena max nora"
                      + " otto pia quinn rosa sam tina uwe vera will yara"));

  /** After this, links that still are not there are left to come by themselves. */
  private static final Duration LINKING_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration LINKING_LOOK = Duration.ofMillis(2);

  /**
   * A link between two nodes, by their numbers.
   *
   * @param from the one that is dialled, the smaller number
   * @param to the one that dials
   */
  record Link(int from, int to) {}

  private final List<Dolmen> nodes = new ArrayList<>();

  private Devnet() {}

  /**
   * Starts them, and waits until all links stand.
   *
   * @param first where the first one listens; the others take the ports after it, or any free ones
   *     if its port is 0
   * @throws IOException if a port cannot be used; nothing is left running then
   */
  static Devnet start(int count, HostAndPort first) throws IOException {
    Devnet devnet = new Devnet();
    List<Link> links = links(count);
    try {
      for (int i = 0; i < count; i++) {
        devnet.startNode(i, first, links);
      }
    } catch (IOException | RuntimeException e) {
      devnet.close();
      throw e;
    }
    devnet.awaitLinks(links);
    return devnet;
  }

  private void startNode(int number, HostAndPort first, List<Link> links) throws IOException {
    int port = first.getPort() == 0 ? 0 : first.getPort() + number;
    Dolmen.Builder builder =
        Dolmen.builder()
            .name(NAMES.get(number))
            .discovery(false)
            .httpHint("The devnet says where its API is when it starts.")
            .listen(HostAndPort.fromParts(first.getHost(), port));
    for (Link link : links) {
      if (link.to() == number) {
        builder.connect(nodes.get(link.from()).listenAddress().toString());
      }
    }
    nodes.add(builder.start());
  }

  /** Who is linked to whom: all to all while they are few, else a ring with some links across. */
  static List<Link> links(int count) {
    List<Link> links = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int reach = count <= MAX_FULLY_LINKED ? i : 1;
      for (int j = i - reach; j < i; j++) {
        links.add(new Link(j, i));
      }
    }
    if (count > MAX_FULLY_LINKED) {
      links.add(new Link(0, count - 1));
      for (int i = 0; i < count / 2; i += NODES_PER_CHORD) {
        links.add(new Link(i, i + count / 2));
      }
    }
    return links;
  }

  private void awaitLinks(List<Link> links) {
    long deadline = System.nanoTime() + LINKING_TIMEOUT.toNanos();
    while (ends() < 2 * links.size() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LINKING_LOOK.toNanos());
    }
  }

  private int ends() {
    return nodes.stream().mapToInt(node -> node.peers().peers().size()).sum();
  }

  /** In the order of their names; the first is alice. */
  List<Dolmen> nodes() {
    return List.copyOf(nodes);
  }

  @Override
  public void close() {
    nodes.forEach(Dolmen::close);
  }
}
