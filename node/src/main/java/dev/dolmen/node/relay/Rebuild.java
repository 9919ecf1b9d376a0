package dev.dolmen.node.relay;

import com.google.common.primitives.ImmutableLongArray;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.wire.BlockAnnouncement;
import dev.dolmen.protocol.Limits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One announced block whose header is good, on its way to being whole. */
final class Rebuild {

  /**
   * What a peer is asked now.
   *
   * @param indexes of the transactions that are asked for; empty stands for the whole block
   */
  record Question(PeerId peer, long requestId, List<Integer> indexes, Instant deadline) {
    Question {
      indexes = List.copyOf(indexes);
    }

    boolean forWholeBlock() {
      return indexes.isEmpty();
    }
  }

  private final BlockHeader header;
  private final Work totalWork;
  private final ImmutableLongArray leaves;
  private final @Nullable Transaction[] found;
  private final Instant deadline;

  /** In the order in which they announced it, and whether their leaves are these. */
  private final Map<PeerId, Boolean> announcers = new LinkedHashMap<>();

  private final Set<PeerId> asked = new LinkedHashSet<>();
  private long bytes = BlockHeader.BYTES;
  private int missing;
  private boolean wholeBlockNeeded;
  private @Nullable Question open;

  /**
   * A rebuild from an announcement.
   *
   * @param totalWork of the branch that ends in the block
   * @param deadline after which it is given up, whatever progress it makes
   */
  Rebuild(BlockAnnouncement announcement, Work totalWork, Instant deadline) {
    this.header = announcement.header();
    this.totalWork = totalWork;
    this.leaves = announcement.leaves();
    this.found = new @Nullable Transaction[leaves.length()];
    this.missing = leaves.length();
    this.deadline = deadline;
  }

  BlockHash hash() {
    return header.hash();
  }

  BlockHeader header() {
    return header;
  }

  Work totalWork() {
    return totalWork;
  }

  Instant deadline() {
    return deadline;
  }

  /** Canonical bytes of header and transactions so far. */
  long bytes() {
    return bytes;
  }

  // Transactions.

  /** Takes what came along with an announcement that has the same leaves, and what is pending. */
  void fill(BlockAnnouncement same, LongFunction<Optional<Transaction>> pending) {
    same.placed().forEach(this::put);
    for (int i = 0; i < found.length; i++) {
      if (found[i] == null) {
        int index = i;
        pending.apply(leaves.get(i)).ifPresent(transaction -> put(index, transaction));
      }
    }
  }

  /** Whether a transaction may be the one at a place. */
  boolean fits(int index, Transaction transaction) {
    return leaves.get(index) == transaction.leafPrefix();
  }

  void put(int index, Transaction transaction) {
    if (found[index] == null) {
      found[index] = transaction;
      missing--;
      bytes += transaction.size();
    }
  }

  boolean isComplete() {
    return missing == 0;
  }

  /** The block, if it is complete and fits the header. */
  Optional<Block> block(BlockRules rules) {
    List<Transaction> transactions = new ArrayList<>(found.length);
    for (Transaction transaction : found) {
      if (transaction == null) {
        return Optional.empty();
      }
      transactions.add(transaction);
    }
    return Optional.of(Block.of(header, transactions))
        .filter(block -> rules.bodyMatchesHeader(block).isEmpty());
  }

  /** What does not fit together is never put right piece by piece. */
  void needWholeBlock() {
    wholeBlockNeeded = true;
  }

  // Announcers.

  boolean hasSameLeaves(BlockAnnouncement other) {
    return leaves.equals(other.leaves());
  }

  void announcedBy(PeerId peer, boolean sameLeaves) {
    announcers.putIfAbsent(peer, sameLeaves);
  }

  /** Everyone who announced it and is still there; the first is the one it counts for. */
  List<PeerId> announcers() {
    return List.copyOf(announcers.keySet());
  }

  void forget(PeerId peer) {
    announcers.remove(peer);
  }

  // Questions.

  Optional<Question> open() {
    return Optional.ofNullable(open);
  }

  void close() {
    open = null;
  }

  int peersAsked() {
    return asked.size();
  }

  /** The announcers that were not asked yet, in their order. */
  Stream<PeerId> toAsk() {
    return announcers.keySet().stream().filter(peer -> !asked.contains(peer));
  }

  /** Opens a question to a peer: for some of what is missing, or for all if that needs to be. */
  Question ask(PeerId peer, long requestId, Instant until) {
    asked.add(peer);
    boolean pieces = !wholeBlockNeeded && announcers.getOrDefault(peer, false);
    open = new Question(peer, requestId, pieces ? firstMissing() : List.of(), until);
    return open;
  }

  private List<Integer> firstMissing() {
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < found.length && indexes.size() < Limits.MAX_INVENTORY; i++) {
      if (found[i] == null) {
        indexes.add(i);
      }
    }
    return indexes;
  }
}
