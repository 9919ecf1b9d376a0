package dev.dolmen.node.relay;

import dev.dolmen.core.encoding.Hash256;

/**
 * Remembers hashes by their last eight bytes, in a table of fixed size. What is forgotten, or taken
 * for another one with the same eight bytes, costs somebody a message.
 *
 * <p>A hash has one bucket where it may be, and pushes the oldest out of it. So every question
 * costs the same, whatever hashes a stranger makes up.
 */
final class KnownHashes {

  /** Places in a bucket; one look reads them in one line of the processor's cache. */
  static final int BUCKET = 8;

  /** So many that hardly a bucket has more than its places; 24 bytes for each hash. */
  static final int PLACES_FOR_EACH = 3;

  private final long[] places;
  private final int buckets;

  /**
   * An empty memory.
   *
   * @param most how many of the newest are remembered, all but a few in a thousand
   */
  KnownHashes(int most) {
    this.buckets = PLACES_FOR_EACH * most / BUCKET + 1;
    this.places = new long[buckets * BUCKET];
  }

  /** Notes a hash; says whether it was new. */
  boolean add(Hash256 hash) {
    if (contains(hash)) {
      return false;
    }
    int bucket = bucketOf(hash);
    System.arraycopy(places, bucket, places, bucket + 1, BUCKET - 1);
    places[bucket] = key(hash);
    return true;
  }

  boolean contains(Hash256 hash) {
    int bucket = bucketOf(hash);
    long key = key(hash);
    for (int i = bucket; i < bucket + BUCKET; i++) {
      if (places[i] == key) {
        return true;
      }
    }
    return false;
  }

  private int bucketOf(Hash256 hash) {
    return (int) Long.remainderUnsigned(hash.w3(), buckets) * BUCKET;
  }

  /** The end, since a block's hash begins with zeros; zero itself stands for an empty place. */
  private static long key(Hash256 hash) {
    return hash.w3() == 0 ? 1 : hash.w3();
  }
}
