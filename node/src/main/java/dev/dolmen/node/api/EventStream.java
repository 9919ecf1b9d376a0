package dev.dolmen.node.api;

import dev.dolmen.core.block.BlockHash;
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

  private final StreamWriter out;
  private final ArrayDeque<Frame> held = new ArrayDeque<>();
  private @Nullable BlockHash position;
  private boolean followsTip;

  /**
   * A stream whose head has been written.
   *
   * @param onEnd called once, when there is nobody to tell any more
   */
  EventStream(HttpServerResponse response, Consumer<EventStream> onEnd) {
    this.out =
        new StreamWriter(
            response,
            () -> {
              held.clear();
              onEnd.accept(this);
            });
  }

  /** The past is told; goes on from this tip. */
  void startFrom(LastSeen.Resumption past) {
    past.events().forEach(out::write);
    position = past.position();
    while (!held.isEmpty() && !out.hasEnded()) {
      tell(held.remove());
    }
  }

  /** Something happened. */
  void tell(Frame frame) {
    if (out.hasEnded()) {
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
    out.write(frame.bytes());
  }

  /** Shows both ends that the other is still there. */
  void heartbeat() {
    out.heartbeat();
  }

  /** Ends the stream, saying why. */
  void cut(String why) {
    out.cut(why);
  }
}
