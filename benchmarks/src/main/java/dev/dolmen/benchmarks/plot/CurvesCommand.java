package dev.dolmen.benchmarks.plot;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Draws the curves that {@code sync-million} and {@code peers} measured last, into {@code
 * docs/performance}.
 */
final class CurvesCommand {

  private CurvesCommand() {}

  public static void main(String[] arguments) throws IOException {
    Path measured = Path.of("benchmarks/target/measured");
    Path pictures = Files.createDirectories(Path.of("docs/performance"));
    draw(
        measured.resolve("sync-million.time-per-block.curve"),
        pictures.resolve("time-per-block.svg"),
        "Time per block against height, while a fresh node catches up",
        "height in blocks",
        "microseconds per block");
    draw(
        measured.resolve("sync-million.memory.curve"),
        pictures.resolve("memory.svg"),
        "Memory against height, while a fresh node catches up",
        "height in blocks",
        "resident MiB");
    draw(
        measured.resolve("peers.relay.curve"),
        pictures.resolve("relay.svg"),
        "From the making of a block until all peers have heard of it",
        "connected peers",
        "milliseconds, median");
  }

  private static void draw(Path from, Path to, String title, String across, String up)
      throws IOException {
    if (!Files.exists(from)) {
      System.out.println(from + " is not measured yet; " + to + " stays as it is");
      return;
    }
    List<LineChart.Point> points =
        Files.readAllLines(from).stream()
            .filter(line -> !line.startsWith("#"))
            .map(CurvesCommand::point)
            .toList();
    Files.writeString(to, new LineChart(title, across, up, points).svg());
    System.out.println("drew " + to);
  }

  private static LineChart.Point point(String line) {
    List<String> numbers = Splitter.on(' ').splitToList(line);
    return new LineChart.Point(
        Double.parseDouble(numbers.get(0)), Double.parseDouble(numbers.get(1)));
  }
}
