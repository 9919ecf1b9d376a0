package dev.dolmen.node.api;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.SubmitResult;
import dev.dolmen.node.TransactionStatus;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code /v1/transactions} and {@code /v1/mempool}: handing entries in, and finding them again. */
final class TransactionEndpoints {

  /** The canonical bytes of a transaction that its author signed elsewhere. */
  static final String SIGNED = "application/vnd.dolmen.transaction";

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;

  TransactionEndpoints(Dolmen node, ChainReads reads, NodeWorkers workers) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
  }

  /** Takes an entry. */
  Future<Reply> submit(Request request) throws ProblemException {
    OptionalLong expiry = request.query().number("expiry", 0, Long.MAX_VALUE);
    byte[] body = request.body().getBytes();
    if (request.mediaType().equals(SIGNED)) {
      if (expiry.isPresent()) {
        throw Problem.badRequest(
                "a signed transaction has its own expiry; leave '?expiry' out, or send the bare"
                    + " payload")
            .asException();
      }
      Transaction transaction = signed(body);
      return workers
          .answered(node.runner().ask((machine, now) -> machine.submit(transaction, now)))
          .map(this::reply);
    }
    if (body.length > Transaction.MAX_PAYLOAD_BYTES) {
      throw Problem.tooLarge(
              "a payload may have "
                  + Transaction.MAX_PAYLOAD_BYTES
                  + " bytes at most; submit a digest of it, or split it")
          .asException();
    }
    Bytes payload = Bytes.wrap(body);
    return workers
        .answered(node.runner().ask((machine, now) -> machine.submit(payload, expiry, now)))
        .map(this::reply);
  }

  private static Transaction signed(byte[] body) throws ProblemException {
    if (body.length > HttpLimits.MAX_SIGNED_TRANSACTION_BYTES) {
      throw Problem.tooLarge(
              "a signed transaction has "
                  + HttpLimits.MAX_SIGNED_TRANSACTION_BYTES
                  + " bytes at most; submit a smaller payload")
          .asException();
    }
    try {
      return Transaction.fromBytes(body);
    } catch (MalformedException e) {
      throw Problem.badRequest(
              "these are not the canonical bytes of a transaction: "
                  + e.getMessage()
                  + "; docs/protocol.md#transaction says how they are made")
          .asException();
    }
  }

  private Reply reply(SubmitResult result) {
    return result.deliverTo(
        new SubmitResult.Reader<Reply>() {
          @Override
          public Reply accepted(Transaction transaction) {
            return Reply.json(202, Documents.accepted(transaction));
          }

          @Override
          public Reply alreadyIncluded(TransactionPlace place) {
            return Problem.of(
                    409,
                    "this transaction is in the chain already, in block "
                        + place.height()
                        + "; nothing is left to do")
                .with(
                    json -> {
                      json.writeStringField("id", place.id().toHex());
                      Documents.place(place, confirmations(place)).writeTo(json);
                    })
                .toReply();
          }

          @Override
          public Reply refused(String why) {
            return Problem.of(422, why).toReply();
          }

          @Override
          public Reply noRoom(String why) {
            return Problem.unavailable(why).toReply();
          }
        });
  }

  private long confirmations(TransactionPlace place) {
    return Math.max(1, node.view().tip().height() - place.height() + 1);
  }

  /** The transaction that the path names. */
  static TransactionId idOf(Request request) throws ProblemException {
    return TransactionId.parseHex(request.part("id"))
        .orElseThrow(
            () ->
                Problem.badRequest("a transaction is named by 64 lower-case hex digits")
                    .asException());
  }

  /** One transaction, wherever it stands. */
  Future<Reply> transaction(Request request) throws ProblemException {
    return find(
        request,
        (places, place) -> Reply.json(200, places.included(place)),
        status -> reply(status));
  }

  /** Its canonical bytes. */
  Future<Reply> raw(Request request) throws ProblemException {
    return find(
        request,
        (places, place) -> bytes(places.transaction(place)),
        status -> bytes(status.transaction()));
  }

  private static Reply bytes(Transaction transaction) {
    return Reply.of(200, ChainEndpoints.RAW, Buffer.buffer(transaction.toBytes()));
  }

  private Future<Reply> find(
      Request request,
      BiFunction<Places, TransactionPlace, Reply> included,
      Function<TransactionStatus, Reply> otherwise)
      throws ProblemException {
    TransactionId id = idOf(request);
    return workers
        .work(
            () ->
                reads.read(
                    look -> look.locate(id).map(place -> included.apply(new Places(look), place))))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(found.get())
                    : workers
                        .answered(node.runner().look(machine -> machine.transaction(id)))
                        .map(status -> status.map(otherwise).orElseGet(() -> unknown(id))));
  }

  private Reply reply(TransactionStatus status) {
    return Reply.json(
        200,
        status
            .place()
            .map(place -> Documents.included(status.transaction(), place, confirmations(place)))
            .orElseGet(() -> Documents.outsideChain(status.transaction(), status.state())));
  }

  static Reply unknown(TransactionId id) {
    return Problem.notFound(
            "no transaction "
                + id
                + " is pending or included here; if it was refused or has expired, submit it again")
        .toReply();
  }

  /** What an author has in the chain. */
  Future<Reply> byAuthor(Request request) throws ProblemException {
    Optional<String> author = request.query().text("author");
    PublicKey key =
        author
            .flatMap(PublicKey::parseHex)
            .orElseThrow(
                () ->
                    Problem.badRequest(
                            "say whose: ?author= with the 64 lower-case hex digits of a public key")
                        .asException());
    long from = request.query().from();
    int index = (int) request.query().number("index", 0, Integer.MAX_VALUE).orElse(0);
    int limit = request.query().limit();
    return workers.work(
        () ->
            reads.read(
                look -> {
                  Places places = new Places(look);
                  List<TransactionPlace> found = look.reader().byAuthor(key, from, index, limit);
                  Iterator<Json.Content> elements =
                      found.stream()
                          .filter(place -> place.height() <= look.tipHeight())
                          .map(places::included)
                          .iterator();
                  return ListPieces.array(elements).toReply();
                }));
  }

  /** What waits for a block, oldest first. */
  Future<Reply> mempool(Request request) throws ProblemException {
    int limit =
        (int)
            request.query().number("limit", 1, HttpLimits.MAX_LISTED).orElse(HttpLimits.MAX_LISTED);
    long after = request.query().cursor("after").orElse(Long.MIN_VALUE);
    return workers
        .answered(
            node.runner()
                .look(
                    machine ->
                        new Pool(
                            machine.view().mempoolTransactions(),
                            machine.view().mempoolBytes(),
                            machine.pending(after, limit))))
        .compose(pool -> workers.work(pool::toReply));
  }

  private record Pool(int count, long bytes, Mempool.Page page) {
    Reply toReply() {
      Iterator<Json.Content> elements =
          page.transactions().stream()
              .map(transaction -> Documents.outsideChain(transaction, TransactionState.PENDING))
              .iterator();
      String next = page.last().isPresent() ? Query.quotedCursor(page.last().getAsLong()) : "null";
      return new ListPieces(
              "{\"count\":"
                  + count
                  + ",\"bytes\":"
                  + bytes
                  + ",\"next\":"
                  + next
                  + ",\"transactions\":[",
              elements,
              "]}")
          .toReply();
    }
  }

  /** Finds included transactions; neighbours often share a block. */
  private static final class Places {
    private final ChainLook look;
    private @Nullable Block last;

    Places(ChainLook look) {
      this.look = look;
    }

    Json.Content included(TransactionPlace place) {
      return Documents.included(transaction(place), place, look.confirmations(place.height()));
    }

    Transaction transaction(TransactionPlace place) {
      return block(place.block()).transactions().get(place.index());
    }

    private Block block(BlockHash hash) {
      Block block = last;
      if (block == null || !block.hash().equals(hash)) {
        block = look.stored(hash);
        last = block;
      }
      return block;
    }
  }
}
