package dev.dolmen.node.relay;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
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

/**
 * Announces pending transactions by id and fetches those a peer announces, each from one peer at a
 * time: from the next announcer if the first does not send it in time.
 */
public final class TransactionRelay {

  /** Ids remembered for each peer, announced either way. Rule: {@code docs/protocol.md#limits} */
  static final int MAX_ANNOUNCED = 5_000;

  /** Transactions asked of one peer and not yet answered. */
  static final int MAX_IN_FLIGHT = 100;

  /**
   * Requests open with one peer. What is announced meanwhile is asked for together, so that a burst
   * of announcements does not become more requests than a peer lets wait.
   */
  static final int MAX_OPEN_FETCHES = 4;

  /** How long an announcer may take before the next one is asked. */
  static final Duration FETCH_TIMEOUT = Duration.ofSeconds(10);

  private final RequestIds requestIds;
  private final Predicate<TransactionId> isKnown;
  private final Map<PeerId, Link> links = new LinkedHashMap<>();

  /** Who is asked for a transaction now, so that nobody else is. */
  private final Map<TransactionId, PeerId> asked = new LinkedHashMap<>();

  private static final class Link {
    /** What both sides know both sides know, so that nothing is announced twice. */
    private final KnownHashes<TransactionId> shared = new KnownHashes<>(MAX_ANNOUNCED);

    /** Announced by the peer, not fetched yet; one try for each announcement. */
    private final Set<TransactionId> announced = new LinkedHashSet<>();

    private final Map<Long, Fetch> fetches = new LinkedHashMap<>();

    int inFlight() {
      return fetches.values().stream().mapToInt(fetch -> fetch.ids().size()).sum();
    }
  }

  private record Fetch(List<TransactionId> ids, Instant deadline) {}

  /**
   * A relay that fetches what is not known.
   *
   * @param isKnown whether a transaction is pending or included here
   */
  public TransactionRelay(RequestIds requestIds, Predicate<TransactionId> isKnown) {
    this.requestIds = requestIds;
    this.isKnown = isKnown;
  }

  /** A new link begins with what is pending here, the newest that may be announced at once. */
  public List<NodeAction> onPeerReady(PeerId peer, List<TransactionId> pending) {
    Link link = new Link();
    links.put(peer, link);
    return announceTo(
        peer, link, pending.subList(Math.max(0, pending.size() - MAX_ANNOUNCED), pending.size()));
  }

  /**
   * The peer is gone, and with it everything held for it; what it was asked for is asked elsewhere.
   */
  public List<NodeAction> onPeerGone(PeerId peer, Instant now) {
    Link link = links.remove(peer);
    if (link != null) {
      link.fetches.values().forEach(fetch -> fetch.ids().forEach(asked::remove));
    }
    return fetchWhatIsFree(now);
  }

  /** Tells everyone who lacks them about transactions that wait here now. */
  public List<NodeAction> announce(Collection<TransactionId> ids) {
    List<NodeAction> actions = new ArrayList<>();
    links.forEach((peer, link) -> actions.addAll(announceTo(peer, link, ids)));
    return actions;
  }

  private static List<NodeAction> announceTo(
      PeerId peer, Link link, Collection<TransactionId> ids) {
    List<TransactionId> lacking = ids.stream().filter(link.shared::add).toList();
    List<NodeAction> actions = new ArrayList<>();
    for (int from = 0; from < lacking.size(); from += Limits.MAX_INVENTORY) {
      int to = Math.min(lacking.size(), from + Limits.MAX_INVENTORY);
      actions.add(new Send(peer, Wire.newTransactions(lacking.subList(from, to))));
    }
    return actions;
  }

  /** A peer announces transactions. */
  public List<NodeAction> onAnnouncement(PeerId peer, List<TransactionId> ids, Instant now) {
    Link link = links.get(peer);
    if (link == null) {
      return List.of();
    }
    for (TransactionId id : ids) {
      link.shared.add(id);
      if (!isKnown.test(id) && link.announced.size() < MAX_ANNOUNCED) {
        link.announced.add(id);
      }
    }
    return fetch(peer, link, now);
  }

  /** Whether an answer with transactions is one we wait for. */
  public boolean awaits(PeerId peer, long requestId) {
    Link link = links.get(peer);
    return link != null && link.fetches.containsKey(requestId);
  }

  /**
   * A peer answered a request that {@link #awaits} says is open, whatever it answered.
   *
   * @return those of the transactions that were asked for, in the answer's order
   */
  public List<Transaction> onAnswer(PeerId peer, long requestId, List<Transaction> transactions) {
    Link link = verifyNotNull(links.get(peer));
    Fetch fetch = verifyNotNull(link.fetches.remove(requestId));
    fetch.ids().forEach(asked::remove);
    Set<TransactionId> wanted = new LinkedHashSet<>(fetch.ids());
    List<Transaction> given =
        transactions.stream().filter(transaction -> wanted.remove(transaction.id())).toList();
    if (!given.isEmpty()) {
      link.announced.addAll(wanted); // An answer holds what fits; the rest is asked again.
    }
    return given;
  }

  /** Asks for what may be asked for now: after an answer, a deadline, or a peer that went. */
  public List<NodeAction> fetchWhatIsFree(Instant now) {
    List<NodeAction> actions = new ArrayList<>();
    links.forEach((peer, link) -> actions.addAll(fetch(peer, link, now)));
    return actions;
  }

  private List<NodeAction> fetch(PeerId peer, Link link, Instant now) {
    if (link.fetches.size() >= MAX_OPEN_FETCHES) {
      return List.of();
    }
    List<TransactionId> ids = takeLacking(link, MAX_IN_FLIGHT - link.inFlight());
    if (ids.isEmpty()) {
      return List.of();
    }
    ids.forEach(id -> asked.put(id, peer));
    long requestId = requestIds.next(peer);
    link.fetches.put(requestId, new Fetch(ids, now.plus(FETCH_TIMEOUT)));
    Envelope request = Wire.getTransactions(requestId, ids);
    return List.of(new Send(peer, request));
  }

  /**
   * What may be asked of this peer now. It looks at no more than that: a look may go to the disk,
   * and peers decide how often we come here.
   */
  private List<TransactionId> takeLacking(Link link, int most) {
    List<TransactionId> lacking = new ArrayList<>();
    Iterator<TransactionId> announced = link.announced.iterator();
    while (lacking.size() < most && announced.hasNext()) {
      TransactionId id = announced.next();
      if (!asked.containsKey(id)) {
        announced.remove();
        if (!isKnown.test(id)) {
          lacking.add(id);
        }
      }
    }
    return lacking;
  }

  /** Gives up on announcers that took too long, and asks the next ones. */
  public List<NodeAction> onTick(Instant now) {
    boolean gaveUp = false;
    for (Link link : links.values()) {
      List<Long> late =
          link.fetches.entrySet().stream()
              .filter(entry -> !now.isBefore(entry.getValue().deadline()))
              .map(Map.Entry::getKey)
              .toList();
      for (Long requestId : late) {
        verifyNotNull(link.fetches.remove(requestId)).ids().forEach(asked::remove);
        gaveUp = true;
      }
    }
    return gaveUp ? fetchWhatIsFree(now) : List.of();
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    return links.values().stream()
        .flatMap(link -> link.fetches.values().stream())
        .map(Fetch::deadline)
        .min(Comparator.naturalOrder());
  }
}
