package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/** One quantity, measured once or again and again; smallest first. */
record Samples(List<Double> values) {

  private static final double TAIL = 0.95;

  Samples {
    checkArgument(!values.isEmpty(), "nothing was measured");
    values = values.stream().sorted().toList();
  }

  static Samples of(double only) {
    return new Samples(List.of(only));
  }

  double median() {
    int middle = values.size() / 2;
    return values.size() % 2 == 1
        ? values.get(middle)
        : (values.get(middle - 1) + values.get(middle)) / 2;
  }

  /** The smallest value that 95 of 100 do not exceed. */
  double p95() {
    return quantile(TAIL);
  }

  /** The smallest value that this share of all does not exceed. */
  double quantile(double share) {
    int rank = (int) Math.ceil(share * values.size());
    return values.get(Math.max(rank, 1) - 1);
  }

  double smallest() {
    return values.get(0);
  }

  double largest() {
    return values.get(values.size() - 1);
  }

  /** How far the values lie apart, as a share of their median. */
  double spread() {
    return median() == 0 ? 0 : (largest() - smallest()) / median();
  }
}
