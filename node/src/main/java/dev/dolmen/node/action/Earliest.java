package dev.dolmen.node.action;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the earliest of some moments. A node asks all of its parts after each input when they next
 * want to be called, and a stream for each would cost more than most inputs.
 */
public final class Earliest {

  private @Nullable Instant earliest;

  /** One more moment; null stands for never. */
  public Earliest add(@Nullable Instant moment) {
    if (moment != null && (earliest == null || moment.isBefore(earliest))) {
      earliest = moment;
    }
    return this;
  }

  /** One more moment; empty stands for never. */
  public Earliest add(Optional<Instant> moment) {
    return add(moment.orElse(null));
  }

  /** The earliest so far; empty if there was none. */
  public Optional<Instant> get() {
    return Optional.ofNullable(earliest);
  }
}
