package dev.dolmen.node.cli;

import dev.dolmen.node.NodeView;
import dev.dolmen.node.sync.Conversation.CatchingUp;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * One line, drawn over itself, that says how catching up goes: for people who watch. What peers
 * claim of their height is used for nothing but this line's end, and of many claims the one in the
 * middle, so that a single liar does not make it absurd.
 */
final class SyncProgress {

  /** Goes back to the line's start and clears it. */
  static final String CLEAR_LINE = "\r\u001b[K";

  /** The narrowest terminal in use; a line that wraps could not be drawn over. */
  private static final int COLUMNS = 79;

  private static final int BAR_CELLS = 10;
  private static final long PERCENT = 100;
  private static final Duration LONGEST_ESTIMATE = Duration.ofDays(99);

  private final PrintWriter out;
  private boolean drawn;

  SyncProgress(PrintWriter out) {
    this.out = out;
  }

  /**
   * Draws how things stand, or clears the line where there is nothing to catch up with.
   *
   * @param claimedHeights what the connected peers said of themselves
   */
  void draw(NodeView view, List<Long> claimedHeights, Instant now) {
    if (view.catchingUp().isPresent()) {
      out.print(CLEAR_LINE + line(view, view.catchingUp().get(), claimedHeights, now));
      drawn = true;
    } else if (drawn) {
      out.print(CLEAR_LINE);
      drawn = false;
    }
    out.flush();
  }

  private static String line(
      NodeView view, CatchingUp catchingUp, List<Long> claimedHeights, Instant now) {
    long height = view.tip().height();
    long end = Math.max(view.headerHeight(), middle(claimedHeights));
    double part = (double) height / Math.max(1, end);
    String bar = "#".repeat((int) (part * BAR_CELLS));
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "[%-" + BAR_CELLS + "s] %d %%  block %,d of %,d",
            bar,
            (long) (part * PERCENT),
            height,
            end));
    double seconds = Math.max(1, Duration.between(catchingUp.since(), now).toMillis()) / 1_000.0;
    double rate = Math.max(0, height - catchingUp.fromHeight()) / seconds;
    if (rate > 0) {
      long left = Math.min((long) ((end - height) / rate), LONGEST_ESTIMATE.toSeconds());
      line.append(
          String.format(Locale.ROOT, "  %,.0f/s, %s left", rate, words(Duration.ofSeconds(left))));
    } else {
      view.waitingFor().ifPresent(what -> line.append("  waits for ").append(what));
    }
    if (end > view.headerHeight()) {
      line.append(String.format(Locale.ROOT, "  headers to %,d", view.headerHeight()));
    }
    return line.substring(0, Math.min(line.length(), COLUMNS));
  }

  /** The smaller one of two in the middle; 0 if nobody claims anything. */
  private static long middle(List<Long> heights) {
    return heights.isEmpty()
        ? 0
        : heights.stream().sorted().skip((heights.size() - 1) / 2).findFirst().orElse(0L);
  }

  private static String words(Duration left) {
    if (left.toHours() > 0) {
      return left.toHours() + " h " + left.toMinutesPart() + " min";
    }
    return left.toMinutes() > 0
        ? left.toMinutes() + " min " + left.toSecondsPart() + " s"
        : left.toSeconds() + " s";
  }
}
