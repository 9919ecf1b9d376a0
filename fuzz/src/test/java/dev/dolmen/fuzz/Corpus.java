package dev.dolmen.fuzz;

import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What mutations begin from: a target's examples, and the files in {@code corpus/TARGET}, which are
 * inputs that reached something new in a long run, or that were a finding once.
 */
final class Corpus {

  /** An input and where it is from. */
  static final class Input {
    private final String name;
    private final byte[] bytes;

    Input(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    String name() {
      return name;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  private Corpus() {}

  static List<Input> of(Targets target, FuzzTarget decoder) throws IOException {
    List<Input> inputs = new ArrayList<>();
    for (byte[] example : decoder.examples()) {
      inputs.add(new Input("example " + inputs.size(), example));
    }
    URL directory = Corpus.class.getResource("/corpus/" + target.label());
    if (directory != null) {
      try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
        for (Path file : files.sorted().toList()) {
          inputs.add(new Input(file.getFileName().toString(), Files.readAllBytes(file)));
        }
      } catch (URISyntaxException e) {
        throw new IOException(e);
      }
    }
    return inputs;
  }

  /** Feeds one input; a finding says what to keep. */
  static boolean feed(FuzzTarget decoder, Targets target, Input input) {
    try {
      return decoder.feed(input.bytes());
    } catch (Exception | Error finding) {
      throw new AssertionError(
          target.label()
              + " fails on "
              + input.name()
              + ", "
              + input.bytes().length
              + " bytes: "
              + BaseEncoding.base64().encode(input.bytes()),
          finding);
    }
  }

  /** A row of inputs that are nearly good: one seed, one row. */
  static final class Mutations {

    private final Targets target;
    private final FuzzTarget decoder;
    private final List<Input> corpus;
    private final SplittableRandom random;
    private final Mutator mutator;
    private final long seed;
    private long fed;

    Mutations(Targets target, FuzzTarget decoder, List<Input> corpus, long seed) {
      this.target = target;
      this.decoder = decoder;
      this.corpus = corpus;
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      this.mutator = new Mutator(seed);
    }

    /** Feeds the next one; says whether it was accepted. */
    boolean next() {
      byte[] one = corpus.get(random.nextInt(corpus.size())).bytes();
      byte[] other = corpus.get(random.nextInt(corpus.size())).bytes();
      fed++;
      return feed(
          decoder,
          target,
          new Input("input " + fed + " of seed " + seed, decoder.mutate(one, other, mutator)));
    }
  }
}
