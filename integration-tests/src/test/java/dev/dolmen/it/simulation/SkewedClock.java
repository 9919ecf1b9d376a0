package dev.dolmen.it.simulation;

import dev.dolmen.node.action.Moment;
import java.time.Duration;

/**
 * One machine's clocks. The steady one is the world's; that on the wall may be wrong, jump, and run
 * fast or slow.
 */
final class SkewedClock {

  private Duration offset = Duration.ZERO;
  private double drift;
  private Duration driftsSince = Duration.ZERO;

  /** From now on it is wrong by this much, and drifts from there as before. */
  void isWrongBy(Duration value, Duration elapsed) {
    offset = value;
    driftsSince = elapsed;
  }

  /**
   * From now on it gains this share of the time that passes; loses, if negative.
   *
   * @param elapsed the world's time now
   */
  void drifts(double share, Duration elapsed) {
    offset = error(elapsed);
    drift = share;
    driftsSince = elapsed;
  }

  /** It is right from now on. */
  void isSet(Duration elapsed) {
    drift = 0;
    isWrongBy(Duration.ZERO, elapsed);
  }

  /** What a node on this machine takes for now. */
  Moment now(Duration elapsed) {
    return new Moment(Trace.wall(elapsed).plus(error(elapsed)), Trace.wall(elapsed));
  }

  private Duration error(Duration elapsed) {
    return drift == 0
        ? offset
        : offset.plusNanos((long) (drift * elapsed.minus(driftsSince).toNanos()));
  }
}
