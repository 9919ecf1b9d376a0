package dev.dolmen.benchmarks;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.mining.NonceSearch;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Hashing a header when it arrives, and in the search for a nonce, each beside its floor: the JDK's
 * digest run twice over 100 bytes that stay where they are; for the search with the state after the
 * first 64 bytes cloned.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class HashingBenchmark {

  private static final int NONCES = 10_000;
  private static final int FIRST_BLOCK_BYTES = 64;

  private final BlockHeader header = NetworkParameters.dev().genesis().header();
  private final byte[] bytes = header.toBytes();

  /** A search that never finds: the hardest target that can be written. */
  private final NonceSearch search =
      new NonceSearch(
          new BlockHeader(
              header.version(),
              header.height(),
              header.timestamp(),
              header.previousHash(),
              header.merkleRoot(),
              header.transactionCount(),
              0x03010000,
              0));

  private final MessageDigest afterFirstBlock = Sha256.newDigest();
  private final MessageDigest second = Sha256.newDigest();
  private final byte[] hash = new byte[Hash256.BYTES];

  private long nonce;

  /** The first 64 bytes of a header are the same for all nonces. */
  @Setup
  public void hashFirstBlock() {
    afterFirstBlock.update(bytes, 0, FIRST_BLOCK_BYTES);
  }

  /** The floor of a header that arrives. */
  @Benchmark
  public Hash256 digestTwice() {
    return Sha256.hashTwice(bytes);
  }

  /** The floor of the search. */
  @Benchmark
  public byte[] digestFromFirstBlock() throws CloneNotSupportedException, DigestException {
    MessageDigest first = (MessageDigest) afterFirstBlock.clone();
    first.update(bytes, FIRST_BLOCK_BYTES, bytes.length - FIRST_BLOCK_BYTES);
    first.digest(hash, 0, hash.length);
    second.update(hash);
    second.digest(hash, 0, hash.length);
    return hash;
  }

  /** What a block costs on its way in: a new header, encoded and hashed. */
  @Benchmark
  public BlockHash hashHeader() {
    return header.withNonce(nonce++ & Long.MAX_VALUE).hash();
  }

  /** Nonces tried in a second by one thread. */
  @Benchmark
  @OperationsPerInvocation(NONCES)
  public OptionalLong searchNonces() {
    nonce += NONCES;
    return search.search(new NonceSearch.Range(nonce & (Long.MAX_VALUE >> 1), NONCES), () -> false);
  }
}
