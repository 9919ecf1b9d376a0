package dev.dolmen.node.api;

import dev.dolmen.core.chain.Fork;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code /v1/forks}: branches off the best chain, and how it was reorganised. */
final class ForkEndpoints {

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;
  private final RecentReorgs reorgs;

  ForkEndpoints(Dolmen node, ChainReads reads, NodeWorkers workers, RecentReorgs reorgs) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
    this.reorgs = reorgs;
  }

  /**
   * A branch as it is told.
   *
   * @param base the block of the best chain that it stands on
   * @param length how many blocks it has
   * @param blocks the last of them, newest first, {@value HttpLimits#MAX_FORK_BLOCKS} at most
   */
  record Branch(ChainedHeader base, long length, List<ChainedHeader> blocks) {

    ChainedHeader tip() {
      return blocks.get(0);
    }
  }

  Future<Reply> forks(Request request) throws ProblemException {
    int limit =
        (int)
            request
                .query()
                .number("limit", 1, HttpLimits.MAX_FORKS)
                .orElse(HttpLimits.DEFAULT_LISTED);
    return workers
        .answered(node.runner().look(known -> known.forks(limit)))
        .compose(forks -> workers.work(() -> reads.read(look -> reply(look, forks))));
  }

  private Reply reply(ChainLook look, List<Fork> forks) {
    List<Branch> branches = forks.stream().flatMap(fork -> branch(look, fork).stream()).toList();
    return Reply.json(200, Documents.forks(look.tip(), branches, reorgs.newestFirst()));
  }

  /**
   * A branch in the chain as it is now; empty if it has become the best chain or was forgotten
   * since the node named it.
   */
  private static Optional<Branch> branch(ChainLook look, Fork fork) {
    List<ChainedHeader> blocks = new ArrayList<>();
    Optional<ChainedHeader> below = look.reader().header(fork.tip());
    while (below.isPresent()
        && !look.isOnBestChain(below.get().height(), below.get().hash())
        && blocks.size() < HttpLimits.MAX_FORK_BLOCKS) {
      blocks.add(below.get());
      below = look.reader().header(below.get().header().previousHash());
    }
    if (blocks.isEmpty() || below.isEmpty()) {
      return Optional.empty();
    }
    return below
        .filter(header -> look.isOnBestChain(header.height(), header.hash()))
        .or(() -> look.reader().header(fork.base()))
        .map(base -> new Branch(base, blocks.get(0).height() - base.height(), blocks));
  }
}
