package dev.dolmen.node.api;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What stands behind the question mark of a URL; anything but what is asked for is refused with a
 * sentence.
 */
record Query(MultiMap parameters) {

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

  /** How many elements a list may have. */
  int limit() throws ProblemException {
    return (int) number("limit", 1, HttpLimits.MAX_LISTED).orElse(HttpLimits.DEFAULT_LISTED);
  }

  /** The height a list starts from. */
  long from() throws ProblemException {
    return number("from", 0, Long.MAX_VALUE).orElse(0);
  }
}
