package dev.dolmen.node.api;

import static com.google.common.base.Verify.verifyNotNull;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A client's connection: what it is doing, and what happens if that takes too long. */
final class Connection {

  /** What is waited for. */
  enum Phase {
    /** The first request's head. */
    NEW,
    /** The next request, kept alive. */
    IDLE,
    /** The rest of a request, its answer, or the client to read it. */
    BUSY,
    /** Nothing: events come when they come. */
    STREAM
  }

  private final HttpConnection http;
  private Phase phase = Phase.NEW;
  private long since;
  private long deadline;
  private Runnable whenLate;
  private @Nullable Exchange exchange;

  Connection(HttpConnection http, long now) {
    this.http = http;
    this.whenLate = this::close;
    enter(Phase.NEW, now, HttpLimits.REQUEST_TIMEOUT, this::close);
  }

  /** Starts to wait for something else. */
  void enter(Phase next, long now, Duration limit, Runnable late) {
    phase = next;
    since = now;
    deadline = now + limit.toNanos();
    whenLate = late;
  }

  /** Requests come one after the other: this is the present one. */
  void carries(Exchange present) {
    exchange = present;
  }

  Exchange exchange() {
    return verifyNotNull(exchange, "no request has come on this connection");
  }

  Phase phase() {
    return phase;
  }

  /** When the phase began, in the loop's nanoseconds. */
  long since() {
    return since;
  }

  /** Does what is due when the present phase has lasted too long. */
  void check(long now) {
    if (phase != Phase.STREAM && now - deadline >= 0) {
      Runnable late = whenLate;
      enter(phase, now, HttpLimits.SEND_TIMEOUT, this::close);
      late.run();
    }
  }

  void close() {
    http.close();
  }
}
