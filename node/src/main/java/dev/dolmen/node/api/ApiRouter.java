package dev.dolmen.node.api;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.Devnet;
import dev.dolmen.node.explorer.ExplorerPage;
import dev.dolmen.node.metrics.Metrics;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Which path leads to which endpoint. Belongs to the event loop. Rule: docs/api.md */
final class ApiRouter implements AutoCloseable {

  private static final String V1 = "/v1";

  private final Vertx vertx;
  private final Context loop;
  private final AccessRules access;
  private final Connections connections;
  private final Gate gate;
  private final Metrics metrics;
  private final NodeWorkers workers;
  private final List<ServedNode> nodes;
  private final String version;
  private final List<EventStreams> streams = new ArrayList<>();
  private final List<RecentReorgs> reorgsOf = new ArrayList<>();
  private final Map<String, ImmutableSet<String>> paths = new TreeMap<>();
  private final Map<String, Routed> routed = new HashMap<>();
  private final Router root;
  private @Nullable Future<Reply> rendering;
  private Optional<DevnetStreams> devnetStreams = Optional.empty();

  /** The routes to a node that runs, or did. */
  private record Routed(Dolmen node, Router router) {}

  /**
   * Routes to these nodes.
   *
   * @param devnet whose nodes they are, and are reached by their names; without one, only the first
   *     is reached
   * @param version of the program
   */
  ApiRouter(
      Vertx vertx,
      Context loop,
      AccessRules access,
      Connections connections,
      List<ServedNode> nodes,
      Optional<Devnet> devnet,
      String version) {
    this.vertx = vertx;
    this.loop = loop;
    this.access = access;
    this.connections = connections;
    this.gate = new Gate(vertx, HttpLimits.MAX_AT_WORK, HttpLimits.PATIENCE);
    this.version = version;
    this.metrics = new Metrics(devnet.isPresent(), version);
    this.workers = new NodeWorkers(loop);
    this.nodes = List.copyOf(nodes);
    this.root = Router.router(vertx);
    nodes.forEach(node -> node.running().get().ifPresent(this::routerTo));
    root.route(V1 + "/*").handler(context -> reach(nodes.get(0), context));
    StatusEndpoints health = new StatusEndpoints(nodes, version);
    get(root, "", "/health/live", health::live);
    get(root, "", "/health/ready", health::ready);
    path(root, "", "/metrics", Map.of(HttpMethod.GET, beside(this::figures)));
    builtIn(OpenApi.PATH, OpenApi::read);
    routeDevnet(devnet);
    if (devnet.isPresent()) {
      for (ServedNode node : nodes) {
        root.route(DevnetEndpoints.path(node.name()) + V1 + "/*")
            .handler(context -> reach(node, context));
      }
    }
    ExplorerPage.files().forEach((path, file) -> builtIn(path, () -> page(file)));
    root.route().handler(this::nothingThere);
    root.route().failureHandler(this::failed);
    // A path that cannot be decoded fails before any route is looked at.
    root.errorHandler(400, this::failed);
  }

  private void builtIn(String path, Callable<Reply> file) {
    path(root, "", path, Map.of(HttpMethod.GET, new BuiltInFile(workers, file)));
  }

  private void routeDevnet(Optional<Devnet> devnet) {
    DevnetEndpoints endpoints = new DevnetEndpoints(devnet, workers);
    get(root, "", "/devnet/nodes", endpoints::nodes);
    path(
        root,
        "",
        "/devnet/nodes/:name",
        Map.of(HttpMethod.GET, atOnce(endpoints::node), HttpMethod.PUT, endpoints::changeNode));
    get(root, "", "/devnet/links", endpoints::links);
    path(
        root,
        "",
        "/devnet/links/:a/:b",
        Map.of(HttpMethod.GET, atOnce(endpoints::link), HttpMethod.PUT, endpoints::changeLink));
    if (devnet.isPresent()) {
      DevnetStreams streamsOfDevnet =
          new DevnetStreams(devnet.get().chronicle(), connections, loop);
      devnetStreams = Optional.of(streamsOfDevnet);
      stream("/devnet/events", streamsOfDevnet, false);
      stream("/devnet/messages", streamsOfDevnet, true);
    }
  }

