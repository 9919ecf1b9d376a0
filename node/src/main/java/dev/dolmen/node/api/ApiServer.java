package dev.dolmen.node.api;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.config.ApiToken;
import dev.dolmen.node.devnet.Devnet;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the HTTP API and the explorer page of one node, or of all nodes of a devnet, on an address
 * of this machine. Start it once the peer port listens.
 *
 * <p>It has one event loop and a few workers of its own, which end with {@link #close}; the nodes
 * are not closed. Rule: {@code docs/api.md}
 */
public final class ApiServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

  private static final int WORKERS = 4;

  private final Vertx vertx;
  private final Service service;
  private final HostAndPort address;

  private ApiServer(Vertx vertx, Service service, HostAndPort address) {
    this.vertx = vertx;
    this.service = service;
    this.address = address;
  }

  /**
   * Serves one node.
   *
   * @param bind a loopback address or {@code localhost}, and a port; 0 takes a free one
   * @throws IOException if it cannot listen there; the message is one line that says what to do
   */
  public static ApiServer start(Dolmen node, HostAndPort bind) throws IOException {
    return start(node, bind, Optional.empty());
  }

  /**
   * Serves one node.
   *
   * @param bind an address and a port; 0 takes a free one
   * @param token what all who use it have to know, wherever it listens; needed to listen on another
   *     address than this machine's own
   * @throws IOException as {@link #start(Dolmen, HostAndPort)}
   */
  public static ApiServer start(Dolmen node, HostAndPort bind, Optional<ApiToken> token)
      throws IOException {
    return start(List.of(ServedNode.of(node)), Optional.empty(), bind, token);
  }

  /**
   * Serves all nodes of a devnet: {@code /v1} is the first, {@code /devnet/nodes/NAME/v1} reaches
   * each; what runs under a name may be stopped and started meanwhile.
   *
   * @param bind as for {@link #start}
   * @throws IOException as {@link #start}
   */
  public static ApiServer startDevnet(Devnet devnet, HostAndPort bind) throws IOException {
    return start(
        devnet.nodes().stream().map(ServedNode::of).toList(),
        Optional.of(devnet),
        bind,
        Optional.empty());
  }

  private static ApiServer start(
      List<ServedNode> nodes, Optional<Devnet> devnet, HostAndPort bind, Optional<ApiToken> token)
      throws IOException {
    InetSocketAddress where = address(bind, token.isPresent());
    if (ByteBufAllocator.DEFAULT instanceof AdaptiveByteBufAllocator) {
      log.warn(
          "a thousand clients at once can bring the API to a stop with Netty's adaptive buffers:"
              + " start this program with -Dio.netty.allocator.type=pooled");
    }
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    Service service =
        new Service(nodes, devnet, new AccessRules(bind.getHost(), token), where, Version.read());
    try {
      await(vertx.deployVerticle(service));
    } catch (ExecutionException | TimeoutException e) {
      closeVertx(vertx);
      throw cannotListen(bind, e.getCause() == null ? e : e.getCause());
    }
    return new ApiServer(vertx, service, HostAndPort.fromParts(bind.getHost(), service.port()));
  }

  private static InetSocketAddress address(HostAndPort bind, boolean guarded) throws IOException {
    InetAddress host;
    try {
      host = InetAddress.getByName(bind.getHost());
    } catch (UnknownHostException e) {
      throw new IOException(
          "cannot listen on " + bind + ": unknown host. Choose another with --api", e);
    }
    if (!host.isLoopbackAddress() && !guarded) {
      throw new IOException(
          "cannot listen on "
              + bind
              + ": an API on another address than this machine's own needs a token. Make one with"
              + " (umask 077 && openssl rand -hex 32 > api.token) and name it with"
              + " --api-token-file, or choose 127.0.0.1 with --api");
    }
    return new InetSocketAddress(host, bind.getPort());
  }

  private static IOException cannotListen(HostAndPort bind, Throwable why) {
    String message = String.valueOf(why.getMessage());
    if (why instanceof BindException && message.contains("in use")) {
      return new IOException(
          "cannot listen on "
              + bind
              + ": port in use. Stop the other program, or choose another with --api",
          why);
    }
    if (message.contains("ermission denied")) {
      return new IOException(
          "cannot listen on " + bind + ": permission denied. Choose a port above 1023 with --api",
          why);
    }
    return new IOException(
        "cannot listen on " + bind + ": " + message + ". Choose another address with --api", why);
  }

  /** The methods of each path, for holding them against their description. */
  ImmutableMap<String, ImmutableSet<String>> paths() {
    return service.paths();
  }

  /** Where it listens: the host it was given, and the real port. */
  public HostAndPort address() {
    return address;
  }

  /** Ends event streams and connections, frees the port, ends its threads. Harmless twice. */
  @Override
  public void close() {
    closeVertx(vertx);
  }

  private static void closeVertx(Vertx vertx) {
    try {
      await(vertx.close());
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the API did not close cleanly", e);
    }
  }

  private static void await(Future<?> future) throws ExecutionException, TimeoutException {
    Uninterruptibles.getUninterruptibly(
        future.toCompletionStage().toCompletableFuture(),
        HttpLimits.GOODBYE.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** What runs on the event loop. */
  private static final class Service extends VerticleBase {

    private final List<ServedNode> nodes;
    private final Optional<Devnet> devnet;
    private final AccessRules access;
    private final InetSocketAddress where;
    private final String version;
    private final Connections connections = new Connections(System::nanoTime);
    private volatile int port;
    private volatile @Nullable ApiRouter router;

    Service(
        List<ServedNode> nodes,
        Optional<Devnet> devnet,
        AccessRules access,
        InetSocketAddress where,
        String version) {
      this.nodes = List.copyOf(nodes);
      this.devnet = devnet;
      this.access = access;
      this.where = where;
      this.version = version;
    }

    int port() {
      return port;
    }

    ImmutableMap<String, ImmutableSet<String>> paths() {
      return verifyNotNull(router, "not started").paths();
    }

    @Override
    public Future<?> start() {
      ApiRouter routes = new ApiRouter(vertx, context, access, connections, nodes, devnet, version);
      router = routes;
      vertx.setPeriodic(HttpLimits.SWEEP.toMillis(), tick -> connections.sweep());
      vertx.setPeriodic(HttpLimits.HEARTBEAT.toMillis(), tick -> routes.heartbeat());
      return vertx
          .createHttpServer(options())
          .connectionHandler(connections::opened)
          .requestHandler(routes::route)
          .invalidRequestHandler(routes::refuseInvalid)
          .listen(SocketAddress.inetSocketAddress(where))
          .onSuccess(listening -> port = listening.actualPort())
          .onFailure(refused -> routes.close());
    }

    @Override
    public Future<?> stop() {
      ApiRouter routes = router;
      if (routes != null) {
        routes.close();
      }
      return Future.succeededFuture();
    }

    private static HttpServerOptions options() {
      return new HttpServerOptions()
          .setTcpNoDelay(true)
          .setAcceptBacklog(HttpLimits.MAX_CONNECTIONS)
          .setMaxInitialLineLength(HttpLimits.MAX_REQUEST_LINE_BYTES)
          .setMaxHeaderSize(HttpLimits.MAX_HEADER_BYTES)
          .setMaxChunkSize(HttpLimits.MAX_CHUNK_BYTES)
          .setHttp2ClearTextEnabled(false)
          .setHandle100ContinueAutomatically(false)
          .setCompressionSupported(false)
          .setDecompressionSupported(false)
          .setRegisterWebSocketWriteHandlers(false);
    }
  }
}
