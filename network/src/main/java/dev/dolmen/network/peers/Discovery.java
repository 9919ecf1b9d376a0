package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Endpoint.Group;
import dev.dolmen.network.peers.IpAddress.Reach;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Peers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a node finds others: whom to dial so that it has some links of its own choosing, each to
 * another group of addresses; whom to ask for addresses; what to tell who asks; which addresses to
 * look at only to know whether somebody is there.
 *
 * <p>What it tells are only addresses at which this node itself met a peer, a part of them, the
 * same part for a day, and none that reaches less far than the asker. Pure: times are nanoseconds
 * of one monotonic clock, and the random numbers are passed in. Rule: {@code
 * docs/protocol.md#discovery}
 */
public final class Discovery {

  /** Between two dials, so that a full book is not a flood. */
  static final Duration PACE = Duration.ofMillis(500);

  /** Between two looks whether there is something to do, when there was nothing. */
  static final Duration IDLE = Duration.ofSeconds(5);

  /** Between two looks at an address by chance, as in Bitcoin Core. */
  static final Duration PROBE_INTERVAL = Duration.ofMinutes(2);

  /**
   * Before a peer is asked for addresses again while links are missing; doubled up to ten minutes.
   */
  static final Duration ASK_AGAIN = Duration.ofSeconds(10);

  /** A peer that asks again before this gets nothing. */
  static final Duration ANSWER_PAUSE = Duration.ofSeconds(8);

  /** How long everybody is told the same, unless the book doubles. */
  static final Duration SAME_ANSWER = Duration.ofDays(1);

  /** Of the addresses that may be told, so many in a hundred. */
  static final int TOLD_PERCENT = 23;

  /** But so many in any case: what a newcomer to a small network needs. */
  static final int TOLD_AT_LEAST = 8;

  /** Addresses that one peer may tell at once, and what it may tell in a while: see next. */
  static final int TOKENS = 1_000;

  /** Between two addresses that a peer may tell once its tokens are used up. */
  static final Duration PER_TOKEN = Duration.ofSeconds(10);

  /** Where inbound peers say they listen, waiting to be looked at. */
  static final int MAX_CLAIMS = 128;

  /** Addresses that turned out to be our own. */
  static final int MAX_SELVES = 16;

  /**
   * Addresses at which somebody was met who may not be spoken to; with more, the oldest is dropped.
   */
  static final int MAX_UNLISTED = 1_024;

  /** Links that are dialled first after a restart. */
  static final int ANCHORS = 4;

  private static final int MOST_DOUBLINGS = 6;

  /** What is to be done. */
  public sealed interface Action {
    /** Dial this. */
    record Dial(Endpoint endpoint, boolean onlyProbe) implements Action {}

    /** Ask this link which peers it knows. */
    record Ask(long link) implements Action {}
  }

  /**
   * What a node keeps from one run to the next.
   *
   * @param anchors links of its own choosing, to be dialled first
   * @param book all addresses
   */
  public record Saved(ImmutableList<Endpoint> anchors, AddressBook.Saved book) {

    private static final String ANCHOR = "anchor ";

    /** As lines of text. */
    public List<String> toText() {
      List<String> text = new ArrayList<>();
      anchors.forEach(anchor -> text.add(ANCHOR + anchor));
      text.addAll(book.toText());
      return text;
    }

    /**
     * Reads what {@link #toText} wrote.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Saved parse(List<String> text) {
      ImmutableList.Builder<Endpoint> anchors = ImmutableList.builder();
      int line = 0;
      while (line < text.size() && text.get(line).startsWith(ANCHOR)) {
        String anchor = text.get(line++).substring(ANCHOR.length());
        anchors.add(
            Endpoint.parse(anchor)
                .orElseThrow(() -> new IllegalArgumentException("'" + anchor + "' is no anchor")));
      }
      return new Saved(anchors.build(), AddressBook.Saved.parse(text.subList(line, text.size())));
    }
  }

  private static final class Peer {
    final boolean outbound;
    final Optional<Endpoint> seenAt;
    Optional<Endpoint> listensAt = Optional.empty();
    long nextAsk;
    int asked;
    long answeredAt = Long.MIN_VALUE;
    long tokens = TOKENS;
    long tokensFrom;

    Peer(boolean outbound, Optional<Endpoint> seenAt, long now) {
      this.outbound = outbound;
      this.seenAt = seenAt;
      this.nextAsk = now;
      this.tokensFrom = now;
    }
  }

  private record Told(ImmutableList<Endpoint> endpoints, int bookSize, long at) {}

  private final AddressBook book;
  private final int wanted;
  private final RandomGenerator random;
  private final Map<Long, Peer> peers = new LinkedHashMap<>();
  private final Set<Endpoint> dialling = new LinkedHashSet<>();
  private final Deque<Endpoint> anchors = new ArrayDeque<>();
  private final Deque<Endpoint> claims = new ArrayDeque<>();
  private final Set<Endpoint> selves = new LinkedHashSet<>();
  private final Map<Endpoint, PeerId> unlisted = new LinkedHashMap<>();
  private final Map<Reach, Told> told = new EnumMap<>(Reach.class);
  private @Nullable Endpoint probing;
  private long nextStep;
  private long nextProbe;

  /**
   * @param kept from an earlier life, if there was one
   * @param wanted how many links it wants this side to have dialled
   */
  public Discovery(Optional<Saved> kept, int wanted, RandomGenerator random, long now) {
    this.book =
        kept.map(saved -> AddressBook.restore(saved.book, now))
            .orElseGet(() -> new AddressBook(random));
    this.wanted = wanted;
    this.random = random;
    this.nextStep = now;
    this.nextProbe = now + PROBE_INTERVAL.toNanos();
    kept.ifPresent(saved -> saved.anchors.stream().limit(ANCHORS).forEach(anchors::add));
  }

  /**
   * A peer can be spoken to.
   *
   * @param seenAt the other end of its connection, if that is an IP address
   * @param listeningPort what it says, 0 if it does not listen
   */
  public void onReady(
      long link, boolean outbound, Optional<Endpoint> seenAt, int listeningPort, long now) {
    peers.put(link, new Peer(outbound, seenAt, now));
    if (seenAt.isEmpty()) {
      return;
    }
    if (outbound) {
      dialling.remove(seenAt.get());
      book.heard(seenAt.get(), seenAt.get().group(), now);
      book.reached(seenAt.get(), now);
    } else if (listeningPort > 0) {
      Endpoint claimed = new Endpoint(seenAt.get().ip(), listeningPort);
      unlisted.remove(claimed); // somebody else says now that it is there
      if (isUsable(claimed)) {
        book.heard(claimed, claimed.group(), now);
        if (!book.hasMet(claimed) && claims.size() < MAX_CLAIMS && !claims.contains(claimed)) {
          claims.add(claimed);
        }
      }
    }
    nextStep = now;
  }

  /** A peer is gone. */
  public void onGone(long link, long now) {
    peers.remove(link);
    nextStep = now;
  }

  /**
   * A dial led to a peer of our network that did not become a link.
   *
   * @param link the one there is to that peer already, if there is one
   */
  public void onReached(Endpoint endpoint, OptionalLong link, long now) {
    ended(endpoint, now);
    book.reached(endpoint, now);
    Peer peer = link.isPresent() ? peers.get(link.getAsLong()) : null;
    if (peer != null) {
      peer.listensAt = Optional.of(endpoint);
    }
  }

  /** A dial led to nobody of our network. */
  public void onFailed(Endpoint endpoint, long now) {
    ended(endpoint, now);
    book.failed(endpoint, now);
  }

  /** A dial led to ourselves. */
  public void onSelf(Endpoint endpoint, long now) {
    ended(endpoint, now);
    book.forget(endpoint);
    if (selves.size() < MAX_SELVES) {
      selves.add(endpoint);
    }
  }

  /**
   * A dial led to somebody who is not on the list of whom to speak to. Nobody else is looked for
   * there, until a peer that is says that it listens there or the list changes.
   */
  public void onUnlisted(Endpoint endpoint, PeerId met, long now) {
    ended(endpoint, now);
    book.failed(endpoint, now);
    unlisted.remove(endpoint);
    if (unlisted.size() >= MAX_UNLISTED) {
      unlisted.remove(unlisted.keySet().iterator().next());
    }
    unlisted.put(endpoint, met);
  }

  /** There is another list of whom to speak to. */
  public void onAllowed(AllowList list) {
    unlisted.values().removeIf(list::allows);
  }

  private void ended(Endpoint endpoint, long now) {
    dialling.remove(endpoint);
    if (endpoint.equals(probing)) {
      probing = null;
    }
    nextStep = now + PACE.toNanos();
  }

  /** What this link is told that asks which peers we know. */
  public Peers onQuestion(long link, long now) {
    Peer peer = peers.get(link);
    Optional<Reach> reach =
        Optional.ofNullable(peer).flatMap(p -> p.seenAt).flatMap(at -> at.ip().reach());
    if (peer == null
        || reach.isEmpty()
        || (peer.answeredAt != Long.MIN_VALUE && now - peer.answeredAt < ANSWER_PAUSE.toNanos())) {
      return Peers.getDefaultInstance();
    }
    peer.answeredAt = now;
    Peers.Builder answer = Peers.newBuilder();
    for (Endpoint endpoint : toldTo(reach.get(), now)) {
      answer.addPeers(
          dev.dolmen.protocol.PeerAddress.newBuilder()
              .setAddress(endpoint.ip().toBytes())
              .setPort(endpoint.port()));
    }
    return answer.build();
  }

  private ImmutableList<Endpoint> toldTo(Reach asker, long now) {
    Told last = told.get(asker);
    if (last == null
        || book.triedSize() >= 2 * last.bookSize
        || now - last.at >= SAME_ANSWER.toNanos()) {
      last =
          new Told(
              book.tell(
                  endpoint -> endpoint.ip().reach().filter(asker::canReach).isPresent(),
                  TOLD_PERCENT,
                  TOLD_AT_LEAST,
                  Limits.MAX_ADDRESSES,
                  random),
              book.triedSize(),
              now);
      told.put(asker, last);
    }
    return last.endpoints;
  }

  /**
   * The answer of a link that was asked.
   *
   * @return what is wrong with it, if something is
   */
  public Optional<String> onAnswer(long link, Peers answer, long now) {
    Peer peer = peers.get(link);
    if (peer == null) {
      return Optional.empty();
    }
    if (answer.getPeersCount() > Limits.MAX_ADDRESSES) {
      return Optional.of(answer.getPeersCount() + " addresses, more than " + Limits.MAX_ADDRESSES);
    }
    List<Endpoint> heard = new ArrayList<>();
    for (dev.dolmen.protocol.PeerAddress each : answer.getPeersList()) {
      Optional<IpAddress> ip = IpAddress.of(each.getAddress());
      ByteString id = each.getId();
      if (ip.isEmpty() || (!id.isEmpty() && id.size() != Limits.KEY_BYTES)) {
        return Optional.of("an address or id of a wrong length");
      }
      if (each.getPort() < 1 || each.getPort() > Limits.MAX_PORT) {
        return Optional.of("an address with port " + Integer.toUnsignedString(each.getPort()));
      }
      heard.add(new Endpoint(ip.get(), each.getPort()));
    }
    Optional<Reach> reach = peer.seenAt.flatMap(at -> at.ip().reach());
    for (Endpoint endpoint : heard) {
      if (isUsable(endpoint)
          && endpoint
              .ip()
              .reach()
              .filter(r -> reach.isPresent() && reach.get().canReach(r))
              .isPresent()
          && takeToken(peer, now)) {
        book.heard(endpoint, peer.seenAt.orElseThrow().group(), now);
      }
    }
    nextStep = now;
    return Optional.empty();
  }

  private static boolean takeToken(Peer peer, long now) {
    long more = (now - peer.tokensFrom) / PER_TOKEN.toNanos();
    peer.tokens = Math.min(TOKENS, peer.tokens + more);
    peer.tokensFrom += more * PER_TOKEN.toNanos();
    if (peer.tokens == 0) {
      return false;
    }
    peer.tokens--;
    return true;
  }

  private boolean isUsable(Endpoint endpoint) {
    return endpoint.ip().reach().isPresent()
        && !selves.contains(endpoint)
        && !unlisted.containsKey(endpoint);
  }

  /** Does what is due. */
  public ImmutableList<Action> onTime(long now) {
    if (now - nextStep < 0) {
      return ImmutableList.of();
    }
    nextStep = now + PACE.toNanos();
    ImmutableList.Builder<Action> actions = ImmutableList.builder();
    boolean complete = outbound() >= wanted;
    if (outbound() + dialling.size() < wanted) {
      nextToDial(now).ifPresent(endpoint -> actions.add(dial(endpoint, false, now)));
    }
    if (probing == null) {
      nextToProbe(now).ifPresent(endpoint -> actions.add(dial(endpoint, true, now)));
    }
    peers.forEach(
        (link, peer) -> {
          if ((peer.outbound || !complete)
              && (peer.asked == 0 || !complete)
              && now - peer.nextAsk >= 0) {
            peer.nextAsk = now + (ASK_AGAIN.toNanos() << Math.min(peer.asked, MOST_DOUBLINGS));
            peer.asked++;
            actions.add(new Action.Ask(link));
          }
        });
    ImmutableList<Action> due = actions.build();
    if (due.isEmpty()) {
      nextStep = now + IDLE.toNanos();
    }
    return due;
  }

  private long outbound() {
    return peers.values().stream().filter(peer -> peer.outbound).count();
  }

  private Action dial(Endpoint endpoint, boolean onlyProbe, long now) {
    book.trying(endpoint, now);
    if (onlyProbe) {
      probing = endpoint;
    } else {
      dialling.add(endpoint);
    }
    return new Action.Dial(endpoint, onlyProbe);
  }

  private Optional<Endpoint> nextToDial(long now) {
    while (!anchors.isEmpty()) {
      Endpoint anchor = anchors.remove();
      if (isWanted(anchor)) {
        return Optional.of(anchor);
      }
    }
    return book.draw(false, this::isWanted, random, now);
  }

  /** One link of our own choosing to each group. */
  private boolean isWanted(Endpoint endpoint) {
    Group group = endpoint.group();
    return isUsable(endpoint)
        && !endpoint.equals(probing)
        && peers.values().stream()
            .noneMatch(peer -> peer.listensAt.filter(endpoint::equals).isPresent())
        && dialling.stream().noneMatch(other -> other.group().equals(group))
        && peers.values().stream()
            .filter(peer -> peer.outbound)
            .noneMatch(peer -> peer.seenAt.filter(at -> at.group().equals(group)).isPresent());
  }

  private Optional<Endpoint> nextToProbe(long now) {
    Optional<Endpoint> contested = book.contested(now);
    if (contested.isPresent()) {
      return contested;
    }
    while (!claims.isEmpty()) {
      Endpoint claimed = claims.remove();
      if (!book.hasMet(claimed) && isUsable(claimed) && !dialling.contains(claimed)) {
        return Optional.of(claimed);
      }
    }
    if (now - nextProbe < 0) {
      return Optional.empty();
    }
    nextProbe = now + PROBE_INTERVAL.toNanos();
    return book.draw(
        true, endpoint -> isUsable(endpoint) && !dialling.contains(endpoint), random, now);
  }

  /** When {@link #onTime} next wants to be called, if nothing happens before. */
  public long nextWake() {
    return nextStep;
  }

  /**
   * The links of our own choosing, those that stand longest first: to be dialled first next time.
   */
  public ImmutableList<Endpoint> anchors() {
    return peers.values().stream()
        .filter(peer -> peer.outbound)
        .flatMap(peer -> peer.seenAt.stream())
        .limit(ANCHORS)
        .collect(ImmutableList.toImmutableList());
  }

  /** What is to be kept. */
  public Saved save(long now) {
    return new Saved(anchors(), book.save(now));
  }

  /** Addresses known. */
  public int known() {
    return book.size();
  }
}
