package dev.dolmen.node.relay;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.math.IntMath;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Announces pending transactions by id and fetches those a peer announces: each from one announcer,
 * and if that one does not send it in time, from three others at once, then from nine. Whoever let
 * us wait is asked last for a while.
 */
public final class TransactionRelay {

  /** Ids remembered for each peer, announced either way. Rule: {@code docs/protocol.md#limits} */
  public static final int MAX_ANNOUNCED = 5_000;

  /**
   * Announced ids, not fetched yet, of all peers together; some 128 bytes each. The peer with the
   * most loses first.
   */
  static final int MAX_ANNOUNCED_IN_ALL = 100_000;

  /** Transactions asked of one peer and not yet answered. */
  static final int MAX_IN_FLIGHT = 100;

  /**
   * Requests open with one peer. What is announced meanwhile is asked for together, so that a burst
   * of announcements does not become more requests than a peer lets wait.
   */
  static final int MAX_OPEN_FETCHES = 4;

  /**
   * Requests that a peer has not answered, those given up included, after which it is asked nothing
   * more until it answers one: so they cannot become more than it lets wait.
   */
  static final int MAX_UNANSWERED = 2 * MAX_OPEN_FETCHES;

  /** How long an announcer may take before others are asked. */
  static final Duration FETCH_TIMEOUT = Duration.ofSeconds(10);

  /** So many times more announcers are asked at once, each time that nobody answered. */
  static final int MORE_AT_ONCE = 3;

  /** More such steps would ask more than all. */
  static final int MAX_STEPS = 5;

  /** How long a peer that did not answer in time is asked only for what nobody else announced. */
  static final Duration ASKED_LAST = Duration.ofSeconds(60);

  /**
   * Announced ids looked at before one question; the next look goes on after them. Each look may
   * cost a read of the disk, and peers decide how often we look.
   */
  static final int MAX_LOOKED_AT = 5 * MAX_IN_FLIGHT;

  /** Transactions that nobody sent in time are remembered, so many: all that may be in flight. */
  static final int MAX_WITHHELD = Limits.MAX_PEERS * MAX_IN_FLIGHT;

  private final RequestIds requestIds;
  private final Predicate<TransactionId> isKnown;
  private final int largestAnswer;
  private final Map<PeerId, Link> links = new LinkedHashMap<>();

  /** What is asked for now. */
  private final Map<TransactionId, Asked> asked = new LinkedHashMap<>();

  /** How often nobody sent a transaction in time. */
  private final Map<TransactionId, Integer> withheld = new LinkedHashMap<>();

  private long nextHeight = Long.MAX_VALUE;

  /** When to look on: what was looked at last was all known, and nothing else would wake us. */
  private @Nullable Instant lookOnAt;

  private static final class Link {
    /** What both sides know both sides know, so that nothing is announced twice. */
    private final KnownHashes shared = new KnownHashes(MAX_ANNOUNCED);

    /** Announced by the peer, not asked of it yet; one try for each announcement. */
    private final Set<TransactionId> announced = new LinkedHashSet<>();

    /** Announced by the peer, and of use only once our tip has this height. */
    private final Map<TransactionId, Long> early = new LinkedHashMap<>();

    private final Map<Long, Fetch> fetches = new LinkedHashMap<>();

    /** Given up; an answer is still welcome. */
    private final Map<Long, Fetch> late = new LinkedHashMap<>();

    private Instant askedLastUntil = Instant.MIN;

    int inFlight() {
      return fetches.values().stream().mapToInt(fetch -> fetch.ids().size()).sum();
    }

    /** Whether it is asked nothing more until it answers. */
    boolean owesTooMuch() {
      return fetches.size() + late.size() >= MAX_UNANSWERED;
    }

    int held() {
      return announced.size() + early.size();
    }

    void loseOldest(int count) {
      for (int lost = 0; lost < count; lost++) {
        Collection<TransactionId> ids = announced.isEmpty() ? early.keySet() : announced;
        ids.remove(ids.iterator().next());
      }
    }
  }

