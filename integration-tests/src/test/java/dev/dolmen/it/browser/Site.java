package dev.dolmen.it.browser;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Nodes in this JVM and the server that shows them, closed together at the end of a test. */
final class Site implements AutoCloseable {

  private static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);

  private final List<Dolmen> nodes;
  private ApiServer server;

  private Site(List<Dolmen> nodes, ApiServer server) {
    this.nodes = List.copyOf(nodes);
    this.server = server;
  }

  /** One node, in memory, on the {@code dev} network. */
  static Site node(String name) {
    return of(Dolmen.builder().name(name));
  }

  /** One node, as described. */
  static Site of(Dolmen.Builder builder) {
    try {
      Dolmen node = builder.start();
      return new Site(List.of(node), ApiServer.start(node, ANY_PORT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A devnet of these nodes, each linked to all. */
  static Site devnet(String... names) {
    List<Dolmen> nodes = new ArrayList<>();
    try {
      for (String name : names) {
        Dolmen.Builder builder = Dolmen.builder().name(name);
        nodes.forEach(other -> builder.connect(other.listenAddress().toString()));
        nodes.add(builder.start());
      }
      return new Site(nodes, ApiServer.startDevnet(nodes, ANY_PORT));
    } catch (IOException e) {
      nodes.forEach(Dolmen::close);
      throw new UncheckedIOException(e);
    }
  }

  /** Without a slash at its end. */
  String url() {
    return "http://" + server.address();
  }

  /** The first node. */
  Dolmen node() {
    return nodes.get(0);
  }

  List<Dolmen> nodes() {
    return nodes;
  }

  /** Links the first node to one that is not shown. */
  void connect(Dolmen other) {
    node().peers().connect(PeerAddress.parse(other.listenAddress().toString()));
  }

  /** Ends the server, and with it all streams; the node goes on. */
  void stopServing() {
    server.close();
  }

  /** Serves again, where it served before. */
  void serveAgain() {
    try {
      server = ApiServer.start(node(), server.address());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
    nodes.forEach(Dolmen::close);
  }
}
