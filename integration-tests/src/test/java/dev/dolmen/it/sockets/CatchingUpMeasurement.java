package dev.dolmen.it.sockets;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Stopwatch;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.node.Dolmen;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.awaitility.Awaitility;

/**
 * How long a fresh node on disk takes to catch up with eight peers over TLS on loopback: eight that
 * help, then two that help among four that stall, one that lies and one that sends wrong bodies.
 * Prints one line of JSON for each run and one with the ratio of the medians. The peers are in the
 * same process and as cheap as can be, so that the node is what is measured.
 */
final class CatchingUpMeasurement {

  private static final int BLOCKS = Integer.getInteger("measure.blocks", 50_000);
  private static final int RUNS = Integer.getInteger("measure.runs", 3);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final double NANOS_PER_SECOND = 1e9;

  private final ScriptedAnswers peers;
  private final BlockHash tip;

  private CatchingUpMeasurement(Dolmen source) {
    this.peers = new ScriptedAnswers(source.runner().reader());
    this.tip = Network.tip(source);
  }

  /** Measures. */
  public static void main(String[] arguments) throws IOException {
    try (Network network = Network.of(1)) {
      Dolmen source = network.node(0);
      for (int i = 0; i < BLOCKS; i++) {
        Network.makeBlock(source);
      }
      new CatchingUpMeasurement(source).run();
    }
  }

  private void run() throws IOException {
    List<Double> clean = new ArrayList<>();
    List<Double> attacked = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      clean.add(print("eight help", Collections.nCopies(8, peers::help)));
      attacked.add(print("two help, four stall, one lies, one sends wrong bodies", hostile()));
    }
    double ratio = median(attacked) / median(clean);
    System.out.printf(
        Locale.ROOT, "{\"measure\":\"catching up among liars\",\"ratio\":%.2f}%n", ratio);
  }

  private List<Function<Envelope, List<Envelope>>> hostile() {
    List<Function<Envelope, List<Envelope>>> answers = new ArrayList<>();
    answers.addAll(Collections.nCopies(4, peers::stall));
    answers.add(question -> List.of());
    answers.add(peers::sendWrongBodies);
    answers.addAll(Collections.nCopies(2, peers::help));
    return answers;
  }

  private double print(String who, List<Function<Envelope, List<Envelope>>> answers)
      throws IOException {
    double seconds = catchUp(answers);
    System.out.printf(
        Locale.ROOT,
        "{\"measure\":\"catching up\",\"peers\":\"%s\",\"blocks\":%d,\"seconds\":%.2f,\"blocks_per_s\":%.0f}%n",
        who,
        BLOCKS,
        seconds,
        BLOCKS / seconds);
    return seconds;
  }

  private double catchUp(List<Function<Envelope, List<Envelope>>> answers) throws IOException {
    Path directory = Files.createTempDirectory("catching-up");
    List<Stranger> strangers = new ArrayList<>();
    try (Dolmen fresh =
        Dolmen.builder().name("fresh").discovery(false).dataDirectory(directory).start()) {
      Stopwatch watch = Stopwatch.createStarted();
      for (Function<Envelope, List<Envelope>> answer : answers) {
        strangers.add(Stranger.meet(fresh, BigInteger.ONE.shiftLeft(200), answer));
      }
      Awaitility.await().atMost(PATIENCE).until(() -> Network.tip(fresh).equals(tip));
      return watch.elapsed().toNanos() / NANOS_PER_SECOND;
    } finally {
      strangers.forEach(Stranger::close);
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    checkState(!sorted.isEmpty(), "no runs");
    return sorted.get(sorted.size() / 2);
  }
}
