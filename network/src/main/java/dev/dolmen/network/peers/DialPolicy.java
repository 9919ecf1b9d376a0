package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When to dial which address. Addresses are kept for ever and dialled again after each failure:
 * after half a second, then after twice as long each time up to ten seconds, spread by half either
 * way so that many nodes do not call in step. A link that lived as long as the longest pause sets
 * an address back to the beginning. An address that turned out to lead to a peer we have a link to
 * already rests until that peer has gone.
 *
 * <p>Pure: times are nanoseconds of one monotonic clock, and the random numbers are passed in.
 */
public final class DialPolicy {

  /** What an address is doing. */
  public enum Phase {
    DIALLING,
    CONNECTED,
    /** Reached the same peer over another link, which stays. */
    ELSEWHERE,
    WAITING,
    /** Leads to a peer to which there may be no link for now; it is not dialled. */
    CUT
  }

  /**
   * One address for people to read.
   *
   * @param untilNextTry how long from now until it is dialled again; zero unless waiting
   * @param lastFailure why the last attempt or link ended, or empty if none did yet
   */
  public record Status(
      PeerAddress address, Phase phase, Duration untilNextTry, String lastFailure) {}

  private static final class Entry {
    Phase phase = Phase.WAITING;
    long nextTry;
    int failures;
    long connectedAt;
    String lastFailure = "";
    @Nullable PeerId elsewhere;

    /** Whom the address was pinned to, or who answered there last. */
    @Nullable PeerId leadsTo;
  }

  private final Duration first;
  private final Duration most;
  private final RandomGenerator random;
  private final Map<PeerAddress, Entry> entries = new LinkedHashMap<>();
  private final Set<PeerId> cut = new LinkedHashSet<>();

  /** With the pauses of {@link Limits#FIRST_REDIAL_DELAY} and {@link Limits#MAX_REDIAL_DELAY}. */
  public DialPolicy(RandomGenerator random) {
    this(Limits.FIRST_REDIAL_DELAY, Limits.MAX_REDIAL_DELAY, random);
  }

  /**
   * @param first pause after the first failure
   * @param most longest pause, before spreading
   */
  public DialPolicy(Duration first, Duration most, RandomGenerator random) {
    this.first = first;
    this.most = most;
    this.random = random;
  }

  /**
   * Keeps an address from now on; it is due at once. An address that is kept already stays as it
   * is.
   */
  public void add(PeerAddress address, long now) {
    entries.computeIfAbsent(
        address,
        unused -> {
          Entry entry = new Entry();
          entry.nextTry = now;
          entry.leadsTo = address.id().orElse(null);
          return entry;
        });
  }

  /** Forgets an address. */
  public void remove(PeerAddress address) {
    entries.remove(address);
  }

  /**
   * The addresses to dial now, in the order in which they were added; from now on they count as
   * being dialled.
   */
  public ImmutableList<PeerAddress> takeDue(long now) {
    ImmutableList.Builder<PeerAddress> due = ImmutableList.builder();
    entries.forEach(
        (address, entry) -> {
          if (phaseOf(entry) == Phase.WAITING && now - entry.nextTry >= 0) {
            entry.phase = Phase.DIALLING;
            due.add(address);
          }
        });
    return due.build();
  }

