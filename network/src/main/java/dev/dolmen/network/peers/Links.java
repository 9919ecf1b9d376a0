package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason.Code;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which links there are: at most one to each peer, and so many in total. When strangers have taken
 * all places that they may, the next one takes the place of one of them, if any may be evicted.
 *
 * <p>When a second link to a peer is ready, both ends must keep the same one without talking about
 * it:
 *
 * <ul>
 *   <li>Dialled from opposite ends, the one dialled by the smaller id stays if it lives. A newcomer
 *       with that advantage has just shown that it lives and replaces the old one; otherwise the
 *       old one is pinged, and replaced if it stays silent.
 *   <li>Dialled by the same side, the side that was dialled decides, since only one side may: it
 *       pings the old link and replaces it if it stays silent. The side that dialled keeps both
 *       until it hears the verdict.
 * </ul>
 *
 * <p>While this is open the newcomer is neither read nor written. Pure: times are nanoseconds of
 * one monotonic clock. Rule: {@code docs/protocol.md}, one link per pair of peers.
 */
public final class Links {

  private static final class Pool {
    final long current;
    final boolean currentOutbound;
    boolean heard;
    @Nullable Challenger challenger;

    Pool(long current, boolean currentOutbound) {
      this.current = current;
      this.currentOutbound = currentOutbound;
    }
  }

  private record Challenger(long link, boolean outbound, long deadline, boolean othersDecide) {}

  private final PeerId self;
  private final int maxPeers;
  private final int reservedForDialled;
  private final long duplicateNanos;
  private final Supplier<OptionalLong> evictable;
  private final Map<PeerId, Pool> pools = new LinkedHashMap<>();
  private final Map<Long, PeerId> peers = new LinkedHashMap<>();

  /**
   * @param maxPeers peers in total
   * @param reservedForDialled places among them that inbound peers may not take
   * @param duplicate how long an old link may take to show that it lives
   * @param evictable the inbound link whose place a newcomer may take, if there is one; asked when
   *     there is no other
   */
  public Links(
      PeerId self,
      int maxPeers,
      int reservedForDialled,
      Duration duplicate,
      Supplier<OptionalLong> evictable) {
    this.self = self;
    this.maxPeers = maxPeers;
    this.reservedForDialled = reservedForDialled;
    this.duplicateNanos = duplicate.toNanos();
    this.evictable = evictable;
  }

  /** A link's handshake succeeded. */
  public ImmutableList<LinkAction> handshaken(long link, PeerId peer, boolean outbound, long now) {
    Pool pool = pools.get(peer);
    if (pool == null) {
      return firstLink(link, peer, outbound);
    }
    if (pool.challenger != null) {
      return ImmutableList.of(refuse(link, "two other links to this peer are being compared"));
    }
    boolean sameSide = pool.currentOutbound == outbound;
    boolean weAreSmaller = self.compareTo(peer) < 0;
    if (!sameSide && outbound == weAreSmaller) {
      long old = pool.current;
      peers.remove(old);
      take(link, peer, outbound);
      return ImmutableList.of(
          refuse(old, "a link dialled by the smaller id replaces this one"),
          new LinkAction.Admit(link));
    }
    boolean othersDecide = sameSide && outbound;
    long patience = othersDecide ? 2 * duplicateNanos : duplicateNanos;
    peers.put(link, peer);
    pool.heard = false;
    pool.challenger = new Challenger(link, outbound, now + patience, othersDecide);
    return ImmutableList.of(new LinkAction.Ping(pool.current));
  }

  /** Something arrived on an admitted link. */
  public ImmutableList<LinkAction> heard(long link) {
    Pool pool = poolOf(link);
    if (pool == null || pool.current != link || pool.challenger == null) {
      return ImmutableList.of();
    }
    pool.heard = true;
    return pool.challenger.othersDecide ? ImmutableList.of() : dropChallenger(pool);
  }

