package dev.dolmen.it.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of {@code docs/lessons}, as far as a test can read it.
 *
 * @param nodes how many the devnet has that it begins with
 * @param steps what is typed, in order
 * @param links from its text to files of the project
 */
record Lesson(int nodes, List<Step> steps, List<Link> links) {

  private static final String INDENT = "    ";
  private static final String PROMPT = INDENT + "$ ";
  private static final Pattern DEVNET = Pattern.compile(" {4}bin/dolmen devnet --nodes (\\d+)");
  private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\(([^)#]+)[^)]*\\)");

  /** Stands for whatever differs each time, within one line. */
  private static final String ANYTHING = "…";

  Lesson {
    steps = List.copyOf(steps);
    links = List.copyOf(links);
  }

  /**
   * A command, and what the page shows of its output.
   *
   * @param shown lines, with {@value #ANYTHING} for what differs
   */
  record Step(String command, List<String> shown) {

    private static final Pattern CHANGES =
        Pattern.compile(
            " -d | -X |python3 |dolmen (submit|proof|verify)|devnet (cut|heal|slow|partition|stop|start)");

    Step {
      shown = List.copyOf(shown);
    }

    /** Whether it changes nothing, so that it may be typed again when the answer comes late. */
    boolean onlyAsks() {
      return !CHANGES.matcher(command).find();
    }

    boolean isShownBy(List<String> lines) {
      String pattern =
          shown.stream()
              .map(
                  line ->
                      Pattern.compile(ANYTHING, Pattern.LITERAL)
                          .splitAsStream(line + "\0")
                          .map(part -> Pattern.quote(part.replace("\0", "")))
                          .collect(Collectors.joining("[^\n]*")))
              .collect(Collectors.joining("\n"));
      return Pattern.matches(pattern, String.join("\n", lines));
    }
  }

  /** From a page to a file of the project, by a path relative to the page. */
  record Link(String label, String target) {

    /** The method that the label names besides its class, if it does. */
    Optional<String> method() {
      Matcher named = Pattern.compile("`\\w+\\.(\\w+)`").matcher(label);
      return named.matches() ? Optional.of(named.group(1)) : Optional.empty();
    }
  }

  static Lesson read(Path page) throws IOException {
    int nodes = 0;
    List<Step> steps = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    String command = "";
    List<String> shown = new ArrayList<>();
    for (String line : Files.readAllLines(page)) {
      Matcher devnet = DEVNET.matcher(line);
      if (devnet.matches()) {
        nodes = Integer.parseInt(devnet.group(1));
      } else if (line.startsWith(PROMPT) || !line.startsWith(INDENT)) {
        if (!command.isEmpty()) {
          steps.add(new Step(command, shown));
        }
        command = line.startsWith(PROMPT) ? line.substring(PROMPT.length()) : "";
        shown.clear();
      } else if (command.isEmpty()) {
        throw new IOException(page + " has a block that is no command: " + line);
      } else {
        shown.add(line.substring(INDENT.length()));
      }
      Matcher link = LINK.matcher(line);
      while (!line.startsWith(INDENT) && link.find()) {
        links.add(new Link(link.group(1), link.group(2)));
      }
    }
    if (!command.isEmpty()) {
      steps.add(new Step(command, shown));
    }
    return new Lesson(nodes, steps, links);
  }
}
