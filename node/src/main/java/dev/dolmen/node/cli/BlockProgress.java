package dev.dolmen.node.cli;

import java.io.PrintWriter;
import java.util.function.LongConsumer;

/** One line, drawn over itself, that says which of many blocks is done: for people who watch. */
final class BlockProgress {

  private static final long PERCENT = 100;

  private BlockProgress() {}

  /** To be told each height that is done, up to the last; it is drawn once a percent. */
  static LongConsumer upTo(long last, Terminal terminal) {
    if (!terminal.isWatched()) {
      return height -> {};
    }
    PrintWriter err = terminal.err();
    return new LongConsumer() {
      private long told = -1;

      @Override
      public void accept(long height) {
        long percent = height * PERCENT / last;
        if (percent > told || height == last) {
          told = percent;
          err.printf("\rblock %d of %d, %d %%", height, last, percent);
          err.print(height == last ? System.lineSeparator() : "");
          err.flush();
        }
      }
    };
  }
}
