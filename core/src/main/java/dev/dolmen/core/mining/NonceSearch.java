package dev.dolmen.core.mining;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Looks for a nonce with which a header meets its target. The first 64 of the header's 100 bytes do
 * not depend on the nonce, which is why it comes last, and are hashed once.
 *
 * <p>An object serves one search at a time; {@link #split} makes ranges for several threads.
 */
public final class NonceSearch {

  /** Nonces tried between two looks at whether the search was cancelled, about 10 ms of work. */
  static final int NONCES_BETWEEN_LOOKS = 1 << 15;

  private static final int FIRST_BLOCK_BYTES = 64;
  private static final int NONCE_OFFSET = BlockHeader.BYTES - Long.BYTES;

  private final Target target;
  private final byte[] bytes;
  private final MessageDigest afterFirstBlock;
  private final MessageDigest second = Sha256.newDigest();
  private final byte[] hash = new byte[Hash256.BYTES];

  /**
   * A range of nonces.
   *
   * @param first the first one, from 0
   * @param count how many, from 0; the last is below 2^63
   */
  public record Range(long first, long count) {
    public Range {
      checkArgument(first >= 0, "nonces count from 0, so %s is impossible", first);
      checkArgument(
          count >= 0 && count <= Long.MAX_VALUE - first,
          "%s nonces from %s leave the range below 2^63",
          count,
          first);
    }

    /** Every nonce there is but the very last. */
    public static Range all() {
      return new Range(0, Long.MAX_VALUE);
    }
  }

  /** Prepares the search for one header, whose own nonce does not matter. */
  public NonceSearch(BlockHeader header) {
    this.target =
        Target.fromCompact(header.bits())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        String.format("no target has bits %08x", header.bits())));
    this.bytes = header.toBytes();
    this.afterFirstBlock = Sha256.newDigest();
    afterFirstBlock.update(bytes, 0, FIRST_BLOCK_BYTES);
  }

  /**
   * Splits a range into contiguous parts of nearly the same size, one for each thread.
   *
   * @param parts how many, at least 1
   */
  public static List<Range> split(Range range, int parts) {
    checkArgument(parts >= 1, "a range is split into at least one part, not %s", parts);
    List<Range> ranges = new ArrayList<>(parts);
    long share = range.count() / parts;
    long rest = range.count() % parts;
    long first = range.first();
    for (int i = 0; i < parts; i++) {
      long count = i < rest ? share + 1 : share;
      ranges.add(new Range(first, count));
      first += count;
    }
    return ranges;
  }

  /**
   * Tries the nonces of a range in ascending order.
   *
   * @param cancelled asked now and then; once it says yes the search ends without a nonce
   * @return the first nonce that meets the target; empty if there is none or the search was
   *     cancelled
   */
  public OptionalLong search(Range range, BooleanSupplier cancelled) {
    long nonce = range.first();
    long left = range.count();
    while (left > 0 && !cancelled.getAsBoolean()) {
      long round = Math.min(left, NONCES_BETWEEN_LOOKS);
      for (long i = 0; i < round; i++, nonce++) {
        if (meetsTarget(nonce)) {
          return OptionalLong.of(nonce);
        }
      }
      left -= round;
    }
    return OptionalLong.empty();
  }

  private boolean meetsTarget(long nonce) {
    writeNonce(nonce);
    try {
      MessageDigest first = (MessageDigest) afterFirstBlock.clone();
      first.update(bytes, FIRST_BLOCK_BYTES, BlockHeader.BYTES - FIRST_BLOCK_BYTES);
      first.digest(hash, 0, hash.length);
      second.update(hash);
      second.digest(hash, 0, hash.length);
    } catch (CloneNotSupportedException | DigestException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned and fits 32 bytes", e);
    }
    return target.isMetBy(new BlockHash(Hash256.fromBytes(hash)));
  }

  private void writeNonce(long nonce) {
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[NONCE_OFFSET + i] = (byte) (nonce >>> (56 - 8 * i));
    }
  }
}
