package dev.dolmen.node.api;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code /v1/search}: what a text names. A height names one thing; 64 hex digits can be a block, an
 * entry, an author and a peer, so that all that fit are told.
 */
final class SearchEndpoint {

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;

  SearchEndpoint(Dolmen node, ChainReads reads, NodeWorkers workers) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
  }

  /**
   * Something that has the name asked for.
   *
   * @param kind {@code block}, {@code transaction}, {@code author} or {@code peer}
   * @param name by which its own path knows it
   */
  record Found(String kind, String name) {}

  Future<Reply> search(Request request) throws ProblemException {
    String text =
        request
            .query()
            .text("q")
            .map(String::strip)
            .filter(asked -> !asked.isEmpty())
            .orElseThrow(
                () ->
                    Problem.badRequest(
                            "say what for: ?q= with a height, or with the 64 hex digits of a hash,"
                                + " an id or a key")
                        .asException());
    OptionalLong height = Query.decimal(text);
    Optional<TransactionId> id = TransactionId.parseHex(text);
    if (height.isEmpty() && id.isEmpty()) {
      return Future.succeededFuture(reply(List.of()));
    }
    return workers
        .work(() -> reads.read(look -> inChain(look, text, height)))
        .compose(
            found ->
                id.isEmpty() || found.stream().anyMatch(each -> each.kind().equals("transaction"))
                    ? Future.succeededFuture(found)
                    : workers
                        .answered(node.runner().look(machine -> machine.transaction(id.get())))
                        .map(status -> status.isPresent() ? with(found, text) : found))
        .map(SearchEndpoint::reply);
  }

  private static List<Found> with(List<Found> found, String id) {
    List<Found> all = new ArrayList<>(found);
    all.add(new Found("transaction", id));
    return all;
  }

  private List<Found> inChain(ChainLook look, String text, OptionalLong height) {
    List<Found> found = new ArrayList<>();
    Optional<Block> block =
        height.isPresent()
            ? look.blockAt(height.getAsLong())
            : BlockHash.parseHex(text)
                .flatMap(look.reader()::block)
                .filter(stored -> stored.height() <= look.tipHeight());
    block.ifPresent(named -> found.add(new Found("block", named.hash().toHex())));
    TransactionId.parseHex(text)
        .flatMap(look::locate)
        .ifPresent(place -> found.add(new Found("transaction", place.id().toHex())));
    PublicKey.parseHex(text)
        .filter(author -> wroteSomething(look, author))
        .ifPresent(author -> found.add(new Found("author", author.toHex())));
    if (isPeer(text)) {
      found.add(new Found("peer", text));
    }
    return found;
  }

  private static boolean wroteSomething(ChainLook look, PublicKey author) {
    List<TransactionPlace> first = look.reader().byAuthor(author, 0, 1);
    return !first.isEmpty() && first.get(0).height() <= look.tipHeight();
  }

  private boolean isPeer(String text) {
    return node.id().toString().equals(text)
        || node.peers().peers().stream()
            .map(peer -> peer.id())
            .map(PeerId::toString)
            .anyMatch(text::equals);
  }

  private static Reply reply(List<Found> found) {
    return Reply.json(200, Documents.array(found.stream().map(Documents::found).toList()));
  }
}
