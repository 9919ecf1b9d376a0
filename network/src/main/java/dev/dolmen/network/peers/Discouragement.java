package dev.dolmen.network.peers;

import com.google.common.hash.BloomFilter;
import com.google.common.hash.Funnels;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.dolmen.network.identity.PeerId;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who broke a rule of the protocol lately, by address and by id. It has a fixed size however many
 * there are, and forgets the oldest: it holds the last {@value #REMEMBERED} at least, for a day at
 * least if there are no more. It takes somebody who is innocent for guilty once in a million times;
 * nobody can find out beforehand whom, since what is hashed has a key of our own.
 *
 * <p>Two filters: one is filled, the one before it is only looked at. Pure: times are nanoseconds
 * of one monotonic clock.
 */
public final class Discouragement {

  /** Entries that one of the two filters takes: the size of Bitcoin Core's rolling filter. */
  static final int REMEMBERED = 50_000;

  /** How often an innocent one is taken for guilty by a full filter. */
  static final double FALSE_POSITIVES = 1e-6;

  /** How long a filter is filled at most, so that a mended peer gets in again some day. */
  static final Duration GENERATION = Duration.ofDays(1);

  private final HashFunction keyed;
  private @Nullable BloomFilter<Long> current;
  private @Nullable BloomFilter<Long> previous;
  private int filled;
  private long begun;

  /**
   * @param random draws the key
   */
  public Discouragement(RandomGenerator random, long now) {
    this.begun = now;
    this.keyed = Hashing.sipHash24(random.nextLong(), random.nextLong());
  }

  /** Remembers an address, or all that are held with it. */
  public void add(IpAddress address, long now) {
    add(hash(address), now);
  }

  /** Remembers a peer, wherever it comes from. */
  public void add(PeerId peer, long now) {
    add(hash(peer), now);
  }

  /** Whether this address, or one held with it, is remembered. */
  public boolean contains(IpAddress address, long now) {
    return contains(hash(address), now);
  }

  /** Whether this peer is remembered. */
  public boolean contains(PeerId peer, long now) {
    return contains(hash(peer), now);
  }

  private void add(long hash, long now) {
    age(now);
    if (current != null && current.mightContain(hash)) {
      return;
    }
    if (current != null && filled >= REMEMBERED) {
      previous = current;
      current = null;
      begun = now;
    }
    if (current == null) {
      current = BloomFilter.create(Funnels.longFunnel(), REMEMBERED, FALSE_POSITIVES);
      filled = 0;
    }
    current.put(hash);
    filled++;
  }

  private boolean contains(long hash, long now) {
    age(now);
    return (current != null && current.mightContain(hash))
        || (previous != null && previous.mightContain(hash));
  }

  private void age(long now) {
    if (now - begun >= GENERATION.toNanos()) {
      previous = now - begun < 2 * GENERATION.toNanos() ? current : null;
      current = null;
      begun = now;
    }
  }

  private long hash(IpAddress address) {
    IpAddress holder = address.holder();
    return keyed.newHasher().putLong(holder.high()).putLong(holder.low()).hash().asLong();
  }

  private long hash(PeerId peer) {
    return keyed.newHasher().putBytes(peer.key().asReadOnlyByteBuffer()).hash().asLong();
  }
}
