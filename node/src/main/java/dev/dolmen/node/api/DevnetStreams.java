package dev.dolmen.node.api;

import dev.dolmen.node.devnet.Chronicle;
import dev.dolmen.node.devnet.Happening;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code /devnet/events} and {@code /devnet/messages}: tells what happens in a devnet to every
 * client that listens. The chronicle calls on any thread; all else belongs to the event loop.
 */
final class DevnetStreams implements AutoCloseable {

  /** A client, and what it wants to know. */
  private record Listener(StreamWriter out, boolean messagesOnly) {

    void tell(Chronicle.Numbered numbered, Buffer bytes) {
      if (!messagesOnly || isMessage(numbered.happening())) {
        out.write(bytes);
      }
    }

    private static boolean isMessage(Happening happening) {
      return happening instanceof Happening.Message || happening instanceof Happening.LeftOut;
    }
  }

  private final Chronicle chronicle;
  private final Connections connections;
  private final Context loop;
  private final Set<Listener> listeners = new LinkedHashSet<>();
  private final AtomicBoolean isCalled = new AtomicBoolean();
  private final Chronicle.Subscription subscription;
  private long told;

  DevnetStreams(Chronicle chronicle, Connections connections, Context loop) {
    this.chronicle = chronicle;
    this.connections = connections;
    this.loop = loop;
    this.told = chronicle.last();
    this.subscription = chronicle.watch(this::onHappening);
  }

  /** On any thread: however much happens, one call is on its way to the loop at a time. */
  private void onHappening() {
    if (isCalled.compareAndSet(false, true)) {
      loop.runOnContext(
          called -> {
            isCalled.set(false);
            tellNews();
          });
    }
  }

  private void tellNews() {
    List<Chronicle.Numbered> news = chronicle.after(told);
    if (news.isEmpty()) {
      return;
    }
    if (!listeners.isEmpty()) {
      long missed = news.get(0).number() - told - 1;
      List<Listener> all = List.copyOf(listeners);
      if (missed > 0) {
        all.forEach(listener -> listener.out.write(gap(missed)));
      }
      for (Chronicle.Numbered numbered : news) {
        Buffer bytes = bytes(numbered);
        all.forEach(listener -> listener.tell(numbered, bytes));
      }
    }
    told = news.get(news.size() - 1).number();
  }

  private Buffer bytes(Chronicle.Numbered numbered) {
    return Frame.numbered(
        HappeningDocuments.event(numbered.happening()),
        chronicle.run() + ":" + numbered.number(),
        HappeningDocuments.of(numbered));
  }

  private static Buffer gap(long missed) {
    return Frame.of("gap", HappeningDocuments.gap(missed)).bytes();
  }

  /** Turns a request into a stream. */
  void open(Exchange exchange, Query query, boolean messagesOnly) {
    tellNews();
    List<Buffer> past;
    try {
      past = past(exchange, query, messagesOnly);
    } catch (ProblemException e) {
      exchange.fail(e);
      return;
    }
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      exchange.send(Reply.of(200, EventStreams.CONTENT_TYPE, Buffer.buffer()));
      return;
    }
    if (!connections.becomesStream(exchange.connection())) {
      exchange.send(EventStreams.tooMany().toReply());
      return;
    }
    List<Listener> self = new ArrayList<>(1);
    StreamWriter out =
        new StreamWriter(
            exchange.startStream(EventStreams.CONTENT_TYPE),
            () -> {
              self.forEach(listeners::remove);
              exchange.streamEnded();
            });
    Listener listener = new Listener(out, messagesOnly);
    self.add(listener);
    past.forEach(out::write);
    if (!out.hasEnded()) {
      listeners.add(listener);
    }
  }

  private List<Buffer> past(Exchange exchange, Query query, boolean messagesOnly)
      throws ProblemException {
    OptionalLong recent = query.number("recent", 0, Chronicle.CAPACITY);
    Optional<String> lastSeen = Optional.ofNullable(exchange.request().getHeader("Last-Event-ID"));
    List<Chronicle.Numbered> kept = chronicle.after(0);
    List<Buffer> past = new ArrayList<>();
    if (lastSeen.isPresent()) {
      long seen = numberOf(lastSeen.get());
      long missed = kept.isEmpty() ? 0 : kept.get(0).number() - seen - 1;
      if (missed > 0) {
        past.add(gap(missed));
      }
      kept.stream()
          .filter(numbered -> numbered.number() > seen && wants(numbered, messagesOnly))
          .forEach(numbered -> past.add(bytes(numbered)));
    } else if (recent.isPresent()) {
      List<Chronicle.Numbered> wanted =
          kept.stream().filter(numbered -> wants(numbered, messagesOnly)).toList();
      int from = (int) Math.max(0, wanted.size() - recent.getAsLong());
      wanted.subList(from, wanted.size()).forEach(numbered -> past.add(bytes(numbered)));
    }
    return past;
  }

  private static boolean wants(Chronicle.Numbered numbered, boolean messagesOnly) {
    return !messagesOnly || Listener.isMessage(numbered.happening());
  }

  /** An id of an earlier run, or of no run at all, has seen nothing of this one. */
  private long numberOf(String id) throws ProblemException {
    int colon = id.indexOf(':');
    OptionalLong number = colon < 0 ? OptionalLong.empty() : Query.decimal(id.substring(colon + 1));
    if (number.isEmpty()) {
      throw Problem.badRequest(
              "Last-Event-ID is RUN:NUMBER, as in the id of the last event; leave it out to start"
                  + " afresh")
          .asException();
    }
    return id.substring(0, colon).equals(chronicle.run()) && number.getAsLong() <= told
        ? number.getAsLong()
        : 0;
  }

  void heartbeat() {
    List.copyOf(listeners).forEach(listener -> listener.out.heartbeat());
  }

  @Override
  public void close() {
    subscription.close();
    List.copyOf(listeners).forEach(listener -> listener.out.cut("the devnet is stopping"));
  }
}
