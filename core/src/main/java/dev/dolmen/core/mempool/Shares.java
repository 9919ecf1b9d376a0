package dev.dolmen.core.mempool;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.signature.PublicKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whose bytes the pool holds: by origin, and within it by author. It says who gives way when there
 * is no room: the origin with the most bytes, in it the author with the most bytes, and of that
 * author's the newest. Of two with equal bytes, the one whose newest is newer gives way. Local ones
 * never do. A step costs no more than the logarithm of what is pending.
 */
final class Shares {

  private final Map<Origin, Share> byOrigin = new HashMap<>();

  /** Those that may have to give way. */
  private final TreeSet<Share> bySize =
      new TreeSet<>(
          Comparator.comparingLong((Share share) -> share.bytes)
              .thenComparingLong(share -> share.nextPlace));

  /** What came from one origin; never empty while it is known. */
  private static final class Share {
    private final Map<PublicKey, Account> byAuthor = new HashMap<>();
    private final TreeSet<Account> bySize =
        new TreeSet<>(
            Comparator.comparingLong((Account account) -> account.bytes)
                .thenComparingLong(account -> account.newestPlace));
    private long bytes;

    /** Place of {@link #next}, noted since shares are compared often; only in order is it right. */
    private long nextPlace;

    /** What gives way first. */
    Pending next() {
      return bySize.last().entries.last();
    }

    void add(Pending entry) {
      Account account = byAuthor.computeIfAbsent(entry.author(), author -> new Account());
      if (!account.entries.isEmpty()) {
        bySize.remove(account);
      }
      account.entries.add(entry);
      account.bytes += entry.size();
      putInOrder(account);
      bytes += entry.size();
    }

    void remove(Pending entry) {
      Account account = verifyNotNull(byAuthor.get(entry.author()));
      bySize.remove(account);
      account.entries.remove(entry);
      account.bytes -= entry.size();
      if (account.entries.isEmpty()) {
        byAuthor.remove(entry.author());
      } else {
        putInOrder(account);
      }
      bytes -= entry.size();
    }

    /** Takes over all that an author had in another share, whichever of the two is less work. */
    void addAll(PublicKey author, Account theirs) {
      bytes += theirs.bytes;
      Account ours = byAuthor.get(author);
      if (ours == null) {
        byAuthor.put(author, theirs);
        putInOrder(theirs);
      } else {
        bySize.remove(ours);
        Account larger = ours.entries.size() < theirs.entries.size() ? theirs : ours;
        Account smaller = larger == ours ? theirs : ours;
        larger.entries.addAll(smaller.entries);
        larger.bytes += smaller.bytes;
        byAuthor.put(author, larger);
        putInOrder(larger);
      }
    }

    private void putInOrder(Account account) {
      account.newestPlace = account.entries.last().place();
      bySize.add(account);
    }
  }

  /** What one author has in one share; never empty while it is known. */
  private static final class Account {
    private final TreeSet<Pending> entries =
        new TreeSet<>(Comparator.comparingLong(Pending::place));
    private long bytes;

    /** Noted since accounts are compared often; only in order is it right. */
    private long newestPlace;
  }

  /** Counts a transaction for its origin. */
  void add(Pending entry) {
    Share share = taken(entry.origin());
    share.add(entry);
    giveBack(entry.origin(), share);
  }

  /** Counts it no more. */
  void remove(Pending entry) {
    Share share = taken(entry.origin());
    share.remove(entry);
    giveBack(entry.origin(), share);
  }

  /** Counts for one origin what another had; what is counted for neither is left alone. */
  void merge(Origin from, Origin to) {
    Share theirs = taken(from);
    Share ours = taken(to);
    theirs.byAuthor.forEach(
        (author, account) -> {
          account.entries.forEach(entry -> entry.countFor(to));
          ours.addAll(author, account);
        });
    giveBack(to, ours);
  }

  /** A share that is in no order while it changes; empty if nothing came from there. */
  private Share taken(Origin origin) {
    Share share = byOrigin.remove(origin);
    if (share == null) {
      return new Share();
    }
    bySize.remove(share);
    return share;
  }

  private void giveBack(Origin origin, Share share) {
    if (share.bytes == 0) {
      return;
    }
    byOrigin.put(origin, share);
    if (!origin.equals(Origin.LOCAL)) {
      share.nextPlace = share.next().place();
      bySize.add(share);
    }
  }

  /** What gives way first; empty if all that is pending is local. */
  Optional<Pending> next() {
    return bySize.isEmpty() ? Optional.empty() : Optional.of(bySize.last().next());
  }

  /** What gives way first of what came from there. */
  Optional<Pending> nextOf(Origin origin) {
    return Optional.ofNullable(byOrigin.get(origin)).map(Share::next);
  }

  /** How many bytes came from there. */
  long bytesOf(Origin origin) {
    Share share = byOrigin.get(origin);
    return share == null ? 0 : share.bytes;
  }
}
