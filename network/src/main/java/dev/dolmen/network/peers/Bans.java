package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dolmen.network.identity.PeerId;
import java.time.Instant;
import java.util.Optional;

/**
 * Whom this node's operator does not want, by id and by address, and until when. Unlike
 * discouragement this is somebody's decision: it is exact, holds for addresses of this machine and
 * for peers that are dialled on purpose too, and is kept on disk.
 *
 * <p>An immutable value. A ban of an IPv6 address holds for its /64.
 */
public final class Bans {

  /** Bans at a time; more than anybody types, and few enough to be written as a whole. */
  public static final int MAX_BANS = 1_000;

  /** Nobody is banned. */
  public static final Bans NONE = new Bans(ImmutableMap.of());

  /**
   * Who is banned: exactly one of the two.
   *
   * @param address the {@link IpAddress#holder holder} of one
   */
  public record Subject(Optional<PeerId> id, Optional<IpAddress> address) {

    /** A peer, wherever it comes from. */
    public static Subject of(PeerId id) {
      return new Subject(Optional.of(id), Optional.empty());
    }

    /** Whoever is seen at this address. */
    public static Subject of(IpAddress address) {
      return new Subject(Optional.empty(), Optional.of(address.holder()));
    }

    /**
     * Reads 64 hex digits or an IP address.
     *
     * @throws IllegalArgumentException if it is anything else; the message can be shown to a user
     */
    public static Subject parse(String text) {
      Optional<IpAddress> address = IpAddress.parse(text);
      if (address.isPresent()) {
        return of(address.get());
      }
      try {
        return of(PeerId.parse(text));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "'" + text + "' is neither a peer's id of 64 hex digits nor an IP address", e);
      }
    }

    @Override
    public String toString() {
      return id.map(PeerId::toString).or(() -> address.map(IpAddress::toString)).orElseThrow();
    }
  }

  /**
   * One ban.
   *
   * @param since when it was decided
   * @param until when it ends; empty if only by hand
   * @param reason for people, one line; may be empty
   */
  public record Ban(Subject subject, Instant since, Optional<Instant> until, String reason) {

    /** Whether it holds at this time. */
    public boolean holds(Instant now) {
      return until.isEmpty() || now.isBefore(until.get());
    }
  }

  private final ImmutableMap<Subject, Ban> bans;

  private Bans(ImmutableMap<Subject, Ban> bans) {
    this.bans = bans;
  }

  /** The ban that keeps this peer out, if one does. */
  public Optional<Ban> against(PeerId id, Instant now) {
    return find(Subject.of(id), now);
  }

  /** The ban that keeps this address out, if one does. */
  public Optional<Ban> against(IpAddress address, Instant now) {
    return find(Subject.of(address), now);
  }

  /** The ban of exactly this, if it holds. */
  public Optional<Ban> find(Subject subject, Instant now) {
    return Optional.ofNullable(bans.get(subject)).filter(ban -> ban.holds(now));
  }

  /** These and one more, in place of an older one of the same; those that are over are left out. */
  public Bans with(Ban added, Instant now) {
    ImmutableMap.Builder<Subject, Ban> all = ImmutableMap.builder();
    for (Ban ban : holding(now)) {
      if (!ban.subject().equals(added.subject())) {
        all.put(ban.subject(), ban);
      }
    }
    return new Bans(all.put(added.subject(), added).buildOrThrow());
  }

  /** These without that of one; those that are over are left out. */
  public Bans without(Subject removed, Instant now) {
    ImmutableMap.Builder<Subject, Ban> all = ImmutableMap.builder();
    for (Ban ban : holding(now)) {
      if (!ban.subject().equals(removed)) {
        all.put(ban.subject(), ban);
      }
    }
    return new Bans(all.buildOrThrow());
  }

  /** Those that hold, in the order in which they were decided. */
  public ImmutableList<Ban> holding(Instant now) {
    return bans.values().stream()
        .filter(ban -> ban.holds(now))
        .collect(ImmutableList.toImmutableList());
  }
}
