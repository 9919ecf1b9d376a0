package dev.dolmen.node.api;

import dev.dolmen.core.block.BlockHash;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of events. Until its past has been looked up and told, what happens is held
 * back; then each step of the chain is told that begins where the last one told has ended, so that
 * none comes twice and none is left out. Belongs to the event loop.
 */
final class EventStream {

  private final HttpServerResponse response;
  private final Consumer<EventStream> onEnd;
  private final ArrayDeque<Frame> held = new ArrayDeque<>();
  private @Nullable BlockHash position;
  private boolean followsTip;
  private boolean ended;

  /**
   * A stream whose head has been written.
   *
   * @param onEnd called once, when there is nobody to tell any more
   */
  EventStream(HttpServerResponse response, Consumer<EventStream> onEnd) {
    this.response = response;
    this.onEnd = onEnd;
    response.setWriteQueueMaxSize(HttpLimits.MAX_STREAM_BACKLOG_BYTES);
    response.closeHandler(closed -> end());
    write(Frame.comment("dolmen events, see docs/api.md"));
  }

  /** The past is told; goes on from this tip. */
  void startFrom(LastSeen.Resumption past) {
    past.events().forEach(this::write);
    position = past.position();
    while (!held.isEmpty() && !ended) {
      tell(held.remove());
    }
  }

  /** Something happened. */
  void tell(Frame frame) {
    if (ended) {
      return;
    }
    BlockHash told = position;
    if (told == null) {
      held.add(frame);
      if (held.size() > HttpLimits.MAX_HELD_EVENTS) {
        cut("too much happened while your past was looked up; connect again");
      }
      return;
    }
    if (frame.movement().isPresent()) {
      Frame.Movement movement = frame.movement().get();
      if (!followsTip && !movement.before().equals(told)) {
        return; // Already part of the past that was told.
      }
      followsTip = true;
      position = movement.after();
    }
    write(frame.bytes());
  }

  /** Shows both ends that the other is still there. */
  void heartbeat() {
    write(Frame.comment(""));
  }

  private void write(Buffer bytes) {
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
      held.clear();
      onEnd.accept(this);
    }
  }
}
