package dev.dolmen.node.api;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.Claim;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.TransactionStatus;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * {@code /v1/transactions/{id}/proof}: what proves, without this node, that an entry is in the
 * chain. Rule: docs/protocol.md#proof-file
 */
final class ProofEndpoint {

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;
  private final Hash256 network;

  ProofEndpoint(Dolmen node, ChainReads reads, NodeWorkers workers) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
    this.network = node.network().hash();
  }

  /** Which headers are wanted. */
  private record Stretch(long first, long last) {}

  Future<Reply> proof(Request request) throws ProblemException {
    TransactionId id = TransactionEndpoints.idOf(request);
    long first = request.query().number("checkpoint", 0, Long.MAX_VALUE).orElse(0);
    long last = request.query().number("tip", 0, Long.MAX_VALUE).orElse(-1);
    return workers
        .work(() -> reads.read(look -> proof(look, id, first, last)))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(found.get())
                    : workers
                        .answered(node.runner().look(machine -> machine.transaction(id)))
                        .map(status -> notIncluded(id, status)));
  }

  private Optional<Reply> proof(ChainLook look, TransactionId id, long first, long last) {
    return look.locate(id)
        .map(
            place -> {
              Stretch stretch = new Stretch(first, last < 0 ? look.tipHeight() : last);
              return complaint(place, stretch, look.tipHeight())
                  .map(Problem::toReply)
                  .orElseGet(() -> proof(look, place, stretch));
            });
  }

  private static Optional<Problem> complaint(TransactionPlace place, Stretch stretch, long tip) {
    if (stretch.last() > tip) {
      return Optional.of(
          Problem.badRequest("the chain ends at height " + tip + "; ask for that '?tip' or less"));
    }
    if (stretch.first() > place.height() || stretch.last() < place.height()) {
      return Optional.of(
          Problem.badRequest(
              "the entry is in block "
                  + place.height()
                  + "; 'checkpoint' may not be above that, and 'tip' not below"));
    }
    long headers = stretch.last() - stretch.first() + 1;
    if (headers > ProofFile.MAX_HEADERS) {
      return Optional.of(
          Problem.badRequest(
              "from block "
                  + stretch.first()
                  + " to block "
                  + stretch.last()
                  + " there are "
                  + headers
                  + " headers, and a proof has at most "
                  + ProofFile.MAX_HEADERS
                  + "; the entry is in block "
                  + place.height()
                  + ": name a '?checkpoint' at or below it that is close enough to '?tip'"));
    }
    return Optional.empty();
  }

  /**
   * Headers are read as the client reads them. They are asked for by their hashes, so that a
   * reorganisation on the way does not mix two branches.
   */
  private Reply proof(ChainLook look, TransactionPlace place, Stretch stretch) {
    List<BlockHash> hashes =
        look.reader().hashesFrom(stretch.first(), (int) (stretch.last() - stretch.first() + 1));
    int offset = (int) (place.height() - stretch.first());
    boolean heldStill =
        hashes.size() == stretch.last() - stretch.first() + 1
            && hashes.get(offset).equals(place.block());
    if (!heldStill) {
      return Problem.unavailable("the chain is being reorganised; ask again in a second").toReply();
    }
    Block block = look.stored(place.block());
    List<Hash256> leaves = block.transactions().stream().map(Transaction::leafHash).toList();
    Claim claim =
        new Claim(
            network,
            block.transactions().get(place.index()),
            place.height(),
            place.index(),
            MerkleTree.proof(leaves, place.index()).path(),
            new ChainPoint(stretch.last(), hashes.get(hashes.size() - 1)));
    Iterator<Json.Content> headers = hashes.stream().map(hash -> header(look, hash)).iterator();
    return new ListPieces(ProofFile.beforeHeaders(claim), headers, ProofFile.AFTER_HEADERS)
        .toReply();
  }

  private static Json.Content header(ChainLook look, BlockHash hash) {
    String encoded =
        ProofFile.header(
            look.reader()
                .header(hash)
                .orElseThrow(
                    () -> new IllegalStateException("block " + hash + " is not in the store"))
                .header());
    return json -> json.writeRawValue(encoded);
  }

  private static Reply notIncluded(TransactionId id, Optional<TransactionStatus> status) {
    if (status.isEmpty()) {
      return TransactionEndpoints.unknown(id);
    }
    return switch (status.get().state()) {
      case PENDING, EVICTED ->
          Problem.of(
                  409,
                  "this transaction is in no block yet, so nothing can be proved; ask again once its"
                      + " state is 'included'")
              .toReply();
      case EXPIRED ->
          Problem.of(409, "this transaction expired without getting into a block; submit it again")
              .toReply();
      case INCLUDED ->
          Problem.unavailable("this transaction got into a block just now; ask again in a second")
              .toReply();
    };
  }
}
