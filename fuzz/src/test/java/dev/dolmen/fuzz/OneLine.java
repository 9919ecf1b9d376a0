package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

/** What a person is told is one line. */
final class OneLine {

  private OneLine() {}

  static void check(Exception complaint) {
    String message = String.valueOf(complaint.getMessage());
    require(message.lines().count() == 1, "a complaint of one line, not '" + message + "'");
  }
}
