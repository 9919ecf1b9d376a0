package dev.dolmen.node.api;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.follow.ChainLook;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The last block a client was told of before its stream broke off, as {@code Last-Event-ID:
 * HEIGHT:HASH} says it. Rule: docs/api.md#events
 */
record LastSeen(long height, BlockHash hash) {

  /**
   * What brings a client up to date.
   *
   * @param events to send, in order
   * @param position the tip they lead to
   */
  record Resumption(List<Buffer> events, BlockHash position) {}

  static LastSeen parse(String text) throws ProblemException {
    int colon = text.indexOf(':');
    OptionalLong height =
        colon < 0 ? OptionalLong.empty() : Query.decimal(text.substring(0, colon));
    Optional<BlockHash> hash = BlockHash.parseHex(text.substring(colon + 1));
    if (height.isEmpty() || hash.isEmpty()) {
      throw Problem.badRequest(
              "Last-Event-ID is HEIGHT:HASH, as in the id of the last event; leave it out to start"
                  + " afresh")
          .asException();
    }
    return new LastSeen(height.getAsLong(), hash.get());
  }

  /** Everything that happened to the best chain since. */
  Resumption resume(ChainLook look) {
    ChainedHeader tip = look.tip();
    List<Buffer> events = new ArrayList<>();
    List<BlockHash> disconnected = new ArrayList<>();
    Optional<ChainedHeader> ancestor =
        look.reader().header(hash).filter(header -> header.height() == height);
    while (ancestor.isPresent()
        && !look.isOnBestChain(ancestor.get().height(), ancestor.get().hash())
        && disconnected.size() < HttpLimits.MAX_RESUMED_BLOCKS) {
      disconnected.add(ancestor.get().hash());
      ancestor = look.reader().header(ancestor.get().header().previousHash());
    }
    Optional<ChainedHeader> fork =
        ancestor.filter(header -> look.isOnBestChain(header.height(), header.hash()));
    long from = fork.map(header -> header.height() + 1).orElse(0L);
    if (fork.isEmpty()) {
      events.add(Frame.gap(tip.height(), tip.hash(), from));
      return new Resumption(events, tip.hash());
    }
    long missed = tip.height() - from + 1;
    List<BlockHash> connected =
        missed == 0
            ? List.of()
            : look.reader().hashesFrom(from, (int) Math.min(missed, HttpLimits.MAX_RESUMED_BLOCKS));
    if (!disconnected.isEmpty()) {
      events.add(Frame.reorg(tip.height(), tip.hash(), disconnected, connected));
    }
    if (missed > HttpLimits.MAX_RESUMED_BLOCKS) {
      events.add(Frame.gap(tip.height(), tip.hash(), from));
    } else {
      for (int i = 0; i < connected.size(); i++) {
        events.add(Frame.block(from + i, connected.get(i)));
      }
    }
    return new Resumption(events, tip.hash());
  }
}