  private void stream(String path, DevnetStreams streamsOfDevnet, boolean messagesOnly) {
    route(
        root,
        "",
        path,
        Set.of(HttpMethod.GET),
        context ->
            streamsOfDevnet.open(
                exchange(context), new Query(context.queryParams()), messagesOnly));
  }

  /** Goes on with the node that runs under this name now. */
  private void reach(ServedNode served, RoutingContext context) {
    Optional<Dolmen> running = served.running().get();
    if (running.isPresent()) {
      routerTo(running.get()).handleContext(context);
    } else {
      exchange(context)
          .send(
              Problem.of(
                      503,
                      served.name()
                          + " is stopped; start it with PUT "
                          + DevnetEndpoints.path(served.name())
                          + " {\"up\": true}")
                  .toReply());
    }
  }

  /** The routes to a node, made when it is first met and forgotten when another came. */
  private Router routerTo(Dolmen node) {
    Routed known = routed.get(node.name());
    if (known == null || known.node != node) {
      known = new Routed(node, routerOf(node));
      routed.put(node.name(), known);
    }
    return known.router;
  }

  private Router routerOf(Dolmen node) {
    ChainReads reads = new ChainReads(node.chain());
    StatusEndpoints status = new StatusEndpoints(List.of(ServedNode.of(node)), version);
    ChainEndpoints chain = new ChainEndpoints(node, reads, workers);
    TransactionEndpoints transactions = new TransactionEndpoints(node, reads, workers);
    ProofEndpoint proofs = new ProofEndpoint(node, reads, workers);
    PeerEndpoints peers = new PeerEndpoints(node);
    BanEndpoints bans = new BanEndpoints(node, workers);
    EventStreams events = new EventStreams(node, reads, workers, connections, loop);
    streams.add(events);
    metrics.watch(node);
    RecentReorgs reorgs = new RecentReorgs(node.events(), Clock.systemUTC());
    reorgsOf.add(reorgs);
    node.ended()
        .whenComplete((stopped, failure) -> loop.runOnContext(unused -> forget(events, reorgs)));
    SearchEndpoint search = new SearchEndpoint(node, reads, workers);
    ForkEndpoints forks = new ForkEndpoints(node, reads, workers, reorgs);
    Router router = Router.router(vertx);
    get(router, V1, "/status", status::status);
    get(router, V1, "/network", status::network);
    get(router, V1, "/config", status::config);
    path(router, V1, "/blocks", Map.of(HttpMethod.GET, chain::list, HttpMethod.POST, chain::make));
    path(router, V1, "/blocks/:block", Map.of(HttpMethod.GET, chain::block));
    path(router, V1, "/blocks/:block/raw", Map.of(HttpMethod.GET, chain::raw));
    path(router, V1, "/forks", Map.of(HttpMethod.GET, forks::forks));
    path(router, V1, "/search", Map.of(HttpMethod.GET, search::search));
    path(
        router,
        V1,
        "/transactions",
        Map.of(HttpMethod.GET, transactions::byAuthor, HttpMethod.POST, transactions::submit));
    path(router, V1, "/transactions/:id", Map.of(HttpMethod.GET, transactions::transaction));
    path(router, V1, "/transactions/:id/raw", Map.of(HttpMethod.GET, transactions::raw));
    path(router, V1, "/transactions/:id/proof", Map.of(HttpMethod.GET, proofs::proof));
    path(router, V1, "/mempool", Map.of(HttpMethod.GET, transactions::mempool));
    path(
        router,
        V1,
        "/peers",
        Map.of(HttpMethod.GET, atOnce(peers::connected), HttpMethod.POST, atOnce(peers::connect)));
    get(router, V1, "/peers/dials", peers::dials);
    get(router, V1, "/peers/gone", peers::gone);
    path(router, V1, "/peers/:id", Map.of(HttpMethod.DELETE, atOnce(peers::disconnect)));
    path(
        router,
        V1,
        "/bans",
        Map.of(HttpMethod.GET, atOnce(bans::list), HttpMethod.POST, bans::ban));
    path(router, V1, "/bans/:peer", Map.of(HttpMethod.DELETE, bans::unban));
    route(router, V1, "/events", Set.of(HttpMethod.GET), context -> events.open(exchange(context)));
    return router;
  }

