package dev.dolmen.it.attack;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What one attack did, and what the node did about it, each counted. Any thread may count. */
final class Tally {

  /** Beyond that an answer is not told apart from the others. */
  private static final int MOST_KINDS = 20;

  private final Map<String, Long> did = new TreeMap<>();
  private final Map<String, Long> answers = new TreeMap<>();

  /** Something that the attacker did. */
  void did(String what) {
    did(what, 1);
  }

  synchronized void did(String what, long times) {
    did.merge(what, times, Long::sum);
  }

  /** Something that the node answered. Numbers in it are left out, so that like counts as like. */
  synchronized void answered(String what) {
    String kind = what.replaceAll("[0-9a-f]{16,}", "…").replaceAll("[0-9]+", "#");
    answers.merge(
        answers.containsKey(kind) || answers.size() < MOST_KINDS ? kind : "other", 1L, Long::sum);
  }

  /** How often something was answered that begins so. */
  synchronized long answers(String beginning) {
    return answers.entrySet().stream()
        .filter(answer -> answer.getKey().startsWith(beginning))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** How often the attacker did this. */
  synchronized long deeds(String what) {
    return did.getOrDefault(what, 0L);
  }

  @Override
  public synchronized String toString() {
    return "did " + list(did) + "; the node: " + list(answers);
  }

  private static String list(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "nothing"
        : counts.entrySet().stream()
            .map(count -> count.getValue() + " × " + count.getKey())
            .collect(Collectors.joining(", "));
  }
}
