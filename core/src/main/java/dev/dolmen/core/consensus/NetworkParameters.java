package dev.dolmen.core.consensus;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.temporal.ChronoUnit.MILLIS;

import com.google.common.collect.ImmutableSortedSet;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the members of a network agreed on before its first block. Genesis commits to all of it, so
 * its hash names the network and its rules. Equality is by the canonical bytes.
 *
 * <p>Rule: docs/protocol.md#network
 */
public final class NetworkParameters {
  /** Prefix of what genesis commits to. */
  public static final String GENESIS_DOMAIN = "dolmen/network/1";

  public static final int MAX_NAME_BYTES = 255;

  /**
   * Room for a header and one transaction without payload: with less, a network could never say
   * anything.
   */
  public static final int MIN_LARGEST_BLOCK = BlockHeader.BYTES + Transaction.MIN_BYTES;

  /** A block is checked in memory as a whole, and one message must be able to carry it. */
  public static final int MAX_LARGEST_BLOCK = 16 * 1024 * 1024;

  /**
   * How far beyond a block's height a transaction's expiry may lie: so far back duplicates are
   * looked for.
   */
  private static final long EXPIRY_WINDOW = 256;

  /**
   * Six blocks less than the window, so that an entry is not too early for a node a little behind.
   */
  private static final long DEFAULT_EXPIRY = 250;

  private static final long EARLY_BY = 64;

  private static final int FUTURE_INTERVALS = 12;
  private static final long LEAST_MAX_FUTURE = Duration.ofMinutes(1).toMillis();
  private static final long MOST_MAX_FUTURE = Duration.ofHours(2).toMillis();

  private static final NetworkParameters DEV =
      builder("dev")
          .genesisTime(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli())
          .interval(Duration.ofSeconds(1))
          .halfLife(Duration.ofHours(1))
          .firstBits(0x207fffff)
          .fixedTarget(true)
          .largestBlock(1024 * 1024)
          .build();

  private final String name;
  private final long genesisTime;
  private final long intervalMillis;
  private final long halfLifeMillis;
  private final int firstBits;
  private final Target firstTarget;
  private final boolean fixedTarget;
  private final int largestBlock;
  private final ImmutableSortedSet<PublicKey> authors;
  private final Bytes canonical;
  private final Block genesis;

  private NetworkParameters(Builder from) {
    name = from.name;
    genesisTime = from.genesisTime;
    intervalMillis = from.intervalMillis;
    halfLifeMillis = from.halfLifeMillis;
    firstBits = from.firstBits;
    firstTarget = Target.fromCompact(firstBits).orElseThrow();
    fixedTarget = from.fixedTarget;
    largestBlock = from.largestBlock;
    authors = from.authors;
    canonical = Bytes.wrap(encode());
    genesis = makeGenesis();
  }

  /** The built-in network for development: blocks of no cost, everyone may write. */
  public static NetworkParameters dev() {
    return DEV;
  }

  /**
   * Begins with a block every ten seconds, a day of half-life, 1 MiB, everyone; target and time
   * must be said.
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** These parameters, to be changed and built as another network. */
  public Builder toBuilder() {
    return new Builder(name)
        .genesisTime(genesisTime)
        .interval(interval())
        .halfLife(halfLife())
        .firstBits(firstBits)
        .fixedTarget(fixedTarget)
        .largestBlock(largestBlock)
        .authors(authors);
  }

