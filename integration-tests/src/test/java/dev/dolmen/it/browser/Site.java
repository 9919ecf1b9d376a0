package dev.dolmen.it.browser;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import dev.dolmen.node.config.ApiToken;
import dev.dolmen.node.devnet.Devnet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;

/** Nodes in this JVM and the server that shows them, closed together at the end of a test. */
final class Site implements AutoCloseable {

  private static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);

  private final Supplier<Dolmen> first;
  private final Runnable closeNodes;
  private final Server how;
  private ApiServer server;

  /** Serves the nodes at an address. */
  private interface Server {
    ApiServer start(HostAndPort bind) throws IOException;
  }

  private Site(Supplier<Dolmen> first, Runnable closeNodes, Server how) throws IOException {
    this.first = first;
    this.closeNodes = closeNodes;
    this.how = how;
    this.server = how.start(ANY_PORT);
  }

  /** One node, in memory, on the {@code dev} network. */
  static Site node(String name) {
    return of(Dolmen.builder().name(name));
  }

  /** One node, as described. */
  static Site of(Dolmen.Builder builder) {
    return of(builder, Optional.empty());
  }

  /** One node, whose API wants this token. */
  static Site of(Dolmen.Builder builder, Optional<ApiToken> token) {
    try {
      Dolmen node = builder.start();
      return new Site(() -> node, node::close, bind -> ApiServer.start(node, bind, token));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A devnet of so many nodes. */
  static Site devnet(int count) {
    try {
      Devnet devnet = Devnet.builder().nodes(count).start();
      try {
        return of(devnet);
      } catch (IOException e) {
        devnet.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** This devnet, which is closed with the site. */
  static Site of(Devnet devnet) throws IOException {
    return new Site(
        () -> devnet.node("alice").running().orElseThrow(),
        devnet::close,
        bind -> ApiServer.startDevnet(devnet, bind));
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
      server = how.start(server.address());
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
