package dev.dolmen.fuzz;

import java.util.List;

/** One decoder, or a whole node. Whatever it is fed, it accepts, or refuses as it declares. */
public interface FuzzTarget {

  /**
   * Feeds one input. What is accepted is written again and compared, where there is one encoding.
   *
   * @return whether the decoder accepted it
   * @throws Exception anything that the decoder does not declare; that, and any error, is a finding
   */
  boolean feed(byte[] input) throws Exception;

  /** Inputs that are accepted, of every kind there is: where mutations begin. */
  List<byte[]> examples();

  /**
   * An input that is nearly good.
   *
   * @param example one of the examples or of the corpus
   * @param other another, for a part to be taken from
   */
  default byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.bytes(example, other);
  }
}