  /** A link is over, whatever stage it was in; the next in line may take its place. */
  public ImmutableList<LinkAction> closed(long link) {
    PeerId peer = peers.remove(link);
    Pool pool = peer == null ? null : pools.get(peer);
    if (peer == null || pool == null) {
      return ImmutableList.of();
    }
    Challenger next = pool.challenger;
    if (pool.current != link) {
      pool.challenger = null;
      return ImmutableList.of();
    }
    pools.remove(peer);
    if (next == null) {
      return ImmutableList.of();
    }
    take(next.link, peer, next.outbound);
    return ImmutableList.of(new LinkAction.Admit(next.link));
  }

  /** Decides what was waiting for a silence. */
  public ImmutableList<LinkAction> onTime(long now) {
    ImmutableList.Builder<LinkAction> actions = ImmutableList.builder();
    for (PeerId peer : ImmutableList.copyOf(pools.keySet())) {
      Pool pool = pools.get(peer);
      if (pool != null && pool.challenger != null && now - pool.challenger.deadline >= 0) {
        actions.addAll(decide(peer, pool, pool.challenger));
      }
    }
    return actions.build();
  }

  /** When {@link #onTime} wants to be called, if nothing happens before. */
  public OptionalLong nextWake() {
    OptionalLong next = OptionalLong.empty();
    for (Pool pool : pools.values()) {
      Challenger challenger = pool.challenger;
      if (challenger != null && (next.isEmpty() || challenger.deadline - next.getAsLong() < 0)) {
        next = OptionalLong.of(challenger.deadline);
      }
    }
    return next;
  }

  /** The admitted link to a peer, if there is one. */
  public OptionalLong linkTo(PeerId peer) {
    Pool pool = pools.get(peer);
    return pool == null ? OptionalLong.empty() : OptionalLong.of(pool.current);
  }

  /** How many peers have an admitted link. */
  public int size() {
    return pools.size();
  }

  private ImmutableList<LinkAction> firstLink(long link, PeerId peer, boolean outbound) {
    long inbound = pools.values().stream().filter(pool -> !pool.currentOutbound).count();
    if (pools.size() < maxPeers && (outbound || inbound < maxPeers - reservedForDialled)) {
      take(link, peer, outbound);
      return ImmutableList.of(new LinkAction.Admit(link));
    }
    OptionalLong evicted = outbound ? OptionalLong.empty() : evictable.get();
    PeerId leaver = evicted.isPresent() ? peers.get(evicted.getAsLong()) : null;
    if (leaver == null) {
      return ImmutableList.of(
          new LinkAction.Refuse(
              link, new DisconnectReason(Code.FULL, "all " + maxPeers + " places are taken")));
    }
    peers.remove(evicted.getAsLong());
    pools.remove(leaver);
    take(link, peer, outbound);
    return ImmutableList.of(
        new LinkAction.Refuse(
            evicted.getAsLong(),
            new DisconnectReason(Code.FULL, "all places are taken and another came")),
        new LinkAction.Admit(link));
  }

  private ImmutableList<LinkAction> decide(PeerId peer, Pool pool, Challenger challenger) {
    if (pool.heard) {
      return dropChallenger(pool);
    }
    peers.remove(pool.current);
    take(challenger.link, peer, challenger.outbound);
    return ImmutableList.of(
        refuse(pool.current, "silent while a second link to this peer was ready"),
        new LinkAction.Admit(challenger.link));
  }

  private ImmutableList<LinkAction> dropChallenger(Pool pool) {
    Challenger challenger = pool.challenger;
    if (challenger == null) {
      return ImmutableList.of();
    }
    pool.challenger = null;
    peers.remove(challenger.link);
    return ImmutableList.of(refuse(challenger.link, "there is a live link between us already"));
  }

  private void take(long link, PeerId peer, boolean outbound) {
    peers.put(link, peer);
    pools.put(peer, new Pool(link, outbound));
  }

  private @Nullable Pool poolOf(long link) {
    PeerId peer = peers.get(link);
    return peer == null ? null : pools.get(peer);
  }

  private static LinkAction refuse(long link, String sentence) {
    return new LinkAction.Refuse(link, new DisconnectReason(Code.DUPLICATE, sentence));
  }
}
