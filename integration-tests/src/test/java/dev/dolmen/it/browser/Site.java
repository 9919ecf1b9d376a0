package dev.dolmen.it.browser;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.devnet.Devnet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** Nodes in this JVM and the server that shows them, closed together at the end of a test. */
final class Site implements AutoCloseable {

  private static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);

  private final Supplier<Dolmen> first;
  private final Runnable closeNodes;
  private ApiServer server;

  private Site(Supplier<Dolmen> first, Runnable closeNodes, ApiServer server) {
    this.first = first;
    this.closeNodes = closeNodes;
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
      return new Site(() -> node, node::close, ApiServer.start(node, ANY_PORT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A devnet of so many nodes. */
  static Site devnet(int count) {
    try {
      Devnet devnet = Devnet.builder().nodes(count).start();
      try {
        return new Site(
            () -> devnet.node("alice").running().orElseThrow(),
            devnet::close,
            ApiServer.startDevnet(devnet, ANY_PORT));
      } catch (IOException e) {
        devnet.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without a slash at its end. */
  String url() {
    return "http://" + server.address();
  }

  /** The first node. */
  Dolmen node() {
    return first.get();
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
    closeNodes.run();
  }
}
