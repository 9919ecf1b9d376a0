package dev.dolmen.node.sync;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.HeaderCursor;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A branch of headers on a block we have, each of them checked, whose blocks we lack. It is told in
 * two passes if it has to be: of a long branch that is not heavier than ours yet, only the first
 * headers are kept and after them one hash for each answer, a checkpoint. Once it has shown to be
 * heavier the rest is told again, and must lead to the same checkpoints. So a branch of any length
 * that never becomes heavier costs little memory, and no disk at all.
 */
final class Branch {

  /** Headers kept of a branch that is not proved heavier: about 160 bytes each, 1 MB for a peer. */
  static final int MAX_KEPT_HEADERS = 6_000;

  /**
   * Checkpoints after them: about 100 bytes each, 0.8 MB for a peer; at 2,000 headers each, half a
   * year of blocks each second.
   */
  static final int MAX_CHECKPOINTS = 8_192;

  /**
   * A block we lack.
   *
   * @param transactions how many its header counts
   * @param teller who told us its header
   */
  record Wanted(BlockHash hash, long height, int transactions, PeerId teller) {}

  private record Checkpoint(BlockHash hash, long height) {}

  /**
   * What came of some headers.
   *
   * @param fault which rule one of them broke, in words
   * @param early the first one that is from the future, where we stopped
   * @param isOther whether they are not the ones that were told the first time
   */
  record Told(Optional<String> fault, Optional<BlockHeader> early, boolean isOther) {
    private static final Told GOOD = new Told(Optional.empty(), Optional.empty(), false);
    private static final Told OTHER = new Told(Optional.empty(), Optional.empty(), true);

    private static Told fault(BlockHeader header, Violation violation) {
      String sentence = "header " + header.height() + " " + header.hash() + ": ";
      return new Told(Optional.of(sentence + violation.sentence()), Optional.empty(), false);
    }

    private static Told early(BlockHeader header) {
      return new Told(Optional.empty(), Optional.of(header), false);
    }
  }

  private final Chain chain;
  private final ArrayDeque<Checkpoint> checkpoints = new ArrayDeque<>();
  private Map<BlockHash, Wanted> ahead = new LinkedHashMap<>();
  private final Map<BlockHash, Wanted> taken = new LinkedHashMap<>();
  private BlockHash keptEnd;
  private HeaderCursor end;
  private boolean isTarget;

  /** An empty branch on a stored block. */
  Branch(Chain chain, HeaderCursor start) {
    this.chain = chain;
    this.keptEnd = start.hash();
    this.end = start;
  }

  /**
   * Goes on along the branch.
   *
   * @param headers not empty, the first one following {@link #askFrom}; nothing else is believed
   * @param now our clock
   */
  Told add(PeerId teller, List<BlockHeader> headers, Instant now) {
    return isToldAgain() ? addAgain(teller, headers, now) : addNew(teller, headers, now);
  }

  private Told addNew(PeerId teller, List<BlockHeader> headers, Instant now) {
    HeaderRules rules = chain.headerRules();
    HeaderCursor place = end;
    Optional<BlockHeader> early = Optional.empty();
    List<Wanted> wanted = new ArrayList<>(headers.size());
    for (BlockHeader header : headers) {
      if (chain.isInvalid(header.hash())) {
        return Told.fault(header, Violation.KNOWN_INVALID);
      }
      Optional<Violation> broken = place.check(header, Seal.NONE);
      if (broken.isPresent()) {
        return Told.fault(header, broken.get());
      }
      if (rules.checkClock(header, now.toEpochMilli()).isPresent()) {
        early = Optional.of(header);
        break;
      }
      place = place.next(header, Seal.NONE);
      wanted.add(wanted(header, teller));
    }
    if (!wanted.isEmpty()) {
      end = place;
      if (isTarget || fits(wanted.size())) {
        keep(wanted);
      } else {
        checkpoints.addLast(new Checkpoint(end.hash(), end.height()));
      }
    }
    return early.map(Told::early).orElse(Told.GOOD);
  }

  private boolean fits(int more) {
    return checkpoints.isEmpty() && ahead.size() + more <= MAX_KEPT_HEADERS;
  }

