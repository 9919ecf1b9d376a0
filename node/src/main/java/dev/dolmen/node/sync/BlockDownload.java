package dev.dolmen.node.sync;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the blocks of one branch from all peers at once, and hands them out in order.
 *
 * <p>What is under way or waits for its turn is a window on the branch, bounded in blocks, so that
 * the memory for small ones is, and in bytes, so that large ones are. Each peer has a few requests
 * open, more with every answer. Whoever does not deliver is given nothing more, and what it was
 * asked for is asked of others; it loses its link only if it stays silent for long.
 */
final class BlockDownload {

  /** Blocks under way or waiting for one before them: 32 full requests. */
  static final int MAX_WINDOW_BLOCKS = 8_192;

  /**
   * Canonical bytes of blocks under way, by estimate, and waiting for one before them, in fact:
   * sixteen of the largest default blocks. A hard bound for those that wait.
   */
  static final long MAX_WINDOW_BYTES = 16L * 1024 * 1024;

  /**
   * Estimated bytes of the blocks in one request, unless a single block has more. It is this much
   * for a peer that has all its requests open, and less in proportion for one that has fewer: a
   * slow line must be able to bring the first ones before it counts as silent.
   */
  static final long MAX_REQUEST_BYTES = 1024 * 1024;

  /** Requests open with one peer: they keep its line busy while each answer travels. */
  static final int MAX_OPEN_REQUESTS = 16;

  /** Requests open with a peer that has not delivered yet, so that a silent one holds up little. */
  static final int FIRST_OPEN_REQUESTS = 2;

  /**
   * While somebody is idle, one part in so many of a peer's patience is all it gets for the block
   * that everybody waits for: 500 ms at first, some round trips.
   */
  static final int IDLE_PART = 4;

  /** What an entry is taken to have until the first ones have come, in bytes. */
  private static final long FIRST_ENTRY_BYTES = 1_000;

  /** New blocks count for one part in so many in the average size of an entry. */
  private static final long AVERAGED_OVER = 16;

  /** A block that came, and who sent it. */
  record Arrived(Block block, PeerId from, PeerId teller) {}

  private static final class Slot {
    private final Branch.Wanted wanted;
    private long estimate;
    private @Nullable Request asked;
    private @Nullable Arrived arrived;

    private Slot(Branch.Wanted wanted) {
      this.wanted = wanted;
    }
  }

  private static final class Request {
    private final Instant asked;

    /** Whether it goes to a peer that told the branch; others may lack it. */
    private final boolean wasTold;

    private final Set<BlockHash> left = new LinkedHashSet<>();

    private Request(Instant asked, boolean wasTold) {
      this.asked = asked;
      this.wasTold = wasTold;
    }
  }

  private static final class Source {
    private final Map<Long, Request> open = new LinkedHashMap<>();
    private int limit = FIRST_OPEN_REQUESTS;

    long requestBytes() {
      return MAX_REQUEST_BYTES * limit / MAX_OPEN_REQUESTS;
    }

    private long lacksFrom = Long.MAX_VALUE;
    private Duration patience = Patience.FIRST;
    private Instant progress = Instant.MIN;
    private boolean isStalled;

    /** The last thing heard of it was a block. */
    private boolean delivers;

    void delivered(Instant now) {
      progress = now;
      isStalled = false;
      delivers = true;
    }
  }

  private final Chain chain;
  private final BlockRules rules;
  private final long interval;
  private final RequestIds requestIds;
  private final Map<PeerId, Source> sources = new LinkedHashMap<>();
  private final TreeMap<Long, Slot> window = new TreeMap<>();
  private final Map<BlockHash, Slot> byHash = new HashMap<>();
  private final TreeMap<Long, Slot> toAsk = new TreeMap<>();
  private final List<Block> late = new ArrayList<>();
  private @Nullable Branch branch;
  private long bytesAsked;
  private long bytesArrived;
  private long entryBytes = FIRST_ENTRY_BYTES;
  private Instant progress = Instant.MIN;

