package dev.dolmen.benchmarks.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Takes figures as they come: a line of JSON each on standard output, and at the end a table in
 * Markdown, on standard error and in a file. The lines are also added to {@code figures.jsonl}
 * beside it, so that a table of many runs can be made later.
 */
final class Report {

  private static final String TABLE_HEAD =
      """
      | figure | median | p95 | spread | samples | floor | ratio |
      |---|---|---|---|---|---|---|
      """;

  private final Path directory;
  private final String measure;
  private final Map<String, String> parameters;
  private final List<Figure> figures = new ArrayList<>();

  /**
   * @param directory for the files
   * @param measure names its file
   */
  Report(Path directory, String measure, Map<String, String> parameters) {
    this.directory = directory;
    this.measure = measure;
    this.parameters = parameters;
  }

  void add(String name, String unit, Samples samples) throws IOException {
    add(name, unit, samples, Optional.empty());
  }

  void add(String name, String unit, Samples samples, Floor floor) throws IOException {
    add(name, unit, samples, Optional.of(floor));
  }

  private void add(String name, String unit, Samples samples, Optional<Floor> floor)
      throws IOException {
    Figure figure = new Figure(measure + "." + name, unit, samples, floor, parameters);
    figures.add(figure);
    System.out.println(figure.json());
    append("figures.jsonl", figure.json() + "\n");
  }

  /** Keeps a curve for the curves command: one line of two numbers for each point. */
  void curve(String name, String header, List<double[]> points) throws IOException {
    StringBuilder lines = new StringBuilder("# " + header + "\n");
    for (double[] point : points) {
      lines.append(String.format(Locale.ROOT, "%.4f %.4f%n", point[0], point[1]));
    }
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(measure + "." + name + ".curve"), lines, UTF_8);
  }

  /** Says what is going on, to who waits. */
  static void say(String line) {
    System.err.println(line);
  }

  /** Ends with the table. */
  void finish() throws IOException {
    String table = table(figures);
    say("\n" + table);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(measure + ".md"), table, UTF_8);
  }

  private static String table(List<Figure> figures) {
    StringBuilder table = new StringBuilder(TABLE_HEAD);
    for (Figure figure : figures) {
      Samples samples = figure.samples();
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s %s | %s | %.0f %% | %d | %s | %s |%n",
              figure.name(),
              readable(samples.median()),
              figure.unit(),
              readable(samples.p95()),
              100 * samples.spread(),
              samples.values().size(),
              figure.floor().map(f -> readable(f.value()) + " " + f.what()).orElse(""),
              figure.ratio().map(r -> String.format(Locale.ROOT, "%.2f", r)).orElse("")));
    }
    return table.toString();
  }

  private static String readable(double value) {
    return Math.abs(value) >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }

  private void append(String file, String text) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(file), text, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