  private record Fetch(List<TransactionId> ids, Instant deadline) {
    private Fetch {
      ids = List.copyOf(ids);
    }
  }

  /** Announcers asked for one transaction, of this step. */
  private static final class Asked {
    private int all;
    private int open;
  }

  /**
   * A relay that fetches what is not known.
   *
   * @param isKnown whether a transaction is pending or included here
   * @param largestAnswer canonical bytes in one response; an answer that is shorter than asked
   *     although more would have fitted means that the rest is not there
   */
  public TransactionRelay(
      RequestIds requestIds, Predicate<TransactionId> isKnown, int largestAnswer) {
    this.requestIds = requestIds;
    this.isKnown = isKnown;
    this.largestAnswer = largestAnswer;
  }

  /** A new link begins with what is pending here, the newest that may be announced at once. */
  public List<NodeAction> onPeerReady(PeerId peer, List<TransactionId> pending) {
    Link link = new Link();
    links.put(peer, link);
    List<TransactionId> newest =
        pending.subList(Math.max(0, pending.size() - MAX_ANNOUNCED), pending.size());
    newest.forEach(id -> link.shared.add(id.value()));
    return announceTo(List.of(peer), newest);
  }

  /**
   * The peer is gone, and with it everything held for it; what it was asked for is asked elsewhere.
   */
  public List<NodeAction> onPeerGone(PeerId peer, Instant now) {
    Link link = links.remove(peer);
    if (link != null) {
      link.fetches.values().forEach(fetch -> notGiven(fetch.ids(), false));
    }
    return fetchWhatIsFree(now);
  }

  /** Whether both sides know that the peer heard of a transaction, or told of it. */
  public boolean isShared(PeerId peer, TransactionId id) {
    Link link = links.get(peer);
    return link != null && link.shared.contains(id.value());
  }

  /** Tells everyone who lacks them about transactions that wait here now. */
  public List<NodeAction> announce(Collection<TransactionId> ids) {
    Map<List<TransactionId>, List<PeerId>> byLack = new LinkedHashMap<>();
    links.forEach(
        (peer, link) -> {
          List<TransactionId> lacking =
              ids.stream().filter(id -> link.shared.add(id.value())).toList();
          byLack.computeIfAbsent(lacking, lack -> new ArrayList<>()).add(peer);
        });
    List<NodeAction> actions = new ArrayList<>();
    byLack.forEach((lack, peers) -> actions.addAll(announceTo(peers, lack)));
    return actions;
  }