  /** Beside the other requests' places: who watches over a busy node must get an answer. */
  private static Endpoint beside(Endpoint endpoint) {
    return new Endpoint() {
      @Override
      public Future<Reply> answer(Request request) throws ProblemException {
        return endpoint.answer(request);
      }

      @Override
      public boolean isWork() {
        return false;
      }
    };
  }

  /** Who asks while others wait for the figures gets the same: so they keep one worker busy. */
  private Future<Reply> figures(Request request) {
    Future<Reply> underWay = rendering;
    if (underWay == null) {
      underWay = render().onComplete(done -> rendering = null);
      rendering = underWay.isComplete() ? null : underWay;
    }
    return underWay;
  }

  private Future<Reply> render() {
    // One that was started again under its name is met here, if no other request has.
    nodes.forEach(node -> node.running().get().ifPresent(this::routerTo));
    long asked = connections.now();
    Promise<Metrics.Server> looked = Promise.promise();
    loop.runOnContext(
        ran ->
            looked.complete(
                new Metrics.Server(
                    connections.count(),
                    connections.streams(),
                    gate.atWork(),
                    gate.waiting(),
                    connections.now() - asked)));
    return looked
        .future()
        .compose(
            server ->
                workers.work(
                    () ->
                        Reply.of(
                            200, Metrics.CONTENT_TYPE, Buffer.buffer(metrics.render(server)))));
  }

  private static Endpoint atOnce(Endpoint.AtOnce endpoint) {
    return endpoint;
  }

  private void get(Router router, String prefix, String path, Endpoint.AtOnce endpoint) {
    path(router, prefix, path, Map.of(HttpMethod.GET, endpoint));
  }

  private void path(
      Router router, String prefix, String path, Map<HttpMethod, Endpoint> endpoints) {
    route(router, prefix, path, endpoints.keySet(), context -> serve(context, endpoints));
  }

  /** Every path there is comes through here, so that it can be held against its description. */
  private void route(
      Router router,
      String prefix,
      String path,
      Set<HttpMethod> methods,
      Handler<RoutingContext> handler) {
    String described = (prefix + path).replaceAll(":(\\w+)", "{$1}");
    paths.put(
        described, methods.stream().map(HttpMethod::name).collect(ImmutableSet.toImmutableSet()));
    router
        .route(path)
        .handler(
            context -> {
              if (isAllowed(context, methods)) {
                exchange(context).leadsTo(described, context.request().method().name());
                handler.handle(context);
              }
            });
  }

  /** The methods of each path, whose parts that vary are written <code>{name}</code>. */
  ImmutableMap<String, ImmutableSet<String>> paths() {
    return ImmutableMap.copyOf(paths);
  }

  private static HttpMethod asked(RoutingContext context) {
    HttpMethod method = context.request().method();
    return method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
  }

  private boolean isAllowed(RoutingContext context, Iterable<HttpMethod> methods) {
    List<String> names = new ArrayList<>();
    for (HttpMethod method : methods) {
      if (method.equals(asked(context))) {
        return true;
      }
      names.add(method.name());
    }
    if (names.contains("GET")) {
      names.add("HEAD");
    }
    String allowed = String.join(", ", names.stream().sorted().toList());
    exchange(context)
        .send(
            Problem.of(405, "this path knows " + allowed + "; use one of them")
                .withHeader("Allow", allowed)
                .toReply());
    return false;
  }