  /** Fetches blocks beside one chain. */
  BlockDownload(NetworkParameters parameters, Chain chain, RequestIds requestIds) {
    this.chain = chain;
    this.rules = new BlockRules(parameters);
    this.interval = parameters.intervalMillis();
    this.requestIds = requestIds;
  }

  /** A peer that may be asked from now on. */
  void onPeerReady(PeerId peer) {
    sources.put(peer, new Source());
  }

  /** A peer is gone: what it was asked for is asked of others. */
  void onPeerGone(PeerId peer) {
    Source gone = sources.remove(peer);
    if (gone != null) {
      gone.open.values().forEach(this::giveUp);
    }
  }

  /** A peer has shown something new: it may have what it lacked. */
  void hasNews(PeerId peer) {
    Source source = sources.get(peer);
    if (source != null) {
      source.lacksFrom = Long.MAX_VALUE;
    }
  }

  /**
   * Fetches the blocks of this branch from now on, instead of any other.
   *
   * @return whether it is another one than before
   */
  boolean follow(@Nullable Branch target, Moment now) {
    if (branch == target) {
      return false;
    }
    window.clear();
    byHash.clear();
    toAsk.clear();
    bytesAsked = 0;
    bytesArrived = 0;
    branch = target;
    progress = now.steady();
    sources.values().forEach(source -> source.lacksFrom = Long.MAX_VALUE);
    return true;
  }

  // Asking.

  /**
   * Asks for as much as the window has room for. What is waited for first is asked of those who
   * told the branch, so that it is shown whether they have it, and then of those who deliver.
   *
   * @param tells whether a peer told the branch
   */
  List<NodeAction> ask(Predicate<PeerId> tells, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    boolean asked = branch != null;
    while (asked) {
      asked = false;
      List<Map.Entry<PeerId, Source>> inOrder =
          sources.entrySet().stream()
              .sorted(
                  Comparator.<Map.Entry<PeerId, Source>, Boolean>comparing(
                          entry -> !tells.test(entry.getKey()))
                      .thenComparing(entry -> !entry.getValue().delivers))
              .toList();
      for (Map.Entry<PeerId, Source> entry : inOrder) {
        Source source = entry.getValue();
        if (source.isStalled || source.open.size() >= source.limit) {
          continue;
        }
        Request request = nextRequest(source, tells.test(entry.getKey()), now);
        if (!request.left.isEmpty()) {
          if (source.open.isEmpty()) {
            source.progress = now.steady();
          }
          long id = requestIds.next(entry.getKey());
          source.open.put(id, request);
          actions.add(new Send(entry.getKey(), Wire.getBlocks(id, List.copyOf(request.left))));
          asked = true;
        }
      }
    }
    return actions;
  }

  private Request nextRequest(Source source, boolean told, Moment now) {
    Request request = new Request(now.steady(), told);
    long bytes = 0;
    while (request.left.size() < Limits.MAX_BLOCKS_PER_REQUEST) {
      Optional<Slot> next = nextToAsk();
      if (next.isEmpty() || next.get().wanted.height() >= source.lacksFrom) {
        break;
      }
      Slot slot = next.get();
      long estimate = BlockHeader.BYTES + entryBytes * slot.wanted.transactions();
      boolean fits = bytesAsked + bytesArrived + estimate <= MAX_WINDOW_BYTES;
      boolean isFirst = slot.wanted.height() == window.firstKey();
      boolean fitsRequest = request.left.isEmpty() || bytes + estimate <= source.requestBytes();
      if (!(fits || isFirst) || !fitsRequest) {
        break;
      }
      toAsk.remove(slot.wanted.height());
      slot.asked = request;
      slot.estimate = estimate;
      bytes += estimate;
      bytesAsked += estimate;
      request.left.add(slot.wanted.hash());
    }
    return request;
  }

