package dev.dolmen.node.api;

import com.google.common.collect.ImmutableMap;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.node.NodeUnavailableException;
import dev.dolmen.node.metrics.HttpFigures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: reads the one, sends the other, each in time. Belongs to the event
 * loop.
 */
final class Exchange {

  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  /** Sent with every answer. Pages of others can neither embed nor guess at what the API says. */
  private static final ImmutableMap<String, String> ALWAYS =
      ImmutableMap.of(
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin");

  /** Sent unless the answer says otherwise. */
  private static final ImmutableMap<String, String> USUALLY =
      ImmutableMap.of(
          "Cache-Control", "no-store",
          "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

  private final Vertx vertx;
  private final Connections connections;
  private final Connection connection;
  private final HttpFigures figures;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final long started;
  private Buffer body = Buffer.buffer();
  private long discarded;
  private boolean answered;
  private String path = HttpFigures.OTHER;
  private String method = HttpFigures.OTHER;

  /**
   * A request whose head has come.
   *
   * @param figures told of the answer
   */
  Exchange(Vertx vertx, Connections connections, HttpFigures figures, HttpServerRequest request) {
    this.vertx = vertx;
    this.figures = figures;
    this.connections = connections;
    this.connection = connections.of(request.connection());
    connection.carries(this);
    this.request = request;
    this.response = request.response();
    this.started = connections.now();
    response.exceptionHandler(gone -> log.debug("a client went away: {}", gone.toString()));
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  /** The request leads to this path of the API's description, which knows its method. */
  void leadsTo(String describedPath, String knownMethod) {
    path = describedPath;
    method = knownMethod;
  }

  Buffer body() {
    return body;
  }

  Connection connection() {
    return connection;
  }

  private void busy(Duration limit, Runnable whenLate) {
    connection.enter(Connection.Phase.BUSY, connections.now(), limit, whenLate);
  }

  /** Reads the whole body, then goes on; a body that is too large or too slow is refused. */
  void readBody(Runnable next) {
    Optional<Problem> refused = refusedByItsHead();
    if (refused.isPresent()) {
      refuse(refused.get());
      return;
    }
    busy(
        HttpLimits.REQUEST_TIMEOUT,
        () ->
            refuse(
                Problem.of(
                    408,
                    "the request did not end within "
                        + HttpLimits.REQUEST_TIMEOUT.toSeconds()
                        + " s; send it faster")));
    request.handler(this::onBodyPart);
    request.exceptionHandler(gone -> log.debug("a client went away: {}", gone.toString()));
    request.endHandler(
        ended -> {
          if (!answered) {
            busy(
                HttpLimits.ANSWER_TIMEOUT,
                () ->
                    send(
                        Problem.unavailable(
                                "the node did not answer within "
                                    + HttpLimits.ANSWER_TIMEOUT.toSeconds()
                                    + " s; ask again later")
                            .toReply()));
            next.run();
          }
        });
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      response.writeContinue();
    }
  }

  private Optional<Problem> refusedByItsHead() {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return Optional.of(
          Problem.of(415, "bodies are taken as they are; send it without Content-Encoding"));
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null
        && Query.decimal(length).orElse(Long.MAX_VALUE) > HttpLimits.MAX_BODY_BYTES) {
      return Optional.of(bodyTooLarge());
    }
    return Optional.empty();
  }

  private static Problem bodyTooLarge() {
    return Problem.tooLarge(
        "a body may have " + HttpLimits.MAX_BODY_BYTES + " bytes at most; send less");
  }

  private void onBodyPart(Buffer part) {
    if (answered) {
      return;
    }
    if (body.length() + (long) part.length() > HttpLimits.MAX_BODY_BYTES) {
      refuse(bodyTooLarge());
      return;
    }
    body.appendBuffer(part);
  }

  /**
   * Answers before the request has ended. What still comes is thrown away for a while, so that the
   * client reads the answer instead of meeting a closed connection; then the connection is closed.
   */
  void refuse(Problem problem) {
    body = Buffer.buffer();
    if (request.isEnded()) {
      send(problem.toReply());
      return;
    }
    request.handler(
        part -> {
          discarded += part.length();
          if (discarded > HttpLimits.MAX_DISCARDED_BYTES) {
            connection.close();
          }
        });
    request.exceptionHandler(gone -> connection.close());
    request.endHandler(ended -> connection.close());
    send(problem.toReply());
    busy(HttpLimits.LINGER, connection::close);
  }

  /** Lets an endpoint answer, behind the gate if it keeps the node busy. */
  void serve(Endpoint endpoint, Request read, Gate gate) {
    if (!endpoint.isWork()) {
      ask(endpoint, read).onComplete(this::send, this::fail);
      return;
    }
    gate.enter()
        .onComplete(
            entered ->
                ask(endpoint, read)
                    .compose(this::sendAll)
                    .onFailure(this::fail)
                    .onComplete(done -> gate.leave()),
            this::fail);
  }

  private static Future<Reply> ask(Endpoint endpoint, Request read) {
    try {
      return endpoint.answer(read);
    } catch (ProblemException e) {
      return Future.failedFuture(e);
    } catch (RuntimeException bug) {
      return Future.failedFuture(bug);
    }
  }

  /** Turns what went wrong into an answer. */
  void fail(Throwable failure) {
    if (failure instanceof ProblemException refused) {
      send(refused.problem().toReply());
    } else if (failure instanceof NodeUnavailableException) {
      send(Problem.unavailable(failure.getMessage() + "; ask again in a second").toReply());
    } else if (failure instanceof DamagedBlockException damaged) {
      send(
          Problem.unavailable(
                  "block "
                      + damaged.hash()
                      + " is damaged on this node's disk, and its peers are asked for it again; ask"
                      + " again in a few seconds, or another node")
              .toReply());
    } else if (failure instanceof UncheckedIOException) {
      log.error("the disk failed while {} was answered", request.path(), failure);
      send(
          Problem.unavailable("the node's disk failed; its log says how; mend it and start again")
              .toReply());
    } else {
      log.error("a bug met {} {}; please report it", request.method(), request.path(), failure);
      send(
          Problem.of(500, "this is a bug in the node; its log has the details; please report it")
              .toReply());
    }
  }

  /** Sends an answer that is complete. */
  void send(Reply reply) {
    sendAll(reply);
  }

  /** Done, never failed, when the client has the answer or is gone. */
  private Future<Void> sendAll(Reply reply) {
    if (answered || response.closed()) {
      return Future.succeededFuture();
    }
    answered = true;
    figures.answered(path, method, reply.status());
    writeHead(reply.status(), reply.contentType(), reply.headers());
    busy(HttpLimits.SEND_TIMEOUT, connection::close);
    boolean head = request.method().equals(HttpMethod.HEAD);
    Future<Void> sent;
    if (reply.more().isEmpty()) {
      if (reply.status() != 204) {
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(reply.first().length()));
      }
      sent = head ? response.end() : response.end(reply.first());
    } else if (head) {
      sent = response.end();
    } else {
      sendWithoutLength();
      sent = sendPieces(reply.first(), reply.more().get());
    }
    return sent.otherwiseEmpty().onComplete(done -> onSent());
  }