  private void serve(RoutingContext context, Map<HttpMethod, Endpoint> endpoints) {
    Exchange exchange = exchange(context);
    Request request =
        new Request(
            context.pathParams(),
            new Query(context.queryParams()),
            context.request().headers(),
            exchange.body());
    Endpoint endpoint = endpoints.get(asked(context));
    if (endpoint != null) {
      exchange.serve(endpoint, request, gate);
    }
  }

  /** Every request comes in here: looked at by the access rules, read to its end, then routed. */
  void route(HttpServerRequest request) {
    Exchange exchange = new Exchange(vertx, connections, metrics.http(), request);
    Optional<Problem> refused =
        access.check(
            request.method().name(),
            request.uri(),
            request.localAddress().hostAddress(),
            request.headers().getAll("Host"),
            request.headers().getAll("Origin"),
            request.getHeader("Sec-Fetch-Site"),
            request.getHeader("Sec-Fetch-Mode"));
    if (refused.isEmpty() && request.authority() == null) { // Vert.x reads fewer forms than we do.
      refused =
          Optional.of(
              Problem.badRequest(
                  "this Host cannot be read; write the address in another way, as in:"
                      + " Host: 127.0.0.1:8080"));
    }
    if (refused.isEmpty() && !ExplorerPage.files().containsKey(request.path())) {
      refused = access.checkToken(request.headers().getAll("Authorization"));
    }
    if (refused.isPresent()) {
      exchange.refuse(refused.get());
    } else {
      exchange.readBody(() -> root.handle(request));
    }
  }

  /** What the HTTP decoder did not take: too long, or no HTTP at all. */
  void refuseInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem =
        cause instanceof TooLongHttpLineException
            ? Problem.of(
                414,
                "a request line may have "
                    + HttpLimits.MAX_REQUEST_LINE_BYTES
                    + " bytes at most; ask for less at once")
            : cause instanceof TooLongHttpHeaderException
                ? Problem.of(
                    431,
                    "headers may have "
                        + HttpLimits.MAX_HEADER_BYTES
                        + " bytes at most; send fewer of them")
                : Problem.badRequest("this is not HTTP/1.1; see docs/api.md for examples");
    new Exchange(vertx, connections, metrics.http(), request).refuse(problem);
  }

  private Exchange exchange(RoutingContext context) {
    return connections.of(context.request().connection()).exchange();
  }

  private void nothingThere(RoutingContext context) {
    exchange(context)
        .send(
            Problem.notFound("there is nothing at this path; docs/api.md lists what there is")
                .toReply());
  }

  private void failed(RoutingContext context) {
    Throwable failure = context.failure();
    boolean badRequest =
        failure instanceof HttpException refused
            ? refused.getStatusCode() < 500
            : failure == null && context.statusCode() < 500;
    Exchange exchange = exchange(context);
    if (badRequest) {
      exchange.refuse(
          Problem.badRequest("the URL cannot be read; check its percent signs and slashes"));
    } else {
      exchange.fail(failure == null ? new IllegalStateException("no reason given") : failure);
    }
  }

  private static Reply page(ExplorerPage.File file) {
    return Reply.of(
        200,
        file.contentType(),
        Buffer.buffer(file.read()),
        ImmutableMap.of(
            "Content-Security-Policy",
            ExplorerPage.CONTENT_SECURITY_POLICY,
            "Cache-Control",
            "no-cache"));
  }

  void heartbeat() {
    streams.forEach(EventStreams::heartbeat);
    devnetStreams.ifPresent(DevnetStreams::heartbeat);
  }

  /** What belonged to a node that has stopped. */
  private void forget(EventStreams events, RecentReorgs reorgs) {
    events.close();
    streams.remove(events);
    reorgs.close();
    reorgsOf.remove(reorgs);
  }

  /** Ends all event streams and stops listening to the nodes. */
  @Override
  public void close() {
    reorgsOf.forEach(RecentReorgs::close);
    streams.forEach(EventStreams::close);
    metrics.close();
    devnetStreams.ifPresent(DevnetStreams::close);
  }
}