  /** Reads exactly one canonical encoding; authors out of order or twice are refused. */
  public static NetworkParameters fromBytes(byte[] bytes) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(bytes);
    Builder builder = new Builder(new String(reader.bytes(reader.u8()).toByteArray(), ISO_8859_1));
    builder.genesisTime = reader.u64();
    builder.intervalMillis = reader.u64();
    builder.halfLifeMillis = reader.u64();
    builder.firstBits = (int) reader.u32();
    int fixed = reader.u8();
    if (fixed > 1) {
      throw reader.malformed("the fixed-target flag is 0 or 1, not " + fixed);
    }
    builder.fixedTarget = fixed == 1;
    long largestBlock = reader.u32();
    if (largestBlock > MAX_LARGEST_BLOCK) {
      throw reader.malformed(largestBlockComplaint(largestBlock));
    }
    builder.largestBlock = (int) largestBlock;
    builder.authors = readAuthors(reader);
    reader.expectEnd();
    Optional<String> complaint = builder.complaint();
    if (complaint.isPresent()) {
      throw new MalformedException("network parameters: " + complaint.get());
    }
    return new NetworkParameters(builder);
  }

  private static ImmutableSortedSet<PublicKey> readAuthors(CanonicalReader reader)
      throws MalformedException {
    long count = reader.u32();
    if (count > reader.remaining() / PublicKey.BYTES) {
      throw reader.malformed(
          count + " authors do not fit into the " + reader.remaining() + " bytes that are left");
    }
    ImmutableSortedSet.Builder<PublicKey> authors = ImmutableSortedSet.naturalOrder();
    Optional<PublicKey> previous = Optional.empty();
    for (long i = 0; i < count; i++) {
      PublicKey author = new PublicKey(reader.hash());
      if (previous.isPresent() && previous.get().compareTo(author) >= 0) {
        throw reader.malformed("authors are listed ascending and once, but " + author + " is not");
      }
      authors.add(author);
      previous = Optional.of(author);
    }
    return authors.build();
  }

  public String name() {
    return name;
  }

  /** Milliseconds since 1970. */
  public long genesisTime() {
    return genesisTime;
  }

  /** The intended time between blocks. */
  public Duration interval() {
    return Duration.ofMillis(intervalMillis);
  }

  public long intervalMillis() {
    return intervalMillis;
  }

  /** A chain that is this much behind or ahead of its schedule halves or doubles its difficulty. */
  public Duration halfLife() {
    return Duration.ofMillis(halfLifeMillis);
  }

  public long halfLifeMillis() {
    return halfLifeMillis;
  }

  /** Genesis's target, and the easiest there will ever be, in compact form. */
  public int firstBits() {
    return firstBits;
  }

  /** Genesis's target, and the easiest there will ever be. */
  public Target firstTarget() {
    return firstTarget;
  }

  /** Whether the first target stays for ever. */
  public boolean fixedTarget() {
    return fixedTarget;
  }

  /** Bytes of header and transactions together. */
  public int largestBlock() {
    return largestBlock;
  }

  /** Who may write, ascending; empty means everyone. */
  public ImmutableSortedSet<PublicKey> authors() {
    return authors;
  }

  public boolean mayWrite(PublicKey author) {
    return authors.isEmpty() || authors.contains(author);
  }

  /** A block may hold a transaction whose expiry is its own height or up to this much above. */
  public long expiryWindow() {
    return EXPIRY_WINDOW;
  }

  /** The expiry that a node gives to an entry while its tip is at {@code tipHeight}. */
  public long defaultExpiryAfter(long tipHeight) {
    return Math.addExact(tipHeight, DEFAULT_EXPIRY);
  }

  /** How many blocks too early a transaction may come and still be kept for later. */
  public long earlyBy() {
    return EARLY_BY;
  }

  /**
   * How far ahead of our clock a timestamp may be: twelve intervals, but at least 1 minute and at
   * most 2 hours.
   */
  public long maxFutureMillis() {
    long fewIntervals = Math.min(intervalMillis, MOST_MAX_FUTURE) * FUTURE_INTERVALS;
    return Math.max(LEAST_MAX_FUTURE, Math.min(fewIntervals, MOST_MAX_FUTURE));
  }

  /** SHA-256 of {@link #toBytes}. */
  public Hash256 hash() {
    return Sha256.hash(canonical.toByteArray());
  }

  /** The block at height 0: no transactions, nonce 0, exempt from work. */
  public Block genesis() {
    return genesis;
  }

  /** What names this network. */
  public BlockHash genesisHash() {
    return genesis.hash();
  }

  public byte[] toBytes() {
    return canonical.toByteArray();
  }

  private byte[] encode() {
    CanonicalWriter writer =
        new CanonicalWriter()
            .u8(name.length())
            .bytes(name.getBytes(US_ASCII))
            .u64(genesisTime)
            .u64(intervalMillis)
            .u64(halfLifeMillis)
            .u32(Integer.toUnsignedLong(firstBits))
            .u8(fixedTarget ? 1 : 0)
            .u32(largestBlock)
            .u32(authors.size());
    authors.forEach(author -> writer.hash(author.value()));
    return writer.toByteArray();
  }

  private Block makeGenesis() {
    byte[] commitment =
        new CanonicalWriter()
            .bytes(GENESIS_DOMAIN.getBytes(US_ASCII))
            .bytes(canonical)
            .toByteArray();
    return Block.of(
        new BlockHeader(
            HeaderRules.VERSION,
            0,
            genesisTime,
            new BlockHash(Sha256.hash(commitment)),
            MerkleTree.EMPTY_ROOT,
            0,
            firstBits,
            0),
        List.of());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NetworkParameters that && canonical.equals(that.canonical);
  }

  @Override
  public int hashCode() {
    return canonical.hashCode();
  }

  @Override
  public String toString() {
    return "network " + name + " " + genesisHash();
  }

  private static String largestBlockComplaint(long largestBlock) {
    return "the largest block must have "
        + MIN_LARGEST_BLOCK
        + " to "
        + MAX_LARGEST_BLOCK
        + " bytes, not "
        + largestBlock;
  }

  /**
   * Collects parameters; nothing is checked before {@link #build}, except what its type cannot
   * hold.
   */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE);

    private final String name;
    private long genesisTime;
    private long intervalMillis = Duration.ofSeconds(10).toMillis();
    private long halfLifeMillis = Duration.ofDays(1).toMillis();
    private int firstBits;
    private boolean fixedTarget;
    private int largestBlock = 1024 * 1024;
    private ImmutableSortedSet<PublicKey> authors = ImmutableSortedSet.of();

    private Builder(String name) {
      this.name = name;
    }

    /** Milliseconds since 1970. */
    @CanIgnoreReturnValue
    public Builder genesisTime(long millis) {
      genesisTime = millis;
      return this;
    }

    /**
     * The intended time between blocks.
     *
     * @throws IllegalArgumentException unless in whole milliseconds
     */
    @CanIgnoreReturnValue
    public Builder interval(Duration interval) {
      intervalMillis = wholeMillis("interval", interval);
      return this;
    }

    /**
     * How far off schedule the difficulty halves or doubles.
     *
     * @throws IllegalArgumentException unless in whole milliseconds
     */
    @CanIgnoreReturnValue
    public Builder halfLife(Duration halfLife) {
      halfLifeMillis = wholeMillis("half-life", halfLife);
      return this;
    }

    /** The first target in compact form. */
    @CanIgnoreReturnValue
    public Builder firstBits(int bits) {
      firstBits = bits;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder fixedTarget(boolean fixed) {
      fixedTarget = fixed;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder largestBlock(int bytes) {
      largestBlock = bytes;
      return this;
    }

    /** Who may write, in any order; none means everyone. */
    @CanIgnoreReturnValue
    public Builder authors(Iterable<PublicKey> keys) {
      authors = ImmutableSortedSet.copyOf(keys);
      return this;
    }

    /**
     * The parameters, if all of them are in range.
     *
     * @throws IllegalArgumentException if a parameter is out of range; the message says which and
     *     what is allowed
     */
    public NetworkParameters build() {
      complaint()
          .ifPresent(
              complaint -> {
                throw new IllegalArgumentException(complaint);
              });
      return new NetworkParameters(this);
    }

    private static long wholeMillis(String what, Duration duration) {
      checkArgument(
          duration.compareTo(LONGEST) <= 0 && duration.equals(duration.truncatedTo(MILLIS)),
          "the %s must be in whole milliseconds and below 2^63 of them, not %s",
          what,
          duration);
      return duration.isNegative() ? 0 : duration.toMillis();
    }

    private Optional<String> complaint() {
      if (name.isEmpty() || name.length() > MAX_NAME_BYTES) {
        return Optional.of("the name must have 1 to 255 characters, not " + name.length());
      }
      if (!name.chars().allMatch(c -> c >= ' ' && c <= '~')) {
        return Optional.of("the name must be printable ASCII");
      }
      if (genesisTime < 0) {
        return Optional.of("the genesis time must be 1970 or later, not " + genesisTime + " ms");
      }
      if (intervalMillis <= 0) {
        return Optional.of("the interval must be at least 1 ms");
      }
      if (halfLifeMillis <= 0) {
        return Optional.of("the half-life must be at least 1 ms");
      }
      if (Target.fromCompact(firstBits).isEmpty()) {
        return Optional.of(
            String.format("the first target %08x is not a canonical compact target", firstBits));
      }
      if (largestBlock < MIN_LARGEST_BLOCK || largestBlock > MAX_LARGEST_BLOCK) {
        return Optional.of(largestBlockComplaint(largestBlock));
      }
      return Optional.empty();
    }
  }
}