  /** The next request may have come already, when many are sent at once. */
  private void onSent() {
    figures.took(path, Duration.ofNanos(connections.now() - started));
    if (connection.exchange() == this
        && connection.phase() == Connection.Phase.BUSY
        && request.isEnded()) {
      connection.enter(
          Connection.Phase.IDLE, connections.now(), HttpLimits.IDLE_TIMEOUT, connection::close);
    }
  }

  private Future<Void> sendPieces(Buffer piece, Reply.Pieces more) {
    Duration left = HttpLimits.LONGEST_ANSWER.minus(Duration.ofNanos(connections.now() - started));
    busy(
        left.compareTo(HttpLimits.SEND_TIMEOUT) < 0 ? left : HttpLimits.SEND_TIMEOUT,
        connection::close);
    return response
        .write(piece)
        .compose(
            written -> vertx.executeBlocking(more::next, false).onFailure(this::onBrokenAnswer))
        .compose(next -> next.isPresent() ? sendPieces(next.get(), more) : response.end());
  }

  /**
   * The status has gone out: the only way left to say that an answer is not whole is to break it
   * off.
   */
  private void onBrokenAnswer(Throwable failure) {
    log.error("{} {} could not be answered to the end", request.method(), request.path(), failure);
    connection.close();
  }

  /** The status line and headers of an answer. */
  void writeHead(int status, String contentType, Map<String, String> headers) {
    response.setStatusCode(status);
    ALWAYS.forEach(response::putHeader);
    USUALLY.forEach(response::putHeader);
    if (!contentType.isEmpty()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    }
    headers.forEach(response::putHeader);
    if (!request.isEnded()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** Sends the head of an answer that has no end in sight. */
  HttpServerResponse startStream(String contentType) {
    answered = true;
    figures.answered(path, method, 200);
    writeHead(200, contentType, Map.of("X-Accel-Buffering", "no"));
    sendWithoutLength();
    return response;
  }

  /** HTTP/1.0 knows no chunks: there the end of the connection is the end of the answer. */
  private void sendWithoutLength() {
    if (request.version() == HttpVersion.HTTP_1_0) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    } else {
      response.setChunked(true);
    }
  }

  /** What is left of a stream is given a moment to go out, then the connection is closed. */
  void streamEnded() {
    vertx.setTimer(HttpLimits.SWEEP.toMillis(), later -> connection.close());
  }
}
