package dev.dolmen.node.devnet;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.UnsafeByteOperations;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.TransactionPlace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells what a reorganisation did to one node's entries: which went back to its pool, and in which
 * block each is again. Owned by that node's thread; reads its chain.
 */
final class Storyteller {

  /** Hashes and ids listed of one reorganisation; more than a page shows. */
  static final int MAX_LISTED = 100;

  /** Entries given back whose return is waited for; the oldest are forgotten. */
  static final int MAX_AWAITED = 1_000;

  /** Entries quoted in a sentence. */
  private static final int MAX_QUOTED = 3;

  private final String node;
  private final BlockReader chain;

  /** Given back and not in the chain again, with how each is called. */
  private final Map<TransactionId, String> awaited =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TransactionId, String> eldest) {
          return size() > MAX_AWAITED;
        }
      };

  Storyteller(String node, BlockReader chain) {
    this.node = node;
    this.chain = chain;
  }

  /** What there is to tell of a new tip, in order. */
  ImmutableList<Happening> tipMoved(ChainUpdate update) {
    ImmutableList.Builder<Happening> story = ImmutableList.builder();
    if (update.isReorganisation()) {
      story.add(reorganisation(update));
    }
    story.add(new Happening.Tip(node, update.after().height(), update.after().hash()));
    for (TransactionId entry : ImmutableList.copyOf(awaited.keySet())) {
      chain.locate(entry).ifPresent(place -> story.add(returned(entry, place)));
    }
    return story.build();
  }

  private Happening reorganisation(ChainUpdate update) {
    List<TransactionId> givenBack = new ArrayList<>();
    for (Transaction entry : entriesOf(update.disconnected())) {
      if (chain.locate(entry.id()).isEmpty()) {
        givenBack.add(entry.id());
        awaited.put(entry.id(), name(entry));
      }
    }
    return new Happening.Reorganisation(
        node,
        update.after().height(),
        update.after().hash(),
        first(update.disconnected()),
        first(update.connected()),
        first(givenBack),
        text(update, givenBack));
  }

  private List<Transaction> entriesOf(List<BlockHash> blocks) {
    return first(blocks).stream()
        .flatMap(hash -> chain.block(hash).map(Block::transactions).stream())
        .flatMap(List::stream)
        .toList();
  }

  private String text(ChainUpdate update, List<TransactionId> givenBack) {
    int gone = update.disconnected().size();
    int came = update.connected().size();
    String what =
        node
            + " gives up "
            + blocks(gone, update.before().height())
            + " for "
            + blocks(came, update.after().height())
            + ", which "
            + (came == 1 ? "has" : "have")
            + " more work";
    if (givenBack.isEmpty()) {
      return what + "; no entry is lost or waits";
    }
    return what
        + "; "
        + (givenBack.size() == 1 ? "one entry goes" : givenBack.size() + " entries go")
        + " back to the pool: "
        + givenBack.stream()
            .limit(MAX_QUOTED)
            .map(id -> awaited.getOrDefault(id, id.toHex()))
            .collect(Collectors.joining(", "))
        + (givenBack.size() > MAX_QUOTED ? ", …" : "");
  }

  private static String blocks(int count, long last) {
    return count == 1 ? "block " + last : "blocks " + (last - count + 1) + " to " + last;
  }

  private Happening returned(TransactionId entry, TransactionPlace place) {
    String name = awaited.getOrDefault(entry, entry.toHex());
    awaited.remove(entry);
    return new Happening.Return(
        node,
        entry,
        place.height(),
        "the entry "
            + name
            + ", which "
            + node
            + " had to give back, is in block "
            + place.height());
  }

  private static String name(Transaction entry) {
    return Wording.payload(UnsafeByteOperations.unsafeWrap(entry.payload().toByteArray()));
  }

  private static <T> List<T> first(List<T> all) {
    return all.subList(0, Math.min(MAX_LISTED, all.size()));
  }
}
