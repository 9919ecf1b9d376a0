package dev.dolmen.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Feeds decoders for as long as one likes, each in a process of its own. Jazzer chooses inputs by
 * what they reach; without it on the class path, the seeded mutator does. At the first finding it
 * says what it is and where the input is kept, and exits with 1.
 *
 * <p>System properties: {@code fuzz.targets} (names with commas, or {@code all}), {@code
 * fuzz.minutes} (for each), {@code fuzz.inputs} (for each; 0: as many as the time allows), {@code
 * fuzz.engine} ({@code jazzer} or {@code mutator}), {@code fuzz.seed}.
 *
 * <p>What it finds interesting is kept in {@code target/fuzz/TARGET} and used again by the next
 * run. A finding, or a few small inputs worth feeding at every build, go to {@code
 * src/test/resources/corpus/TARGET}.
 */
public final class FuzzCommand {

  private static final int EXIT_FOUND = 1;
  private static final String DRIVER = "com.code_intelligence.jazzer.Jazzer";
  private static final int SECONDS_OF_A_MINUTE = 60;

  /**
   * One looks for misuse of memory outside the heap, and breaks Netty's queues on the way; the
   * other takes a client of our own for one that a stranger sent somewhere.
   */
  private static final String UNWANTED =
      "com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer"
          + ":com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery";

  /** Frames and blocks are larger, but what is interesting about them is at their edges. */
  private static final int LONGEST_INPUT = 8_192;

  private static final Pattern DONE =
      Pattern.compile("#(\\d+)\\s+DONE\\s+cov: (\\d+).*corp: (\\d+)/.*|Done (\\d+) runs.*");

  private FuzzCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws Exception {
    String wanted = System.getProperty("fuzz.targets", "all");
    List<String> labels = wanted.equals("all") ? Targets.labels() : List.of(wanted.split(",", -1));
    double minutes = Double.parseDouble(System.getProperty("fuzz.minutes", "1"));
    long inputs = Long.getLong("fuzz.inputs", 0);
    long seconds = Math.round(minutes * SECONDS_OF_A_MINUTE);
    boolean guided = hasJazzer() && !System.getProperty("fuzz.engine", "").equals("mutator");
    for (String label : labels) {
      Targets target = Targets.of(label);
      boolean good = guided ? guided(target, seconds, inputs) : unguided(target, seconds, inputs);
      if (!good) {
        System.exit(EXIT_FOUND);
      }
    }
    System.exit(0);
  }

  private static boolean hasJazzer() {
    try {
      Class.forName(DRIVER, false, FuzzCommand.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      System.out.println("Jazzer is not on the class path: mutations only, with a seed");
      return false;
    }
  }

  /** In this process, by the mutator that also runs at every build. */
  private static boolean unguided(Targets target, long seconds, long inputs) throws Exception {
    FuzzTarget decoder = target.make();
    Corpus.Mutations mutations =
        new Corpus.Mutations(
            target, decoder, Corpus.of(target, decoder), Long.getLong("fuzz.seed", 1));
    long begun = System.nanoTime();
    long end = begun + seconds * 1_000_000_000;
    long fed = 0;
    long accepted = 0;
    while ((inputs == 0 || fed < inputs) && System.nanoTime() < end) {
      accepted += mutations.next() ? 1 : 0;
      fed++;
    }
    double took = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "%s: %,d inputs in %.0f s (%,.0f/s), %,d accepted, nothing found%n",
        target.label(), fed, took, fed / took, accepted);
    return true;
  }

  private static boolean guided(Targets target, long seconds, long inputs)
      throws IOException, InterruptedException {
    Path all = Path.of("target", "fuzz").toAbsolutePath();
    Path kept = all.resolve(target.label());
    Path begin = Files.createDirectories(kept.resolveSibling(target.label() + "-begin"));
    Files.createDirectories(kept);
    try {
      int number = 0;
      for (Corpus.Input input : Corpus.of(target, target.make())) {
        Files.write(begin.resolve(Integer.toString(number++)), input.bytes());
      }
    } catch (Exception e) {
      throw new IOException("cannot make the examples of " + target.label(), e);
    }
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(command(target, kept, begin, seconds, inputs))
            .directory(all.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String runs = "?";
    String reached = "?";
    List<String> last = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher done = DONE.matcher(line);
        if (done.matches()) {
          runs = done.group(1) == null ? done.group(4) : done.group(1);
          reached = done.group(2) == null ? reached : done.group(2);
        }
        if (!line.startsWith("INFO") && !line.startsWith("#")) {
          last.add(line);
        }
      }
    }
    int exitCode = process.waitFor();
    long took = (System.nanoTime() - begun) / 1_000_000_000;
    if (exitCode == 0) {
      System.out.println(
          target.label()
              + ": "
              + runs
              + " inputs in "
              + took
              + " s, "
              + reached
              + " places reached, nothing found");
      return true;
    }
    last.forEach(System.out::println);
    System.out.println(
        "FOUND in "
            + target.label()
            + " after "
            + took
            + " s; keep the input in fuzz/src/test/resources/corpus/"
            + target.label());
    return false;
  }

  private static List<String> command(
      Targets target, Path kept, Path begin, long seconds, long inputs) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "-Dio.netty.allocator.type=pooled",
                "-D" + JazzerEntry.TARGET + "=" + target.label(),
                "-cp",
                System.getProperty("java.class.path"),
                DRIVER,
                "--target_class=" + JazzerEntry.class.getName(),
                "--instrumentation_includes=dev.dolmen.**:org.tomlj.**",
                "--disabled_hooks=" + UNWANTED,
                "--reproducer_path=" + kept,
                "-max_total_time=" + seconds,
                "-max_len=" + LONGEST_INPUT,
                "-timeout=60",
                "-rss_limit_mb=4096"));
    if (inputs > 0) {
      command.add("-runs=" + inputs);
    }
    command.add(kept.toString());
    command.add(begin.toString());
    return command;
  }
}
