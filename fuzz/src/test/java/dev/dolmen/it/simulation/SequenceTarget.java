package dev.dolmen.it.simulation;

import static dev.dolmen.fuzz.Findings.require;

import com.google.common.primitives.Bytes;
import dev.dolmen.fuzz.FuzzTarget;
import dev.dolmen.fuzz.LogWatch;
import dev.dolmen.fuzz.Mutator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What strangers say to a whole node, from the frame up, in any order. An input is a program; see
 * {@link Sequence}. It is accepted if nobody was accused of breaking a rule.
 */
public final class SequenceTarget implements FuzzTarget {

  /** I6 is looked at in one of so many: each costs a second run. */
  private static final int RUN_TWICE = 16;

  private static final int MOST_CHANGES = 12;
  private static final int LONGEST_PART = 8;

  /** The parameter of coming that means a good greeting. */
  private static final byte GREETS = 64;

  private final LogWatch log = new LogWatch();
  private long fed;

  @Override
  public boolean feed(byte[] input) {
    Sequence sequence = new Sequence(input);
    boolean innocent = sequence.run();
    if (fed++ % RUN_TWICE == 0) {
      Sequence again = new Sequence(input);
      again.run();
      require(again.traceHash().equals(sequence.traceHash()), "I6: one program, one run");
    }
    log.check();
    return innocent;
  }

  @Override
  public List<byte[]> examples() {
    int greets = GREETS;
    int heavier = 24 + 24;
    int tie = heavier + 5;
    int full = tie + 13 + 1;
    return List.of(
        program(0, 0, 0), // nobody comes
        program(0, 0, 0, 3, 0, 1, heavier, 1, 0, greets, 0, 4, 0, 0, heavier, 16, 0, 5, 0),
        program(0, 1, 2, 3, 1, 2, heavier, 1, 1, greets, heavier, 4, 1, 0, heavier, 16, 0, 9, 0),
        program(0, 3, 3, 3, 0, 1, 24, 3, 1, 1, 24, 1, 0, greets, 24, 1, 1, greets, 24, 4, 0, 0, 24),
        program(0, 0, 0, 3, 0, 1, full, 1, 0, greets, 0, 7, 0, 1, full, 16, 0, 2, 0),
        program(0, 0, 0, 3, 2, 1, tie, 1, 2, greets, 0, 8, 2, 12, 0, 16, 0, 3, 0, 23, 2, 26, 1),
        program(0, 0, 0, 1, 3, greets, 0, 8, 3, 5, 0, 16, 0, 11, 0, 9, 3, 1, 0, 2, 3, 1, 0),
        program(0, 0, 0, 1, 0, greets, 0, 6, 0, 9, 9, 6, 0, 10, 3, 6, 0, 11, 7, 6, 0, 15, 1),
        program(1, 0, 0, 3, 0, 1, 24, 3, 1, 1, 24, 22, 0, 0, 0, 1, 1, greets, 0, 17, 0, 3, 0),
        program(0, 0, 0, 18, 0, 0, 0, 19, 0, 0, 0, 1, 0, greets, 0, 27, 0, 8, 0, 16, 0, 30, 0));
  }

  private static byte[] program(int... bytes) {
    byte[] program = new byte[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      program[i < 3 ? i : i + 1] = (byte) bytes[i];
    }
    return program;
  }

  /** Steps are put in, left out, moved, done again or changed; the rest is as it was. */
  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    List<byte[]> steps = steps(example);
    List<byte[]> others = steps(other);
    for (int i = mutator.below(MOST_CHANGES); i >= 0; i--) {
      int at = mutator.below(steps.size() + 1);
      int end = Math.min(steps.size(), at + 1 + mutator.below(LONGEST_PART));
      switch (mutator.below(10)) {
        case 0 -> steps.subList(at, end).clear();
        case 1 -> steps.addAll(at, List.copyOf(steps.subList(at, end)));
        case 2 -> steps.addAll(mutator.below(at + 1), List.copyOf(steps.subList(at, end)));
        case 3 -> steps.addAll(at, part(others, mutator));
        case 4 -> {
          if (at < end) {
            byte[] changed = steps.get(at).clone();
            changed[mutator.below(changed.length)] = (byte) mutator.below(256);
            steps.set(at, changed);
          }
        }
        case 5 -> steps.add(at, comes(mutator));
        default -> steps.add(at, step(mutator));
      }
    }
    byte[] beginning = Arrays.copyOf(example, Sequence.BEGINNING_BYTES);
    if (mutator.below(8) == 0) {
      beginning[mutator.below(beginning.length)] = (byte) mutator.below(256);
    }
    return Bytes.concat(beginning, Bytes.concat(steps.toArray(byte[][]::new)));
  }

  private static List<byte[]> steps(byte[] program) {
    List<byte[]> steps = new ArrayList<>();
    for (int from = Sequence.BEGINNING_BYTES; from < program.length; from += Sequence.STEP_BYTES) {
      steps.add(Arrays.copyOfRange(program, from, from + Sequence.STEP_BYTES));
    }
    return steps;
  }

  private static List<byte[]> part(List<byte[]> steps, Mutator mutator) {
    int from = mutator.below(steps.size() + 1);
    return List.copyOf(steps.subList(from, mutator.below(steps.size() - from + 1) + from));
  }

  /** Somebody who greets well: or most of what others say would be said to nobody. */
  private static byte[] comes(Mutator mutator) {
    return new byte[] {
      1, (byte) mutator.below(Sequence.STRANGERS), GREETS, (byte) mutator.below(256)
    };
  }

  private static byte[] step(Mutator mutator) {
    byte[] step = new byte[Sequence.STEP_BYTES];
    step[0] = (byte) mutator.below(Sequence.KINDS);
    for (int i = 1; i < step.length; i++) {
      step[i] = (byte) mutator.below(256);
    }
    return step;
  }
}