  /** The lowest block that nobody is asked for, taken into the window if that has room. */
  private Optional<Slot> nextToAsk() {
    Branch from = verifyNotNull(branch);
    while (toAsk.isEmpty() && window.size() < MAX_WINDOW_BLOCKS) {
      Optional<Branch.Wanted> next = from.peek();
      if (next.isEmpty()) {
        break;
      }
      Branch.Wanted wanted = next.get();
      from.take(wanted);
      if (chain.contains(wanted.hash())) {
        from.connected(wanted.hash()); // It has come another way.
        continue;
      }
      Slot slot = new Slot(wanted);
      window.put(wanted.height(), slot);
      byHash.put(wanted.hash(), slot);
      toAsk.put(wanted.height(), slot);
    }
    return toAsk.isEmpty() ? Optional.empty() : Optional.of(toAsk.firstEntry().getValue());
  }

  private void giveUp(Request request) {
    for (BlockHash hash : request.left) {
      Slot slot = byHash.get(hash);
      if (slot != null && slot.asked == request) {
        release(slot);
        toAsk.put(slot.wanted.height(), slot);
      }
    }
  }

  private void release(Slot slot) {
    if (slot.asked != null) {
      bytesAsked -= slot.estimate;
      slot.asked = null;
    }
  }

  // Answers.

  /** Whether an answer with blocks is one we wait for. */
  boolean awaits(PeerId peer, long requestId) {
    Source source = sources.get(peer);
    return source != null && source.open.containsKey(requestId);
  }

  /** Whether the peer was asked for blocks that it never told of. */
  boolean mayLack(PeerId peer, long requestId) {
    Source source = sources.get(peer);
    Request request = source == null ? null : source.open.get(requestId);
    return request != null && !request.wasTold;
  }

  /**
   * A peer answered a question that {@link #awaits} says is open.
   *
   * @param more whether another response to the same question follows
   */
  List<NodeAction> onBlocks(
      PeerId peer, long requestId, List<Block> blocks, boolean more, Moment now) {
    late.clear();
    Source source = verifyNotNull(sources.get(peer));
    Request request = verifyNotNull(source.open.get(requestId));
    if (blocks.isEmpty() && more) {
      return List.of(Disconnect.violation(peer, "GetBlocks answered with nothing, and more of it"));
    }
    for (Block block : blocks) {
      if (!request.left.remove(block.hash())) {
        return List.of(
            Disconnect.violation(
                peer, "block " + block.hash() + " was not asked for, or came before"));
      }
      Slot slot = byHash.get(block.hash());
      if (slot == null && !chain.contains(block.hash())) {
        late.add(block);
      }
      if (slot == null || slot.arrived != null) {
        continue;
      }
      Optional<Violation> otherBody = rules.bodyMatchesHeader(block);
      if (otherBody.isPresent()) {
        release(slot);
        toAsk.put(slot.wanted.height(), slot);
        source.isStalled = true;
        source.open.values().forEach(this::giveUp);
        return List.of(Disconnect.violation(peer, otherBody.get().about(block.header())));
      }
      arrived(slot, block, peer);
      source.delivered(now.steady());
    }
    if (!more) {
      source.open.remove(requestId);
      isAnswered(source, request);
    }
    return List.of();
  }

  private void arrived(Slot slot, Block block, PeerId peer) {
    release(slot);
    toAsk.remove(slot.wanted.height());
    slot.arrived = new Arrived(block, peer, slot.wanted.teller());
    bytesArrived += block.size();
    int entries = block.transactions().size();
    if (entries > 0) {
      long average = ((long) block.size() - BlockHeader.BYTES) / entries;
      entryBytes += (average - entryBytes) / AVERAGED_OVER;
    }
    while (bytesArrived > MAX_WINDOW_BYTES && dropHighestArrived()) {
      // Until what waits is within its bound.
    }
  }

