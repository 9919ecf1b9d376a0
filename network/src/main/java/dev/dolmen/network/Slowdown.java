package dev.dolmen.network;

import dev.dolmen.network.netty.Frame;
import dev.dolmen.network.peers.DelayLine;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Holds back what is written to one link. What waits here still counts as queued for the peer, so
 * the bound of its {@code SendQueue} is the bound of this. Owned by control, which it never keeps
 * waiting.
 */
final class Slowdown {

  private final EventExecutor control;
  private final Consumer<Frame> out;
  private final DelayLine<Frame> line = new DelayLine<>();
  private final Alarm alarm;

  Slowdown(EventExecutor control, Consumer<Frame> out) {
    this.control = control;
    this.out = out;
    this.alarm = new Alarm(control, this::release);
  }

  void delay(Duration delay) {
    line.delay(delay);
    release();
  }

  void pass(Frame frame) {
    line.add(frame, now());
    release();
  }

  /** The link is over: what waits is lost, as on any link that breaks. */
  void drop() {
    line.clear();
    alarm.cancel();
  }

  private void release() {
    line.takeDue(now()).forEach(out);
    line.nextWake().ifPresent(alarm::noLaterThan);
  }

  private long now() {
    return control.ticker().nanoTime();
  }
}
