package dev.dolmen.node.api;

import dev.dolmen.node.follow.SyncedChain;

/** Looks at the chain as it was last synced to disk, from a worker. */
final class ChainReads {

  private final SyncedChain chain;

  ChainReads(SyncedChain chain) {
    this.chain = chain;
  }

  /**
   * Reads; must be called on a worker, since it waits for the disk.
   *
   * @throws ProblemException if the chain does not hold still, or the node is stopping
   */
  <T> T read(SyncedChain.Reading<T> reading) throws ProblemException {
    return chain
        .read(reading)
        .orElseThrow(
            () ->
                Problem.unavailable(
                        "the chain is being reorganised, or the node is busy or stopping; ask again"
                            + " in a second")
                    .asException());
  }
}
