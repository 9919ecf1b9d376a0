package dev.dolmen.benchmarks.process;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * One measured quantity.
 *
 * @param name dotted, the measure's name first
 * @param floor if there is one to hold it against
 * @param parameters of the run
 */
record Figure(
    String name,
    String unit,
    Samples samples,
    Optional<Floor> floor,
    Map<String, String> parameters) {

  private static final double ROUNDING = 1_000;

  /** The median as a share of the floor. */
  Optional<Double> ratio() {
    return floor.map(bare -> samples.median() / bare.value());
  }

  /** Everything, in one line. */
  String json() {
    JsonObject line = new JsonObject();
    line.addProperty("name", name);
    line.addProperty("unit", unit);
    line.addProperty("median", rounded(samples.median()));
    line.addProperty("p95", rounded(samples.p95()));
    line.addProperty("min", rounded(samples.smallest()));
    line.addProperty("max", rounded(samples.largest()));
    line.addProperty("spread", rounded(samples.spread()));
    line.addProperty("samples", samples.values().size());
    floor.ifPresent(
        bare -> {
          line.addProperty("floor", rounded(bare.value()));
          line.addProperty("floorIs", bare.what());
        });
    ratio().ifPresent(ratio -> line.addProperty("ratio", rounded(ratio)));
    JsonObject with = new JsonObject();
    parameters.forEach(with::addProperty);
    line.add("parameters", with);
    return line.toString();
  }

  static double rounded(double value) {
    return Math.round(value * ROUNDING) / ROUNDING;
  }
}
