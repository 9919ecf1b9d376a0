package dev.dolmen.benchmarks.plot;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.xml.XmlEscapers;
import java.util.List;
import java.util.Locale;

/**
 * One curve as an SVG picture. Both axes begin at zero, so that a slope looks as steep as it is. It
 * takes its colours from whether the reader's page is light or dark, and has its numbers as a
 * description for those who do not see it.
 *
 * @param title of the picture
 * @param across what the horizontal axis is
 * @param up what the vertical one is
 * @param points from left to right
 */
record LineChart(String title, String across, String up, List<Point> points) {

  private static final int WIDTH = 720;
  private static final int HEIGHT = 320;
  private static final int LEFT = 80;
  private static final int RIGHT = 40; // half of the last label stands there
  private static final int TOP = 40;
  private static final int BOTTOM = 56;
  private static final int STEPS = 5;

  /** Room above the greatest value. */
  private static final double HEADROOM = 1.1;

  private static final String STYLE =
      """
      <style>
        svg { background: #fff; color: #1b1f24; --line: #0a58ca; --grid: #d0d7de; }
        text { font: 13px system-ui, sans-serif; fill: currentColor; }
        .title { font-size: 15px; font-weight: 600; }
        .grid { stroke: var(--grid); }
        .curve { fill: none; stroke: var(--line); stroke-width: 2; }
        .point { fill: var(--line); }
        @media (prefers-color-scheme: dark) {
          svg { background: #0d1117; color: #e6edf3; --line: #6ea8fe; --grid: #30363d; }
        }
      </style>
      """;

  /** A measured value. */
  record Point(double x, double y) {}

  LineChart {
    checkArgument(points.size() > 1, "a curve has two points or more, not %s", points.size());
    points = List.copyOf(points);
  }

  /** The picture. */
  String svg() {
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n",
        WIDTH,
        HEIGHT);
    add(svg, "<title>%s</title>%n<desc>%s</desc>%n", escaped(title), escaped(description()));
    svg.append(STYLE);
    add(svg, "<text class=\"title\" x=\"%d\" y=\"24\">%s</text>%n", LEFT, escaped(title));
    double step = niceStep(greatestY() * HEADROOM / STEPS);
    for (double y = 0; y <= greatestY() * HEADROOM; y += step) {
      add(
          svg,
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
          LEFT,
          WIDTH - RIGHT,
          yOf(y),
          yOf(y));
      add(
          svg,
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
          LEFT - 8,
          yOf(y) + 4,
          number(y));
    }
    double stride = niceStep(greatestX() / STEPS);
    for (double x = 0; x <= greatestX() * (1 + 1e-9); x += stride) {
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          xOf(x),
          HEIGHT - BOTTOM + 20,
          number(x));
    }
    add(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 12,
        escaped(across));
    add(
        svg,
        "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n",
        (TOP + HEIGHT - BOTTOM) / 2,
        escaped(up));
    svg.append("<polyline class=\"curve\" points=\"");
    points.forEach(point -> add(svg, "%.1f,%.1f ", xOf(point.x()), yOf(point.y())));
    svg.append("\"/>\n");
    points.forEach(
        point ->
            add(
                svg,
                "<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>%n",
                xOf(point.x()),
                yOf(point.y())));
    return svg.append("</svg>\n").toString();
  }

  private String description() {
    StringBuilder text = new StringBuilder(up + " at " + across + ": ");
    points.forEach(
        point ->
            text.append(number(point.y())).append(" at ").append(number(point.x())).append("; "));
    return text.toString();
  }

  private double greatestX() {
    return points.stream().mapToDouble(Point::x).max().orElseThrow();
  }

  private double greatestY() {
    return points.stream().mapToDouble(Point::y).max().orElseThrow();
  }

  private double xOf(double x) {
    return LEFT + x / greatestX() * (WIDTH - LEFT - RIGHT);
  }

  private double yOf(double y) {
    return HEIGHT - BOTTOM - y / (greatestY() * HEADROOM) * (HEIGHT - TOP - BOTTOM);
  }

  /** The next greater of 1, 2 and 5 times a power of ten. */
  static double niceStep(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= atLeast) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.4g", value);
  }

  private static void add(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), arguments));
  }

  private static String escaped(String text) {
    return XmlEscapers.xmlContentEscaper().escape(text);
  }
}