  private static List<NodeAction> announceTo(List<PeerId> peers, List<TransactionId> ids) {
    List<NodeAction> actions = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += Limits.MAX_INVENTORY) {
      int to = Math.min(ids.size(), from + Limits.MAX_INVENTORY);
      actions.add(NodeAction.sendAll(peers, Wire.newTransactions(ids.subList(from, to))));
    }
    return actions;
  }

  /**
   * A peer announces transactions. What it announced before keeps its place, and is not asked of it
   * a second time.
   */
  public List<NodeAction> onAnnouncement(PeerId peer, List<TransactionId> ids, Instant now) {
    Link link = links.get(peer);
    if (link == null) {
      return List.of();
    }
    for (TransactionId id : ids) {
      if (link.held() < MAX_ANNOUNCED && link.shared.add(id.value()) && !isKnown.test(id)) {
        link.announced.add(id);
      }
    }
    holdBoundInAll();
    return fetch(peer, link, now);
  }

  /** Who has the most loses first. Costs little for each id, since strangers decide how many. */
  private void holdBoundInAll() {
    if (announcedInAll() <= MAX_ANNOUNCED_IN_ALL) {
      return;
    }
    int level = 0;
    for (int step = Integer.highestOneBit(MAX_ANNOUNCED); step > 0; step /= 2) {
      if (heldUpTo(level + step) <= MAX_ANNOUNCED_IN_ALL) {
        level += step;
      }
    }
    int spare = MAX_ANNOUNCED_IN_ALL - heldUpTo(level);
    for (Link link : links.values()) {
      int above = link.held() - level;
      if (above > 0) {
        link.loseOldest(spare > 0 ? above - 1 : above);
        spare--;
      }
    }
  }

  /** What would be held if no peer had more than so many. */
  private int heldUpTo(int most) {
    return links.values().stream().mapToInt(link -> Math.min(link.held(), most)).sum();
  }

  /** Announced ids that are held for all peers together. */
  int announcedInAll() {
    return links.values().stream().mapToInt(Link::held).sum();
  }

  /**
   * A transaction that a peer gave is of use only later. It is fetched again once the tip is high
   * enough, and announced then.
   */
  public void tooEarly(PeerId peer, TransactionId id, long fromTipHeight) {
    Link link = links.get(peer);
    if (link != null && link.held() < MAX_ANNOUNCED) {
      link.early.put(id, fromTipHeight);
      nextHeight = Math.min(nextHeight, fromTipHeight);
      holdBoundInAll();
    }
  }

  /** Our tip has this height now. */
  public List<NodeAction> onTip(long height, Instant now) {
    if (height < nextHeight) {
      return List.of();
    }
    for (Link link : links.values()) {
      link.early.forEach(
          (id, from) -> {
            if (from <= height) {
              link.announced.add(id);
            }
          });
      link.early.values().removeIf(from -> from <= height);
    }
    nextHeight =
        links.values().stream()
            .flatMap(link -> link.early.values().stream())
            .min(Comparator.naturalOrder())
            .orElse(Long.MAX_VALUE);
    return fetchWhatIsFree(now);
  }

  /** Whether an answer with transactions is one we wait for, or did not long ago. */
  public boolean awaits(PeerId peer, long requestId) {
    Link link = links.get(peer);
    return link != null
        && (link.fetches.containsKey(requestId) || link.late.containsKey(requestId));
  }

  /**
   * A peer answered a request that {@link #awaits} says is open, whatever it answered.
   *
   * @return those of the transactions that were asked for, in the answer's order
   */
  public List<Transaction> onAnswer(PeerId peer, long requestId, List<Transaction> transactions) {
    Link link = verifyNotNull(links.get(peer));
    Fetch open = link.fetches.remove(requestId);
    Fetch fetch = open == null ? verifyNotNull(link.late.remove(requestId)) : open;
    Set<TransactionId> wanted = new LinkedHashSet<>(fetch.ids());
    List<Transaction> given =
        transactions.stream().filter(transaction -> wanted.remove(transaction.id())).toList();
    for (Transaction transaction : given) {
      asked.remove(transaction.id());
      withheld.remove(transaction.id());
    }
    if (open != null) {
      notGiven(wanted, false);
      if (isFull(given, largestAnswer)) {
        link.announced.addAll(wanted); // An answer holds what fits; the rest is asked again.
      }
    }
    return given;
  }

  /** Whether an answer may have left out the rest because that did not fit. */
  static boolean isFull(List<Transaction> given, int largestAnswer) {
    long bytes = given.stream().mapToLong(Transaction::size).sum();
    long largest = Transaction.MIN_BYTES + Transaction.MAX_PAYLOAD_BYTES;
    long overhead = (given.size() + 1L) * Wire.MAX_OVERHEAD_BYTES;
    return !given.isEmpty() && bytes + overhead + largest > largestAnswer;
  }

  /** Somebody who was asked for these did not send them. */
  private void notGiven(Collection<TransactionId> ids, boolean tookTooLong) {
    for (TransactionId id : ids) {
      Asked announcers = asked.get(id);
      if (announcers != null && --announcers.open == 0) {
        asked.remove(id);
        if (tookTooLong) {
          withheld.merge(id, 1, Integer::sum);
        }
      }
    }
    while (withheld.size() > MAX_WITHHELD) {
      withheld.remove(withheld.keySet().iterator().next());
    }
  }

  /** Asks for what may be asked for now: after an answer, a deadline, or a peer that went. */
  public List<NodeAction> fetchWhatIsFree(Instant now) {
    List<NodeAction> actions = new ArrayList<>();
    for (boolean last : new boolean[] {false, true}) {
      links.forEach(
          (peer, link) -> {
            if (isAskedLast(link, now) == last) {
              actions.addAll(fetch(peer, link, now));
            }
          });
    }
    return actions;
  }

  private static boolean isAskedLast(Link link, Instant now) {
    return now.isBefore(link.askedLastUntil);
  }

  private List<NodeAction> fetch(PeerId peer, Link link, Instant now) {
    if (link.fetches.size() >= MAX_OPEN_FETCHES || link.owesTooMuch()) {
      return List.of();
    }
    List<TransactionId> ids = takeLacking(link, MAX_IN_FLIGHT - link.inFlight(), now);
    if (ids.isEmpty()) {
      return List.of();
    }
    for (TransactionId id : ids) {
      Asked announcers = asked.computeIfAbsent(id, i -> new Asked());
      announcers.all++;
      announcers.open++;
    }
    long requestId = requestIds.next(peer);
    link.fetches.put(requestId, new Fetch(ids, now.plus(FETCH_TIMEOUT)));
    return List.of(new Send(peer, Wire.getTransactions(requestId, ids)));
  }

  /** What may be asked of this peer now. What may not yet goes behind all that was not seen. */
  private List<TransactionId> takeLacking(Link link, int most, Instant now) {
    List<TransactionId> lacking = new ArrayList<>();
    List<TransactionId> notYet = new ArrayList<>();
    boolean last = isAskedLast(link, now);
    int looks = last ? MAX_IN_FLIGHT : MAX_LOOKED_AT; // Its ids are compared with all peers'.
    int known = 0;
    Iterator<TransactionId> announced = link.announced.iterator();
    for (; looks > 0 && lacking.size() < most && announced.hasNext(); looks--) {
      TransactionId id = announced.next();
      if (!mayAskOneMore(id) || (last && isAnnouncedByABetterOne(id, now))) {
        notYet.add(id);
      } else {
        announced.remove();
        if (isKnown.test(id)) {
          known++;
        } else {
          lacking.add(id);
        }
      }
    }
    if (looks == 0) {
      notYet.forEach(link.announced::remove);
      link.announced.addAll(notYet);
      if (lacking.isEmpty() && known > 0) {
        lookOnAt = now;
      }
    }
    return lacking;
  }

  private boolean mayAskOneMore(TransactionId id) {
    Asked announcers = asked.get(id);
    return announcers == null || announcers.all < atOnce(id);
  }

  private int atOnce(TransactionId id) {
    return IntMath.pow(MORE_AT_ONCE, Math.min(withheld.getOrDefault(id, 0), MAX_STEPS));
  }

  private boolean isAnnouncedByABetterOne(TransactionId id, Instant now) {
    return links.values().stream()
        .anyMatch(
            link -> !isAskedLast(link, now) && !link.owesTooMuch() && link.announced.contains(id));
  }

  /** Gives up on announcers that took too long, and asks the next ones. */
  public List<NodeAction> onTick(Instant now) {
    boolean looksAround = lookOnAt != null;
    lookOnAt = null;
    for (Link link : links.values()) {
      List<Long> tooLate =
          link.fetches.entrySet().stream()
              .filter(entry -> !now.isBefore(entry.getValue().deadline()))
              .map(Map.Entry::getKey)
              .toList();
      for (Long requestId : tooLate) {
        Fetch fetch = verifyNotNull(link.fetches.remove(requestId));
        notGiven(fetch.ids(), true);
        link.askedLastUntil = now.plus(ASKED_LAST);
        link.late.put(requestId, fetch);
        looksAround = true;
      }
    }
    return looksAround ? fetchWhatIsFree(now) : List.of();
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    Earliest earliest = new Earliest().add(lookOnAt);
    for (Link link : links.values()) {
      for (Fetch fetch : link.fetches.values()) {
        earliest.add(fetch.deadline());
      }
    }
    return earliest.get();
  }
}
