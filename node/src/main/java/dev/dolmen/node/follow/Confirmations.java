package dev.dolmen.node.follow;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How deep in the chain an entry has to be before somebody relies on it: how many blocks of the
 * best chain stand on its block, that one counted.
 *
 * @param blocks 1 is the tip
 */
public record Confirmations(long blocks) {
  public Confirmations {
    checkArgument(blocks >= 1, "%s confirmations: the tip has 1", blocks);
  }

  /** So many blocks, the entry's own counted; reads well where it is imported statically. */
  public static Confirmations confirmations(long blocks) {
    return new Confirmations(blocks);
  }
}
