package dev.dolmen.core.chain;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.collect.Lists;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.ChainedHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which stored blocks are not on the best chain, and which of them is forgotten first when there
 * are too many: the end of the branch with the least work, so that no stored block ever lacks its
 * parent. Of two with equal work it is the one with the higher hash, since a lower one costs more
 * to make.
 *
 * <p>One branch is exempt: the one that was last proved heavier than the best chain by its headers,
 * whose blocks are being fetched. It counts again once another is, or when as many blocks of other
 * branches as there is room for have come since it grew.
 */
final class SideBlocks {

  /**
   * Blocks of side branches, the exempt one aside. Where work is nearly free anybody can make them;
   * where it is not, there are a few in a day. Some 200 bytes of memory each.
   */
  static final int MAX_BLOCKS = 4_096;

  /** Canonical bytes of them: what anybody can make us keep on disk. */
  static final long MAX_BYTES = 256L * 1024 * 1024;

  /**
   * A block that lacks more work than so many blocks like the tip are worth is not stored, unless
   * its branch was proved heavier. Source: {@code GetAntiDoSWorkThreshold} of Bitcoin Core.
   */
  static final int MAX_DEPTH = 144;

  private static final Comparator<Entry> FORGOTTEN_FIRST =
      Comparator.comparing(Entry::totalWork).thenComparing(Entry::hash, Comparator.reverseOrder());

  private final int maxBlocks;
  private final long maxBytes;
  private final Map<BlockHash, Entry> entries = new HashMap<>();

  /** How many of the blocks here have this parent, which may be on the best chain. */
  private final Map<BlockHash, Integer> children = new HashMap<>();

  /** Ends of branches, but for the exempt one. */
  private final TreeSet<Entry> ends = new TreeSet<>(FORGOTTEN_FIRST);

  private int counted;
  private long countedBytes;

  /** The end of the exempt branch. */
  private @Nullable Entry exemptEnd;

  /** Parent of the exempt branch's first block, as long as that is on the best chain. */
  private @Nullable BlockHash exemptBase;

  /** Blocks of other branches that have come since the exempt one grew. */
  private int sinceItGrew;

  private static final class Entry {
    private final BlockHash hash;
    private final BlockHash parent;
    private final Work totalWork;
    private final int size;
    private boolean exempt;

    Entry(ChainedHeader chained, int size) {
      this.hash = chained.hash();
      this.parent = chained.header().previousHash();
      this.totalWork = chained.totalWork();
      this.size = size;
    }

    BlockHash hash() {
      return hash;
    }

    Work totalWork() {
      return totalWork;
    }
  }

  SideBlocks() {
    this(MAX_BLOCKS, MAX_BYTES);
  }

  SideBlocks(int maxBlocks, long maxBytes) {
    this.maxBlocks = maxBlocks;
    this.maxBytes = maxBytes;
  }

  /**
   * What must be forgotten so that one more block finds room, ends of branches first. Nothing
   * changes yet.
   *
   * @return empty if the block itself would be the first to be forgotten
   */
  Optional<List<BlockHash>> roomFor(ChainedHeader chained, int size) {
    Entry newcomer = new Entry(chained, size);
    List<Entry> forgotten = new ArrayList<>();
    insert(newcomer);
    while (counted > maxBlocks || countedBytes > maxBytes) {
      Entry first = ends.first();
      extract(first);
      forgotten.add(first);
      if (first == newcomer) {
        Lists.reverse(forgotten).forEach(this::insert);
        extract(newcomer);
        return Optional.empty();
      }
    }
    Lists.reverse(forgotten).forEach(this::insert);
    extract(newcomer);
    return Optional.of(forgotten.stream().map(Entry::hash).toList());
  }

  /** A block was stored off the best chain, or left it. */
  void add(ChainedHeader chained, int size) {
    Entry entry = new Entry(chained, size);
    if (entry.hash.equals(exemptBase)) {
      // What the exempt branch stands on left the best chain.
      entry.exempt = true;
      exemptBase = entry.parent;
    }
    insert(entry);
    if (exemptEnd != null && ++sinceItGrew > maxBlocks) {
      endExemption();
    }
  }

  /** A block was stored on a branch that is proved heavier than the best chain. */
  void addProved(ChainedHeader chained, int size) {
    Entry end = new Entry(chained, size);
    if (exemptEnd != null && exemptEnd.hash.equals(end.parent)) {
      end.exempt = true;
      insert(end);
    } else {
      endExemption();
      insert(end);
      for (Entry entry = end; entry != null; entry = entries.get(entry.parent)) {
        setExempt(entry, true);
        exemptBase = entry.parent;
      }
    }
    exemptEnd = end;
    sinceItGrew = 0;
  }

  private void endExemption() {
    for (Entry entry = exemptEnd; entry != null; entry = entries.get(entry.parent)) {
      setExempt(entry, false);
    }
    exemptEnd = null;
    exemptBase = null;
  }

  private void setExempt(Entry entry, boolean exempt) {
    extract(entry);
    entry.exempt = exempt;
    insert(entry);
  }

  /** A block is on the best chain now, or forgotten. One that is not here is none of ours. */
  void remove(BlockHash hash) {
    Entry entry = entries.get(hash);
    if (entry != null) {
      extract(entry);
      if (entry == exemptEnd) {
        exemptEnd = null;
        exemptBase = null;
      } else if (entry.exempt) {
        exemptBase = hash; // Branches enter the best chain from below.
      }
    }
  }

  /** How many blocks count towards the bound. */
  int counted() {
    return counted;
  }

  /**
   * The branches with the most work, heaviest first; each is walked to its beginning, at one look
   * into memory for each block.
   *
   * @param limit how many at most
   */
  List<Fork> heaviest(int limit) {
    List<Entry> found = new ArrayList<>(ends);
    if (exemptEnd != null && !children.containsKey(exemptEnd.hash)) {
      found.add(exemptEnd);
    }
    return found.stream().sorted(FORGOTTEN_FIRST.reversed()).limit(limit).map(this::fork).toList();
  }

  private Fork fork(Entry end) {
    int length = 0;
    BlockHash below = end.hash;
    for (Entry entry = end; entry != null; entry = entries.get(below)) {
      length++;
      below = entry.parent;
    }
    return new Fork(end.hash, below, length);
  }

  private void insert(Entry entry) {
    entries.put(entry.hash, entry);
    if (children.merge(entry.parent, 1, Integer::sum) == 1) {
      Entry parent = entries.get(entry.parent);
      if (parent != null) {
        ends.remove(parent);
      }
    }
    if (!entry.exempt) {
      counted++;
      countedBytes += entry.size;
      if (!children.containsKey(entry.hash)) {
        ends.add(entry);
      }
    }
  }

  private void extract(Entry entry) {
    verifyNotNull(entries.remove(entry.hash));
    ends.remove(entry);
    if (!entry.exempt) {
      counted--;
      countedBytes -= entry.size;
    }
    Integer siblings = verifyNotNull(children.get(entry.parent)) - 1;
    if (siblings > 0) {
      children.put(entry.parent, siblings);
      return;
    }
    children.remove(entry.parent);
    Entry parent = entries.get(entry.parent);
    if (parent != null && !parent.exempt) {
      ends.add(parent);
    }
  }
}
