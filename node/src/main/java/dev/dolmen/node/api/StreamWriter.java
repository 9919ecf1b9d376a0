package dev.dolmen.node.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * The open end of one client's stream of events. A client that does not read is cut rather than
 * memory filled. Belongs to the event loop.
 */
final class StreamWriter {

  private final HttpServerResponse response;
  private final Runnable onEnd;
  private boolean ended;

  /**
   * A stream whose head has been written.
   *
   * @param onEnd called once, when there is nobody to tell any more
   */
  StreamWriter(HttpServerResponse response, Runnable onEnd) {
    this.response = response;
    this.onEnd = onEnd;
    response.setWriteQueueMaxSize(HttpLimits.MAX_STREAM_BACKLOG_BYTES);
    response.closeHandler(closed -> end());
    write(Frame.comment("dolmen events, see docs/api.md"));
  }

  boolean hasEnded() {
    return ended;
  }

  /** Sends some events. */
  void write(Buffer bytes) {
    if (ended) {
      return;
    }
    response.write(bytes.copy());
    if (response.writeQueueFull()) {
      cut(
          "you are more than "
              + HttpLimits.MAX_STREAM_BACKLOG_BYTES
              + " bytes behind; connect again and read faster");
    }
  }

  /** Shows both ends that the other is still there. */
  void heartbeat() {
    write(Frame.comment(""));
  }

  /** Ends the stream, saying why. */
  void cut(String why) {
    if (!ended) {
      response.end(Frame.comment(why));
      end();
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      onEnd.run();
    }
  }
}
