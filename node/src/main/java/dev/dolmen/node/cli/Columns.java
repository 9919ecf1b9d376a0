package dev.dolmen.node.cli;

import com.google.common.base.Strings;

/** Text in columns, for terminals. */
final class Columns {

  private static final int SHORT_HEX = 4;

  private Columns() {}

  /** Fills with spaces on the right. */
  static String pad(String text, int width) {
    return Strings.padEnd(text, width, ' ');
  }

  /** The first digits of an id, enough to tell a few apart: {@code 3f9c…}. */
  static String shorten(String hex) {
    return hex.length() <= SHORT_HEX ? hex : hex.substring(0, SHORT_HEX) + "…";
  }

  /** {@code 1 entry}, {@code 2 entries}. */
  static String count(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }

  /** A stranger's text without what could move a terminal's cursor. */
  static String harmless(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints().forEach(c -> plain.appendCodePoint(Character.isISOControl(c) ? '\ufffd' : c));
    return plain.toString();
  }
}
