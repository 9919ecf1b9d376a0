package dev.dolmen.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Feeds every decoder its examples, its corpus (what long runs found worth keeping, and every
 * finding), and as many mutations of both as each build can afford. {@link FuzzCommand} does so for
 * longer.
 */
class DecodersTest {

  /** {@code -Dfuzz.seed} tries others. */
  private static final long SEED = Long.getLong("fuzz.seed", 1);

  /** {@code -Dfuzz.times} asks for so many times the usual number of inputs. */
  private static final int TIMES = Integer.getInteger("fuzz.times", 1);

  @ParameterizedTest
  @EnumSource(Targets.class)
  void takesWhatIsGoodAndRefusesTheRestAsItDeclares(Targets target) throws Exception {
    FuzzTarget decoder = target.make();
    for (byte[] example : decoder.examples()) {
      assertThat(decoder.feed(example))
          .as("an example of %s: %s", target.label(), new String(example, ISO_8859_1))
          .isTrue();
    }
    List<Corpus.Input> corpus = Corpus.of(target, decoder);
    for (Corpus.Input input : corpus) {
      Corpus.feed(decoder, target, input);
    }
    Corpus.Mutations mutations = new Corpus.Mutations(target, decoder, corpus, SEED);
    int accepted = 0;
    int inputs = target.inputs() * TIMES;
    for (int i = 0; i < inputs; i++) {
      accepted += mutations.next() ? 1 : 0;
    }
    assertThat(accepted).as("some mutations are good, and get further").isPositive();
    assertThat(accepted).as("most are not").isLessThan(inputs);
  }
}
