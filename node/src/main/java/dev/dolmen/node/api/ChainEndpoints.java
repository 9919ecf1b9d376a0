package dev.dolmen.node.api;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code /v1/blocks}: looking at the chain, and making the next block. */
final class ChainEndpoints {

  static final String RAW = "application/octet-stream";
  private static final String NAME_OF_LATEST = "latest";

  private final Dolmen node;
  private final ChainReads reads;
  private final NodeWorkers workers;
  private @Nullable Latest latest;

  /** The answer to who asks for the tip: asked often, changed seldom. */
  private record Latest(BlockHash tip, Reply reply) {}

  ChainEndpoints(Dolmen node, ChainReads reads, NodeWorkers workers) {
    this.node = node;
    this.reads = reads;
    this.workers = workers;
  }

  Future<Reply> list(Request request) throws ProblemException {
    long from = request.query().from();
    int limit = request.query().limit();
    Function<ChainLook, Function<BlockHash, Json.Content>> document =
        request.query().yes("transactions", true)
            ? look -> hash -> whole(look, hash)
            : look -> hash -> header(look, hash);
    return workers.work(() -> reads.read(look -> list(look, from, limit, document.apply(look))));
  }

  private static Reply list(
      ChainLook look, long from, int limit, Function<BlockHash, Json.Content> document) {
    long available = Math.max(0, look.tipHeight() - from + 1);
    List<BlockHash> hashes =
        available == 0
            ? List.of()
            : look.reader().hashesFrom(from, (int) Math.min(limit, available));
    return ListPieces.array(hashes.stream().map(document).iterator()).toReply();
  }

  private static Json.Content whole(ChainLook look, BlockHash hash) {
    Block block = look.stored(hash);
    return Documents.block(block, look.confirmations(block.height()));
  }

  private static Json.Content header(ChainLook look, BlockHash hash) {
    ChainedHeader found = look.storedHeader(hash);
    return Documents.header(found.header(), look.confirmations(found.height()));
  }

  Future<Reply> block(Request request) throws ProblemException {
    String name = request.part("block");
    if (name.equals(NAME_OF_LATEST)) {
      return latest();
    }
    return find(
        name, (look, block) -> Reply.json(200, Documents.block(block, confirmations(look, block))));
  }

  Future<Reply> raw(Request request) throws ProblemException {
    String name = request.part("block");
    Converter converter = (look, block) -> Reply.of(200, RAW, Buffer.buffer(block.toBytes()));
    return name.equals(NAME_OF_LATEST)
        ? workers.work(
            () -> reads.read(look -> converter.convert(look, look.stored(look.tip().hash()))))
        : find(name, converter);
  }

  private Future<Reply> latest() {
    NodeView view = node.view();
    Latest known = latest;
    if (known != null && known.tip().equals(view.tip().hash())) {
      return Future.succeededFuture(known.reply());
    }
    return workers
        .work(() -> reads.read(ChainEndpoints::newLatest))
        .map(
            found -> {
              latest = found;
              return found.reply();
            });
  }

  private static Latest newLatest(ChainLook look) {
    BlockHash tip = look.tip().hash();
    return new Latest(tip, Reply.json(200, Documents.block(look.stored(tip), 1)));
  }

  private interface Converter {
    Reply convert(ChainLook look, Block block);
  }

  private Future<Reply> find(String name, Converter converter) throws ProblemException {
    Optional<BlockHash> hash = BlockHash.parseHex(name);
    if (hash.isPresent()) {
      return workers.work(
          () ->
              reads.read(
                  look ->
                      look.reader()
                          .block(hash.get())
                          .filter(block -> block.height() <= look.tipHeight())
                          .map(block -> converter.convert(look, block))
                          .orElseGet(
                              () -> Problem.notFound("no block has the hash " + name).toReply())));
    }
    if (name.isEmpty() || name.chars().anyMatch(c -> c < '0' || c > '9')) {
      throw Problem.badRequest(
              "a block is named by its height, by 64 lower-case hex digits, or as 'latest'")
          .asException();
    }
    OptionalLong height = Query.decimal(name);
    return workers.work(
        () ->
            reads.read(
                look ->
                    look.blockAt(height.orElse(Long.MAX_VALUE))
                        .map(block -> converter.convert(look, block))
                        .orElseGet(
                            () ->
                                Problem.notFound(
                                        "the chain ends at height "
                                            + look.tipHeight()
                                            + "; ask for that or less")
                                    .toReply())));
  }

  private static long confirmations(ChainLook look, Block block) {
    return look.isOnBestChain(block.height(), block.hash())
        ? look.confirmations(block.height())
        : 0;
  }

  /** Makes one block, here and now. */
  Future<Reply> make(Request request) {
    return workers
        .answered(node.runner().ask(Node::makeBlock))
        .compose(
            made ->
                made.isPresent()
                    ? encoded(made.get())
                    : Future.succeededFuture(cannotMake().toReply()));
  }

  private Problem cannotMake() {
    NodeView view = node.view();
    if (view.diskIsFull()) {
      return Problem.unavailable("the node waits for " + view.waitingFor().orElse("room on disk"));
    }
    return node.network().fixedTarget()
        ? Problem.of(
            503,
            "no block can be made now: its target takes too long to meet in passing, or this"
                + " machine's clock is behind the chain; set the clock, or start the node with"
                + " --mine")
        : Problem.of(
            409,
            "blocks cannot be made on demand on network '"
                + node.network().name()
                + "'; start the node with --mine to search for them");
  }

  private Future<Reply> encoded(Block block) {
    return block.size() <= HttpLimits.SMALL_BLOCK_BYTES
        ? Future.succeededFuture(created(block))
        : workers.work(() -> created(block));
  }

  private static Reply created(Block block) {
    return Reply.json(201, Documents.block(block, 1));
  }
}
