package dev.dolmen.node;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.store.ChainedHeader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds up what several blocks did to the best chain, so that it is told as one step. */
final class TipMovement {

  private @Nullable ChainedHeader before;
  private @Nullable ChainedHeader after;
  private final ArrayDeque<BlockHash> disconnected = new ArrayDeque<>();
  private final ArrayDeque<BlockHash> connected = new ArrayDeque<>();

  void add(ChainUpdate update) {
    if (!update.movedTip()) {
      return;
    }
    if (before == null) {
      before = update.before();
    }
    after = update.after();
    for (BlockHash hash : update.disconnected()) {
      if (hash.equals(connected.peekLast())) {
        connected.removeLast();
      } else {
        disconnected.addLast(hash);
      }
    }
    connected.addAll(update.connected());
  }

  /** Everything since it was last taken; empty if the tip is where it was. */
  Optional<ChainUpdate> take() {
    ChainedHeader from = before;
    ChainedHeader to = after;
    if (from == null || to == null) {
      return Optional.empty();
    }
    ChainUpdate sum = new ChainUpdate(from, to, List.copyOf(disconnected), List.copyOf(connected));
    before = null;
    after = null;
    disconnected.clear();
    connected.clear();
    return Optional.of(sum);
  }
}
