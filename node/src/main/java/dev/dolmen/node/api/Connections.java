package dev.dolmen.node.api;

import static com.google.common.base.Verify.verifyNotNull;

import io.vertx.core.http.HttpConnection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * All connections to the API, bounded in number and in time. When there are too many, the one that
 * was kept alive idle for longest goes; when all are busy, the newcomer goes. Belongs to the event
 * loop.
 */
final class Connections {

  private final Map<HttpConnection, Connection> open = new LinkedHashMap<>();
  private final LongSupplier clock;
  private int streams;

  /**
   * No connections yet.
   *
   * @param clock monotonic, in nanoseconds
   */
  Connections(LongSupplier clock) {
    this.clock = clock;
  }

  /** A client has connected. */
  void opened(HttpConnection http) {
    if (count() >= HttpLimits.MAX_CONNECTIONS) {
      Optional<Connection> idle = longestIdle();
      if (idle.isEmpty()) {
        http.close();
        return;
      }
      idle.get().close();
    }
    open.put(http, new Connection(http, clock.getAsLong()));
    http.closeHandler(gone -> closed(http));
  }

  private Optional<Connection> longestIdle() {
    return open.values().stream()
        .filter(c -> c.phase() == Connection.Phase.IDLE || c.phase() == Connection.Phase.NEW)
        .min(
            Comparator.comparing((Connection c) -> c.phase() == Connection.Phase.NEW)
                .thenComparing(Connection::since));
  }

  private void closed(HttpConnection http) {
    Connection gone = open.remove(http);
    if (gone != null && gone.phase() == Connection.Phase.STREAM) {
      streams--;
    }
  }

  /** The connection a request came on. */
  Connection of(HttpConnection http) {
    return verifyNotNull(open.get(http), "a request on a connection that was never opened");
  }

  /**
   * Whether this connection may become an event stream; it then no longer counts as a connection.
   */
  boolean becomesStream(Connection connection) {
    if (streams >= HttpLimits.MAX_STREAMS) {
      return false;
    }
    streams++;
    connection.enter(
        Connection.Phase.STREAM, clock.getAsLong(), HttpLimits.IDLE_TIMEOUT, connection::close);
    return true;
  }

  /** How many clients are connected, event streams not counted. */
  int count() {
    return open.size() - streams;
  }

  /** How many event streams are open. */
  int streams() {
    return streams;
  }

  /** Looks at all deadlines. */
  void sweep() {
    long now = clock.getAsLong();
    List.copyOf(open.values()).forEach(connection -> connection.check(now));
  }

  long now() {
    return clock.getAsLong();
  }
}
