package dev.dolmen.core.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Hex digits to bytes and back, without tables of boxed values. */
final class Hex {
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(ISO_8859_1);

  private Hex() {}

  /** Lower-case digits, two a byte. */
  static String encode(byte[] bytes, int offset, int length) {
    byte[] text = new byte[2 * length];
    for (int i = 0; i < length; i++) {
      int value = bytes[offset + i];
      text[2 * i] = DIGITS[(value >>> 4) & 0xf];
      text[2 * i + 1] = DIGITS[value & 0xf];
    }
    return new String(text, ISO_8859_1);
  }

  /**
   * The value, 0 to 15, of the digit at {@code index}; either case.
   *
   * @throws IllegalArgumentException if that character is no hex digit
   */
  static int digit(String hex, int index) {
    char c = hex.charAt(index);
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
      return c - 'A' + 10;
    }
    throw new IllegalArgumentException(
        "character " + (index + 1) + " (U+" + Integer.toHexString(c) + ") is not a hex digit");
  }
}
