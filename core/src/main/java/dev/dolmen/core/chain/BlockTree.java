package dev.dolmen.core.chain;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.ChainedHeader;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All known headers, each with the work of its branch and the timestamps its children are judged
 * by. The most recently used are in memory; the rest is asked of the store, so memory does not grow
 * with the chain.
 */
final class BlockTree {

  /** Enough for the expiry window and some side branches; about 600 bytes each. */
  static final int MAX_HEADERS_IN_MEMORY = 4_096;

  /**
   * A header and the timestamps of up to {@link HeaderRules#MEDIAN_ANCESTORS} blocks ending with
   * it, newest first. They are read when they are first asked for: walking along a branch does not
   * need them.
   */
  final class Node {
    private final ChainedHeader chained;
    private long @Nullable [] timestamps;

    private Node(ChainedHeader chained, long @Nullable [] timestamps) {
      this.chained = chained;
      this.timestamps = timestamps;
    }

    ChainedHeader chained() {
      return chained;
    }

    BlockHash hash() {
      return chained.hash();
    }

    BlockHeader header() {
      return chained.header();
    }

    long height() {
      return chained.height();
    }

    /** What a child's timestamp must exceed. */
    long medianTimePast() {
      return HeaderRules.median(timestamps());
    }

    /** To be left as they are by whoever asks. */
    long[] timestamps() {
      long[] known = timestamps;
      if (known == null) {
        known = readTimestamps(header());
        timestamps = known;
      }
      return known;
    }
  }

  private final BlockReader store;
  private final Map<BlockHash, Node> recent =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BlockHash, Node> eldest) {
          return size() > MAX_HEADERS_IN_MEMORY;
        }
      };

  BlockTree(BlockReader store) {
    this.store = store;
  }

  /** A known header of any branch. */
  Optional<Node> find(BlockHash hash) {
    return Optional.ofNullable(findOrNull(hash));
  }

  /** A header that is known to be there. */
  Node get(BlockHash hash) {
    Node node = findOrNull(hash);
    if (node == null) {
      throw new IllegalStateException("header " + hash + " is linked to but not stored");
    }
    return node;
  }

  /**
   * A known header of any branch, for a question that says nothing about whether it is asked for
   * again: it takes nobody's place in memory.
   */
  Optional<ChainedHeader> peek(BlockHash hash) {
    Node node = recent.get(hash);
    return node != null ? Optional.of(node.chained()) : store.header(hash);
  }

  /** The same of a header that is known to be there. */
  ChainedHeader header(BlockHash hash) {
    return peek(hash)
        .orElseThrow(
            () -> new IllegalStateException("header " + hash + " is linked to but not stored"));
  }

  private @Nullable Node findOrNull(BlockHash hash) {
    Node node = recent.get(hash);
    if (node != null) {
      return node;
    }
    ChainedHeader stored = store.header(hash).orElse(null);
    if (stored == null) {
      return null;
    }
    Node loaded = new Node(stored, null);
    recent.put(hash, loaded);
    return loaded;
  }

  /** Notes a header that was just stored. */
  void add(ChainedHeader child, Node parent) {
    long[] timestamps = HeaderCursor.prepend(child.header().timestamp(), parent.timestamps());
    recent.put(child.hash(), new Node(child, timestamps));
  }

  /** A header is not stored any more. */
  void forget(BlockHash hash) {
    recent.remove(hash);
  }

  private long[] readTimestamps(BlockHeader newest) {
    long[] timestamps = new long[HeaderRules.MEDIAN_ANCESTORS];
    int count = 0;
    BlockHeader header = newest;
    while (true) {
      timestamps[count++] = header.timestamp();
      if (count == timestamps.length || header.height() == 0) {
        return Arrays.copyOf(timestamps, count);
      }
      BlockHash previous = header.previousHash();
      Node inMemory = recent.get(previous);
      header =
          inMemory != null
              ? inMemory.header()
              : store
                  .header(previous)
                  .orElseThrow(
                      () ->
                          new IllegalStateException(
                              "header " + previous + " is linked to but not stored"))
                  .header();
    }
  }

  /** The parent, which every header but genesis has. */
  Node parentOf(Node node) {
    return get(node.header().previousHash());
  }
}
