package dev.dolmen.node.action;

import java.time.Duration;
import java.time.Instant;

/**
 * What time it is, told in two ways, since a clock that somebody sets must not upset what merely
 * waits.
 *
 * @param wall what this machine's clock says; it may jump. Only rules about timestamps look at it
 * @param steady counts on evenly, from the wall's time at the start; whatever waits looks at it
 */
public record Moment(Instant wall, Instant steady) {

  /** A moment whose two times agree. */
  public static Moment at(Instant time) {
    return new Moment(time, time);
  }

  /** A moment that much later by both. */
  public Moment plus(Duration duration) {
    return new Moment(wall.plus(duration), steady.plus(duration));
  }
}
