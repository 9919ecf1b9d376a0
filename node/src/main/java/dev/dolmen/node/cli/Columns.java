package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Strings;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Text in columns, for terminals. */
final class Columns {

  private static final int SHORT_HEX = 4;
  private static final int MOST_QUOTED = 60;

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

  /**
   * What a stranger's entry says, in quotes, so that its text cannot pass for ours: without what
   * cannot be seen, and not too long. What is no UTF-8 is only counted.
   */
  static String quoted(byte[] payload) {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException noText) {
      return count(payload.length, "byte", "bytes") + ", not text";
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .limit(MOST_QUOTED)
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (isSeen(c)) {
                quoted.appendCodePoint(c);
              } else {
                quoted.append("\\u{").append(Integer.toHexString(c)).append('}');
              }
            });
    boolean isCut = text.codePointCount(0, text.length()) > MOST_QUOTED;
    return quoted.append(isCut ? "…\"" : "\"").toString();
  }

  /** Neither moves the cursor, nor turns the direction of writing, nor is unknown. */
  private static boolean isSeen(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** A stranger's text without what could move a terminal's cursor. */
  static String harmless(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints().forEach(c -> plain.appendCodePoint(Character.isISOControl(c) ? '\ufffd' : c));
    return plain.toString();
  }
}
