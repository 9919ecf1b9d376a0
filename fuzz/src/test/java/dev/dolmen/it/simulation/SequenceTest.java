package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.fuzz.Mutator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whether the fuzzer of sequences sees what it looks for; what it finds is {@code DecodersTest}'s.
 */
class SequenceTest {

  private static final List<byte[]> EXAMPLES = new SequenceTarget().examples();

  @Test
  void oneProgramGivesOneRunAndAnotherOneAnother() {
    List<Hash256> traces = new ArrayList<>();
    for (byte[] program : EXAMPLES) {
      Hash256 trace = run(program);
      assertThat(run(program)).isEqualTo(trace);
      traces.add(trace);
    }
    assertThat(traces).doesNotHaveDuplicates();
  }

  private static Hash256 run(byte[] program) {
    Sequence sequence = new Sequence(program);
    sequence.run();
    return sequence.traceHash();
  }

  @Test
  void aPeerThatIsHeldIsFoundAndOneThatIsGoneIsNot() {
    Simulation simulation = new Simulation(1, NetworkParameters.dev());
    SimulatedNode alice = simulation.node("alice");
    SimulatedNode bob = simulation.node("bob");
    bob.connect(alice);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(Held.peers(alice.mind())).containsExactly(bob.id());

    bob.stop();
    simulation.advance(Duration.ofSeconds(1));
    assertThat(Held.peers(alice.mind())).isEmpty();
  }

  @Test
  void mutationsOfProgramsAreProgramsOfWholeSteps() {
    SequenceTarget target = new SequenceTarget();
    Mutator mutator = new Mutator(1);
    for (int i = 0; i < 1_000; i++) {
      byte[] one = EXAMPLES.get(i % EXAMPLES.size());
      byte[] mutated = target.mutate(one, EXAMPLES.get(mutator.below(EXAMPLES.size())), mutator);
      assertThat(mutated.length % Sequence.STEP_BYTES).isZero();
    }
  }
}
