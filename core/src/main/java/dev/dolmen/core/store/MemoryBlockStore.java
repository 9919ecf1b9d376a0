package dev.dolmen.core.store;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.ImmutableList;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.PublicKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Keeps everything in memory, for tests, simulations and networks that are gone when they stop. It
 * grows with the chain. One lock makes every look consistent, as the contract asks; nothing is held
 * while anything is computed.
 */
public final class MemoryBlockStore implements BlockStore {

  private final Map<BlockHash, StoreChange.NewBlock> blocks = new HashMap<>();
  private final List<BlockHash> best = new ArrayList<>();
  private final Map<TransactionId, TransactionPlace> places = new HashMap<>();
  private final Map<PublicKey, NavigableMap<Spot, TransactionPlace>> authors = new HashMap<>();
  private final Map<BlockHash, SideBlock> side = new LinkedHashMap<>();
  private final ArrayDeque<BlockHash> invalid = new ArrayDeque<>();
  private final TreeMap<Long, List<Transaction>> keptByExpiry = new TreeMap<>();

  /** A store that holds the network's genesis block. */
  public MemoryBlockStore(NetworkParameters parameters) {
    Block genesis = parameters.genesis();
    apply(
        new StoreChange.Builder()
            .store(genesis, new HeaderRules(parameters).workOf(genesis.header()))
            .connect(genesis)
            .build());
  }

  @Override
  public synchronized ChainedHeader tip() {
    return verifyNotNull(blocks.get(best.get(best.size() - 1))).chained();
  }

  @Override
  public synchronized Optional<ChainedHeader> header(BlockHash hash) {
    return Optional.ofNullable(blocks.get(hash)).map(StoreChange.NewBlock::chained);
  }

  @Override
  public synchronized Optional<Block> block(BlockHash hash) {
    return Optional.ofNullable(blocks.get(hash)).map(StoreChange.NewBlock::block);
  }

  @Override
  public synchronized Optional<BlockHash> hashAt(long height) {
    return height < 0 || height >= best.size()
        ? Optional.empty()
        : Optional.of(best.get((int) height));
  }

  @Override
  public synchronized List<BlockHash> hashesFrom(long height, int limit) {
    if (height < 0 || height >= best.size()) {
      return List.of();
    }
    int from = (int) height;
    return ImmutableList.copyOf(
        best.subList(from, (int) Math.min(best.size(), (long) from + limit)));
  }

  @Override
  public synchronized Optional<TransactionPlace> locate(TransactionId id) {
    return Optional.ofNullable(places.get(id));
  }

  @Override
  public synchronized List<TransactionPlace> byAuthor(
      PublicKey author, long fromHeight, int fromIndex, int limit) {
    NavigableMap<Spot, TransactionPlace> written = authors.get(author);
    return written == null
        ? List.of()
        : written.tailMap(new Spot(fromHeight, fromIndex), true).values().stream()
            .limit(limit)
            .toList();
  }

  @Override
  public synchronized List<SideBlock> sideBlocks() {
    return List.copyOf(side.values());
  }

  @Override
  public synchronized List<BlockHash> invalidBlocks() {
    return List.copyOf(invalid);
  }

  @Override
  public List<BlockHash> damagedBlocks() {
    return List.of();
  }

  @Override
  public synchronized void forEachKept(Consumer<Transaction> viewer) {
    keptByExpiry.values().forEach(sameExpiry -> sameExpiry.forEach(viewer));
  }

  @Override
  public synchronized void apply(StoreChange change) {
    for (StoreChange.NewBlock block : change.blocks()) {
      blocks.put(block.block().hash(), block);
    }
    for (Block sound : change.restored()) {
      StoreChange.NewBlock stored = verifyNotNull(blocks.get(sound.hash()));
      blocks.put(sound.hash(), new StoreChange.NewBlock(sound, stored.totalWork()));
    }
    for (StoreChange.Entry entry : change.disconnected()) {
      places.remove(entry.place().id());
      NavigableMap<Spot, TransactionPlace> written = verifyNotNull(authors.get(entry.author()));
      written.remove(Spot.of(entry.place()));
      if (written.isEmpty()) {
        authors.remove(entry.author());
      }
    }
    for (StoreChange.Entry entry : change.connected()) {
      places.put(entry.place().id(), entry.place());
      authors
          .computeIfAbsent(entry.author(), author -> new TreeMap<>())
          .put(Spot.of(entry.place()), entry.place());
    }
    change
        .order()
        .ifPresent(
            order -> {
              best.subList((int) order.firstHeight(), best.size()).clear();
              best.addAll(order.hashes());
            });
    change.newSide().forEach(block -> side.put(block.hash(), block));
    change.noLongerSide().forEach(side::remove);
    for (BlockHash hash : change.forgotten()) {
      blocks.remove(hash);
      side.remove(hash);
    }
    for (BlockHash hash : change.invalid()) {
      if (invalid.size() == MAX_INVALID_BLOCKS) {
        invalid.removeFirst();
      }
      invalid.addLast(hash);
    }
    for (Transaction own : change.kept()) {
      keptByExpiry.computeIfAbsent(own.expiryHeight(), height -> new ArrayList<>()).add(own);
    }
    keptByExpiry.headMap(tip().height(), true).clear();
  }

  @Override
  public void sync() {
    // Memory has no disk to wait for.
  }

  @Override
  public long room() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {
    // Nothing is held but memory.
  }

  /** Chain order: by height, then by place in the block. */
  private record Spot(long height, int index) implements Comparable<Spot> {
    static Spot of(TransactionPlace place) {
      return new Spot(place.height(), place.index());
    }

    @Override
    public int compareTo(Spot other) {
      int byHeight = Long.compare(height, other.height);
      return byHeight != 0 ? byHeight : Integer.compare(index, other.index);
    }
  }
}
