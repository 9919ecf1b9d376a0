package dev.dolmen.node.api;

import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Longs;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What stands behind the question mark of a URL; anything but what is asked for is refused with a
 * sentence.
 */
record Query(MultiMap parameters) {

  private static final int HEX = 16;
  private static final Pattern CURSOR = Pattern.compile("[0-9a-f]{16}");

  /** A parameter's text; given twice, it could mean either and is refused. */
  Optional<String> text(String name) throws ProblemException {
    List<String> values = parameters.getAll(name);
    if (values.size() > 1) {
      throw Problem.badRequest("'" + name + "' is given " + values.size() + " times; give it once")
          .asException();
    }
    return values.stream().findFirst();
  }

  /** A decimal number from {@code least} to {@code most}. */
  OptionalLong number(String name, long least, long most) throws ProblemException {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong value = decimal(text.get());
    if (value.isEmpty() || value.getAsLong() < least || value.getAsLong() > most) {
      throw Problem.badRequest(
              "'" + name + "' must be a whole number from " + least + " to " + most)
          .asException();
    }
    return value;
  }

  /** The number of decimal digits that a long can hold; empty for anything else. */
  static OptionalLong decimal(String text) {
    if (text.isEmpty()
        || text.length() > HttpLimits.MAX_NUMBER_DIGITS
        || text.chars().anyMatch(c -> c < '0' || c > '9')) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException beyondLong) {
      return OptionalLong.empty();
    }
  }

  /** Where the part of a list that was answered before ended, as {@link #quotedCursor} wrote it. */
  OptionalLong cursor(String name) throws ProblemException {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!CURSOR.matcher(text.get()).matches()) {
      throw Problem.badRequest(
              "'" + name + "' must be what the answer before has as 'next'; leave it out to begin")
          .asException();
    }
    return OptionalLong.of(Long.parseUnsignedLong(text.get(), HEX));
  }

  static String quotedCursor(long position) {
    return "\"" + BaseEncoding.base16().lowerCase().encode(Longs.toByteArray(position)) + "\"";
  }

  /** {@code true} or {@code false}. */
  boolean yes(String name, boolean otherwise) throws ProblemException {
    Optional<String> text = text(name);
    if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
      throw Problem.badRequest("'" + name + "' must be true or false").asException();
    }
    return text.map("true"::equals).orElse(otherwise);
  }

  /** How many elements a list may have. */
  int limit() throws ProblemException {
    return (int) number("limit", 1, HttpLimits.MAX_LISTED).orElse(HttpLimits.DEFAULT_LISTED);
  }

  /** The height a list starts from. */
  long from() throws ProblemException {
    return number("from", 0, Long.MAX_VALUE).orElse(0);
  }
}
