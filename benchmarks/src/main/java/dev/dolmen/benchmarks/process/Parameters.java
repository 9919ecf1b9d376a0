package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run is made with, such as {@code blocks=50000,reps=3}. Every measure says what it takes
 * and what it is if nothing is said; anything else is refused with a list of what there is.
 */
final class Parameters {

  private final Map<String, String> given;
  private final Map<String, String> used = new LinkedHashMap<>();

  private Parameters(Map<String, String> given) {
    this.given = given;
  }

  /**
   * Reads them.
   *
   * @param text {@code name=value} with commas between, or nothing
   */
  static Parameters parse(String text) {
    return new Parameters(
        text.isBlank()
            ? Map.of()
            : new TreeMap<>(Splitter.on(',').trimResults().withKeyValueSeparator('=').split(text)));
  }

  int number(String name, int usual) {
    return Integer.parseInt(text(name, Integer.toString(usual)));
  }

  String text(String name, String usual) {
    String value = given.getOrDefault(name, usual);
    used.put(name, value);
    return value;
  }

  /** All that were asked for, with their values; refuses those that were not. */
  Map<String, String> complete() {
    for (String name : given.keySet()) {
      checkArgument(
          used.containsKey(name),
          "no parameter %s; there are %s",
          name,
          String.join(", ", used.keySet()));
    }
    return Map.copyOf(used);
  }
}
