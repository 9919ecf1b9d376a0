package dev.dolmen.benchmarks.process;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Runs one measure: {@code -Dmeasure=NAME -Dwith=name=value,…}. Figures go to standard output, what
 * is for people to standard error.
 */
final class MeasureCommand {

  private static final ImmutableMap<String, Function<Parameters, Measure>> MEASURES =
      ImmutableMap.<String, Function<Parameters, Measure>>builder()
          .put("sync", with -> new SyncMeasure(with, 50_000, 0, 0, 3))
          .put("sync-million", with -> new SyncMeasure(with, 1_000_000, 0, 0, 1))
          .put("sync-large", with -> new SyncMeasure(with, 2_000, 9, 100_000, 1))
          .put("sync-entries", with -> new SyncMeasure(with, 500, 500, 250, 1))
          .put("propagation", PropagationMeasure::new)
          .put("entries", EntriesMeasure::new)
          .put("reorg", ReorgMeasure::new)
          .put("nonce", NonceMeasure::new)
          .put("startup", StartupMeasure::new)
          .put("peers", PeersMeasure::new)
          .put("api", ApiMeasure::new)
          .build();

  private MeasureCommand() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String name = System.getProperty("measure", "");
    Function<Parameters, Measure> kind = MEASURES.get(name);
    if (kind == null) {
      Report.say("say which with -Dmeasure=NAME: " + String.join(", ", MEASURES.keySet()));
      System.exit(2);
      return;
    }
    Path project = Path.of(System.getProperty("measure.project", ".")).toAbsolutePath().normalize();
    Parameters parameters = Parameters.parse(System.getProperty("with", ""));
    Measure measure = kind.apply(parameters);
    Report report =
        new Report(project.resolve("benchmarks/target/measured"), name, parameters.complete());
    try (Workbench bench = new Workbench(project, System.getProperty("measure.java", ""))) {
      measure.run(bench, report);
    }
    report.finish();
    System.exit(0); // Whatever a floor's library left running.
  }
}