  /** The first block of the window stays, whatever its size: it waits for none. */
  private boolean dropHighestArrived() {
    for (Slot slot : window.descendingMap().values()) {
      if (slot.arrived != null) {
        if (slot.wanted.height() == window.firstKey()) {
          return false;
        }
        bytesArrived -= slot.arrived.block().size();
        slot.arrived = null;
        toAsk.put(slot.wanted.height(), slot);
        return true;
      }
    }
    return false;
  }

  /** What was left out of a complete answer, the peer lacks, and probably what is on top of it. */
  private void isAnswered(Source source, Request request) {
    boolean isComplete = request.left.isEmpty();
    for (BlockHash hash : request.left) {
      Slot slot = byHash.get(hash);
      if (slot != null) {
        source.lacksFrom = Math.min(source.lacksFrom, slot.wanted.height());
      }
    }
    giveUp(request);
    source.isStalled = false;
    if (isComplete) {
      source.limit = Math.min(source.limit + 1, MAX_OPEN_REQUESTS);
      source.patience = Patience.shorter(source.patience);
    }
  }

  /** A peer would not answer the question we asked. */
  void onRefusal(PeerId peer, long requestId) {
    Source source = verifyNotNull(sources.get(peer));
    Request request = source.open.remove(requestId);
    if (request != null) {
      isAnswered(source, request);
    }
  }

  /**
   * Blocks of the last answer that were asked for when another branch was followed, and that are
   * not here yet. Only their hashes are checked.
   */
  List<Block> late() {
    return List.copyOf(late);
  }

  /** A late block of a peer was of use after all. */
  void tookLate(PeerId peer, Moment now) {
    verifyNotNull(sources.get(peer)).delivered(now.steady());
  }

  // In order.

  /** The branch's next block, if it is here. */
  Optional<Arrived> next() {
    return window.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(window.firstEntry().getValue().arrived);
  }

  /** Waits no longer for blocks that have come to the chain another way: by relay, or late. */
  void skipWhatIsHere(Moment now) {
    while (!window.isEmpty()) {
      Slot first = window.firstEntry().getValue();
      if (first.arrived != null || !chain.contains(first.wanted.hash())) {
        return;
      }
      release(first);
      toAsk.remove(first.wanted.height());
      window.pollFirstEntry();
      byHash.remove(first.wanted.hash());
      verifyNotNull(branch).connected(first.wanted.hash());
      progress = now.steady();
    }
  }

  /** What {@link #next} gave is in the chain. */
  void connected(Moment now) {
    Slot slot = window.pollFirstEntry().getValue();
    byHash.remove(slot.wanted.hash());
    bytesArrived -= verifyNotNull(slot.arrived).block().size();
    verifyNotNull(branch).connected(slot.wanted.hash());
    progress = now.steady();
  }

  /** When the branch last grew in the chain, or began to be fetched. */
  Instant progress() {
    return progress;
  }

  /** Whether nobody is left who may have the next block. */
  boolean isWithheld() {
    if (window.isEmpty() || window.firstEntry().getValue().arrived != null) {
      return false;
    }
    long first = window.firstKey();
    return sources.values().stream().noneMatch(source -> source.lacksFrom > first);
  }

  // Time.

  /** Asks others for what a peer does not deliver; ends its link if that lasts. */
  List<NodeAction> onTick(Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    sources.forEach(
        (peer, source) -> {
          if (source.open.isEmpty()) {
            return;
          }
          if (isStalling(source) && !now.steady().isBefore(stallsAt(source))) {
            replace(source);
          }
          if (!now.steady().isBefore(endsAt(source, giveUpAfter()))) {
            source.open.values().forEach(this::giveUp);
            source.open.clear();
            actions.add(
                new Disconnect(
                    peer,
                    new DisconnectReason(
                        DisconnectReason.Code.TIMEOUT,
                        "GetBlocks without a block for " + giveUpAfter().toSeconds() + " s")));
          }
        });
    if (holdsUntil().filter(until -> !now.steady().isBefore(until)).isPresent()) {
      replace(holderOf(window.firstEntry().getValue()).orElseThrow());
    }
    return actions;
  }