  /** The handshake with whoever answers at this address is done. */
  public void connected(PeerAddress address, long now) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.phase = Phase.CONNECTED;
      entry.connectedAt = now;
    }
  }

  /**
   * The attempt failed or the link that came of it has ended; try again later.
   *
   * @return whether this is another failure than the last, and so worth telling
   */
  public boolean ended(PeerAddress address, String why, long now) {
    Entry entry = entries.get(address);
    if (entry == null) {
      return false;
    }
    if (entry.phase == Phase.CONNECTED && now - entry.connectedAt >= most.toNanos()) {
      entry.failures = 0;
    }
    boolean news = !why.equals(entry.lastFailure);
    entry.lastFailure = why;
    entry.phase = Phase.WAITING;
    entry.nextTry = now + pause(entry.failures);
    entry.failures++;
    return news;
  }

  /**
   * As {@link #ended}, and it is not dialled again for so long at least.
   *
   * @param rest how long
   */
  public boolean rests(PeerAddress address, String why, Duration rest, long now) {
    boolean news = ended(address, why, now);
    Entry entry = entries.get(address);
    if (entry != null && entry.nextTry - (now + rest.toNanos()) < 0) {
      entry.nextTry = now + rest.toNanos();
    }
    return news;
  }

  /** Whether an address is kept that is pinned to this peer, or led to it last. */
  public boolean keeps(PeerId peer) {
    return entries.entrySet().stream()
        .anyMatch(
            kept ->
                kept.getKey().id().equals(Optional.of(peer))
                    || peer.equals(kept.getValue().leadsTo));
  }

  /** An address that is not dialled now is due at once. */
  public void hurry(PeerAddress address, long now) {
    Entry entry = entries.get(address);
    if (entry != null && entry.phase == Phase.WAITING) {
      entry.nextTry = now;
    }
  }

  /**
   * The peer at this address has another link to us, which stays: no need to dial while it lasts.
   */
  public void elsewhere(PeerAddress address, PeerId peer) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.phase = Phase.ELSEWHERE;
      entry.elsewhere = peer;
    }
  }

  /** No link to this peer is left: the addresses that rested because of it are dialled again. */
  public void gone(PeerId peer, String why, long now) {
    entries.forEach(
        (address, entry) -> {
          if (entry.phase == Phase.ELSEWHERE && peer.equals(entry.elsewhere)) {
            entry.elsewhere = null;
            ended(address, why, now);
          }
        });
  }

  /** The handshake at this address showed who answers there. */
  public void leadsTo(PeerAddress address, PeerId peer) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.leadsTo = peer;
    }
  }

  /** There may be no link to this peer: addresses known to lead to it are not dialled. */
  public void cut(PeerId peer) {
    cut.add(peer);
  }

  /**
   * There may be a link to this peer: addresses known to lead to it are due at once, if they wait,
   * and their pauses begin anew.
   */
  public void heal(PeerId peer, long now) {
    cut.remove(peer);
    entries.values().stream()
        .filter(entry -> entry.phase == Phase.WAITING && peer.equals(entry.leadsTo))
        .forEach(
            entry -> {
              entry.nextTry = now;
              entry.failures = 0;
            });
  }

  private Phase phaseOf(Entry entry) {
    PeerId peer = entry.leadsTo;
    return entry.phase == Phase.WAITING && peer != null && cut.contains(peer)
        ? Phase.CUT
        : entry.phase;
  }

  /** When an address becomes due, if nothing happens before. */
  public OptionalLong nextWake() {
    OptionalLong next = OptionalLong.empty();
    for (Entry entry : entries.values()) {
      if (phaseOf(entry) == Phase.WAITING
          && (next.isEmpty() || entry.nextTry - next.getAsLong() < 0)) {
        next = OptionalLong.of(entry.nextTry);
      }
    }
    return next;
  }

  /** All addresses in the order in which they were added. */
  public ImmutableList<Status> statuses(long now) {
    return entries.entrySet().stream()
        .map(
            kept -> {
              Entry entry = kept.getValue();
              Phase phase = phaseOf(entry);
              long wait = phase == Phase.WAITING ? Math.max(0, entry.nextTry - now) : 0;
              return new Status(kept.getKey(), phase, Duration.ofNanos(wait), entry.lastFailure);
            })
        .collect(ImmutableList.toImmutableList());
  }

  /** Whether this address is kept. */
  public boolean keeps(PeerAddress address) {
    return entries.containsKey(address);
  }

  private long pause(int failures) {
    long doubled = first.toNanos();
    for (int i = 0; i < failures && doubled < most.toNanos(); i++) {
      doubled *= 2;
    }
    long middle = Math.min(doubled, most.toNanos());
    return middle / 2 + random.nextLong(middle + 1);
  }
}
