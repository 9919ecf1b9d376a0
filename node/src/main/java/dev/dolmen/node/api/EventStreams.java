package dev.dolmen.node.api;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.EventFeed;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code /v1/events}: tells a node's events to every client that listens. Events come on the node
 * thread and go to the event loop, to which everything else here belongs.
 */
final class EventStreams implements AutoCloseable {

  static final String CONTENT_TYPE = "text/event-stream";

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;
  private final Connections connections;
  private final Context loop;
  private final Set<EventStream> streams = new LinkedHashSet<>();
  private final AtomicInteger inTransit = new AtomicInteger();

  /** How many {@link #streams} there are; written by the loop, read on the node thread. */
  private volatile int listening;

  private final EventFeed.Subscription subscription;

  EventStreams(
      Dolmen node, ChainReads reads, NodeWorkers workers, Connections connections, Context loop) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
    this.connections = connections;
    this.loop = loop;
    this.subscription = node.events().subscribe(this::onEvent);
  }

  /**
   * On the node thread. When the loop cannot follow, streams are cut rather than memory filled;
   * when nobody listens, it is not woken. Who begins to listen just then misses nothing: a stream
   * is counted first, then starts from the view, which is changed before its events are told.
   */
  private void onEvent(NodeEvent event) {
    if (listening == 0) {
      return;
    }
    int waiting = inTransit.incrementAndGet();
    if (waiting > HttpLimits.MAX_EVENTS_IN_TRANSIT + 1) {
      inTransit.decrementAndGet();
      return;
    }
    boolean overflow = waiting > HttpLimits.MAX_EVENTS_IN_TRANSIT;
    loop.runOnContext(
        arrived -> {
          inTransit.decrementAndGet();
          if (overflow) {
            cutAll("more happened than could be told; connect again");
          } else if (!streams.isEmpty()) {
            tell(frame(event));
          }
        });
  }

  /** Tells all streams. */
  void tell(Frame frame) {
    List.copyOf(streams).forEach(stream -> stream.tell(frame));
  }

  private static Frame frame(NodeEvent event) {
    FrameMaker maker = new FrameMaker();
    event.deliverTo(maker);
    return maker.made.orElseThrow();
  }

  private static final class FrameMaker implements NodeEvent.Reader {
    private Optional<Frame> made = Optional.empty();

    @Override
    public void tipMoved(ChainUpdate update, int transactions) {
      made =
          Optional.of(
              Frame.ofTip(
                  update.before().hash(),
                  update.after().height(),
                  update.after().hash(),
                  update.disconnected(),
                  update.connected()));
    }

    @Override
    public void transactionChanged(TransactionId id, TransactionState state) {
      made = Optional.of(Frame.of("transaction", Documents.transactionChanged(id, state)));
    }

    @Override
    public void peerChanged(PeerId id, String address, boolean connected) {
      made = Optional.of(Frame.of("peer", Documents.peerChanged(id, address, connected)));
    }

    @Override
    public void warned(String sentence) {
      made = Optional.of(Frame.of("warning", Documents.warned(sentence)));
    }
  }

  /** Turns a request into a stream. */
  void open(Exchange exchange) {
    Optional<LastSeen> lastSeen;
    try {
      String id = exchange.request().getHeader("Last-Event-ID");
      lastSeen = id == null ? Optional.empty() : Optional.of(LastSeen.parse(id));
    } catch (ProblemException e) {
      exchange.fail(e);
      return;
    }
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      exchange.send(Reply.of(200, CONTENT_TYPE, Buffer.buffer()));
      return;
    }
    if (!connections.becomesStream(exchange.connection())) {
      exchange.send(tooMany().toReply());
      return;
    }
    HttpServerResponse response = exchange.startStream(CONTENT_TYPE);
    EventStream stream = new EventStream(response, ended -> onEnd(ended, exchange));
    streams.add(stream);
    listening = streams.size();
    lastSeen
        .map(seen -> workers.work(() -> reads.read(seen::resume)))
        .orElseGet(() -> Future.succeededFuture(fromNow()))
        .onComplete(
            stream::startFrom,
            failure -> stream.cut("your past could not be looked up; connect again"));
  }

  static Problem tooMany() {
    return Problem.unavailable(
        HttpLimits.MAX_STREAMS + " event streams are open; close one, or poll /v1/status");
  }

  private void onEnd(EventStream stream, Exchange exchange) {
    streams.remove(stream);
    listening = streams.size();
    exchange.streamEnded();
  }

  private LastSeen.Resumption fromNow() {
    return new LastSeen.Resumption(List.of(), node.view().tip().hash());
  }

  void heartbeat() {
    List.copyOf(streams).forEach(EventStream::heartbeat);
  }

  private void cutAll(String why) {
    List.copyOf(streams).forEach(stream -> stream.cut(why));
  }

  /** No more events; on the event loop. */
  @Override
  public void close() {
    subscription.close();
    cutAll("the node is stopping");
  }
}