  /** Others are asked for what the peer holds up; it gets more time when its turn comes again. */
  private void replace(Source source) {
    source.isStalled = true;
    source.delivers = false;
    source.patience = Patience.longer(source.patience);
    source.limit = FIRST_OPEN_REQUESTS;
    source.open.values().forEach(this::giveUp);
  }

  /**
   * Until when the peer that is asked for the first block of the window may take, if somebody else
   * has nothing to do: each of its blocks may come in time, and all of them much too late. It is a
   * part of the usual patience, since asking whoever is idle costs little.
   */
  private Optional<Instant> holdsUntil() {
    if (window.isEmpty()) {
      return Optional.empty();
    }
    Slot first = window.firstEntry().getValue();
    return holderOf(first)
        .filter(holder -> sources.values().stream().anyMatch(s -> s != holder && isIdle(s, first)))
        .map(holder -> verifyNotNull(first.asked).asked.plus(holder.patience.dividedBy(IDLE_PART)));
  }

  private Optional<Source> holderOf(Slot slot) {
    return sources.values().stream()
        .filter(source -> slot.asked != null && source.open.containsValue(slot.asked))
        .findFirst();
  }

  private static boolean isIdle(Source source, Slot first) {
    return !source.isStalled && source.open.isEmpty() && source.lacksFrom > first.wanted.height();
  }

  /** If there is nobody else, it simply stays asked. */
  private boolean isStalling(Source source) {
    return !source.isStalled && sources.size() > 1;
  }

  private static Instant stallsAt(Source source) {
    return source.progress.plus(source.patience);
  }

  private static Instant endsAt(Source source, Duration giveUpAfter) {
    return source.progress.plus(giveUpAfter);
  }

  /** Long enough for a slow line that is shared with all the others. */
  private Duration giveUpAfter() {
    long others = sources.values().stream().filter(source -> !source.open.isEmpty()).count() - 1;
    Duration shared = Duration.ofMillis(interval + interval * Math.max(0, others) / 2);
    return shared.compareTo(Limits.REQUEST_TIMEOUT) > 0 ? shared : Limits.REQUEST_TIMEOUT;
  }

  /** When {@link #onTick} next wants to be called. */
  Optional<Instant> nextWake() {
    Earliest earliest = new Earliest();
    Duration giveUpAfter = giveUpAfter();
    for (Source source : sources.values()) {
      if (!source.open.isEmpty()) {
        earliest.add(endsAt(source, giveUpAfter));
        if (isStalling(source)) {
          earliest.add(stallsAt(source));
        }
      }
    }
    return earliest.add(holdsUntil()).get();
  }

  // Looking.

  /** What the branch waits for, in words. */
  Optional<String> waitingFor() {
    if (window.isEmpty() || window.firstEntry().getValue().arrived != null) {
      return Optional.empty();
    }
    long first = window.firstKey();
    Request request = window.firstEntry().getValue().asked;
    if (request == null) {
      return Optional.of(
          "block " + String.format(Locale.ROOT, "%,d", first) + " from a peer that has it");
    }
    long last = first;
    for (Slot slot : window.values()) {
      if (slot.asked != request) {
        break;
      }
      last = slot.wanted.height();
    }
    String blocks =
        last == first
            ? String.format(Locale.ROOT, "block %,d", first)
            : String.format(Locale.ROOT, "blocks %,d to %,d", first, last);
    return sources.entrySet().stream()
        .filter(entry -> entry.getValue().open.containsValue(request))
        .map(entry -> blocks + " from " + entry.getKey().toShortString())
        .findFirst();
  }
}
