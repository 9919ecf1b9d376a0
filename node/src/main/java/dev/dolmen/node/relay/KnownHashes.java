package dev.dolmen.node.relay;

import dev.dolmen.core.encoding.Hash256;

/**
 * Remembers hashes by their last eight bytes, in a table that grows up to a size fixed at the
 * start: most peers tell and are told little. What is forgotten, or taken for another one with the
 * same eight bytes, costs somebody a message.
 *
 * <p>A hash has one bucket where it may be. Where that is full the table grows; once it cannot, the
 * oldest is pushed out of the bucket. So every question costs the same, whatever hashes a stranger
 * makes up.
 */
final class KnownHashes {

  /** Places in a bucket; one look reads them in one line of the processor's cache. */
  static final int BUCKET = 8;

  /** In the end so many that hardly a bucket has more than its places; 24 bytes for each hash. */
  static final int PLACES_FOR_EACH = 3;

  private static final int FIRST_BUCKETS = 4;

  private final int mostBuckets;
  private int buckets;
  private long[] places;

  /**
   * An empty memory.
   *
   * @param most how many of the newest are remembered, all but a few in a thousand
   */
  KnownHashes(int most) {
    this.mostBuckets = PLACES_FOR_EACH * most / BUCKET + 1;
    this.buckets = Math.min(FIRST_BUCKETS, mostBuckets);
    this.places = new long[buckets * BUCKET];
  }

  /** Notes a hash; says whether it was new. */
  boolean add(Hash256 hash) {
    if (contains(hash)) {
      return false;
    }
    long key = key(hash);
    while (buckets < mostBuckets && places[bucketOf(key) + BUCKET - 1] != 0) {
      grow();
    }
    put(key);
    return true;
  }

  boolean contains(Hash256 hash) {
    long key = key(hash);
    int bucket = bucketOf(key);
    for (int i = bucket; i < bucket + BUCKET; i++) {
      if (places[i] == key) {
        return true;
      }
    }
    return false;
  }

  private void grow() {
    long[] before = places;
    buckets = Math.min(2 * buckets, mostBuckets);
    places = new long[buckets * BUCKET];
    // Those that came last in each bucket stay the newest.
    for (int age = BUCKET - 1; age >= 0; age--) {
      for (int i = age; i < before.length; i += BUCKET) {
        if (before[i] != 0) {
          put(before[i]);
        }
      }
    }
  }

  private void put(long key) {
    int bucket = bucketOf(key);
    System.arraycopy(places, bucket, places, bucket + 1, BUCKET - 1);
    places[bucket] = key;
  }

  /** Bytes that it takes now. */
  int bytes() {
    return places.length * Long.BYTES;
  }

  private int bucketOf(long key) {
    return (int) Long.remainderUnsigned(key, buckets) * BUCKET;
  }

  /** The end, since a block's hash begins with zeros; an empty place has zero, so zero has -1. */
  private static long key(Hash256 hash) {
    return hash.w3() == 0 ? -1 : hash.w3();
  }
}