  /**
   * The second pass. No rule is asked again: whatever leads to a checkpoint by its hashes is what
   * was checked the first time.
   */
  private Told addAgain(PeerId teller, List<BlockHeader> headers, Instant now) {
    List<Wanted> wanted = new ArrayList<>();
    BlockHash last = keptEnd;
    boolean landed = false;
    for (int i = 0; i < headers.size(); i++) {
      if (checkpoints.isEmpty()) {
        return addNew(teller, headers.subList(i, headers.size()), now);
      }
      BlockHeader header = headers.get(i);
      if (!header.previousHash().equals(last)) {
        return Told.OTHER;
      }
      last = header.hash();
      wanted.add(wanted(header, teller));
      Checkpoint checkpoint = checkpoints.getFirst();
      if (header.height() == checkpoint.height()) {
        if (!last.equals(checkpoint.hash())) {
          return Told.OTHER;
        }
        checkpoints.removeFirst();
        keep(wanted);
        wanted.clear();
        landed = true;
      }
    }
    return landed ? Told.GOOD : Told.OTHER;
  }

  private static Wanted wanted(BlockHeader header, PeerId teller) {
    return new Wanted(header.hash(), header.height(), header.transactionCount(), teller);
  }

  private void keep(List<Wanted> wanted) {
    wanted.forEach(block -> ahead.put(block.hash(), block));
    keptEnd = wanted.get(wanted.size() - 1).hash();
  }

  /** From now on its blocks are fetched; no header is left out any more. */
  void becomeTarget() {
    isTarget = true;
  }

  /** Its blocks are not fetched for now; those that were under way are wanted again. */
  void giveBack() {
    Map<BlockHash, Wanted> all = new LinkedHashMap<>(taken);
    all.putAll(ahead);
    ahead = all;
    taken.clear();
    isTarget = false;
  }

  /** Whether it is small enough to be kept for one peer. */
  boolean fitsOnePeer() {
    return ahead.size() <= MAX_KEPT_HEADERS;
  }

  /** Whether headers after {@link #askFrom} were told once, and only their checkpoints kept. */
  boolean isToldAgain() {
    return isTarget && !checkpoints.isEmpty();
  }

  /** The hash after which its next headers are to be asked for. */
  BlockHash askFrom() {
    return isToldAgain() ? keptEnd : end.hash();
  }

  /** Its furthest header that was checked. */
  HeaderCursor end() {
    return end;
  }

  /** Whether no more of it can be remembered without knowing whether it is worth it. */
  boolean isTooLong() {
    return checkpoints.size() >= MAX_CHECKPOINTS;
  }

  /** Whether a block is one of those we lack on this branch. */
  boolean lacks(BlockHash hash) {
    return ahead.containsKey(hash) || taken.containsKey(hash);
  }

  /** Headers whose blocks are not asked for yet. */
  int ahead() {
    return ahead.size();
  }

  /** Whether all its blocks that are known by their headers are here. */
  boolean isDone() {
    return ahead.isEmpty() && taken.isEmpty() && checkpoints.isEmpty();
  }

  /** The next block to ask for, still left in its place. */
  Optional<Wanted> peek() {
    return ahead.isEmpty() ? Optional.empty() : Optional.of(ahead.values().iterator().next());
  }

  /** The first of its blocks that is not here. */
  Optional<Wanted> firstLacking() {
    return ahead.values().stream().filter(wanted -> !chain.contains(wanted.hash())).findFirst();
  }

  /** Of how many of its blocks that we lack a peer has told the headers. */
  int toldBy(PeerId peer) {
    return (int)
        Stream.concat(taken.values().stream(), ahead.values().stream())
            .filter(wanted -> wanted.teller().equals(peer))
            .count();
  }

  /** Takes the block last looked at, to ask for it. */
  void take(Wanted wanted) {
    ahead.remove(wanted.hash());
    taken.put(wanted.hash(), wanted);
  }

  /** A block that was taken is in the chain. */
  void connected(BlockHash hash) {
    taken.remove(hash);
  }
}
