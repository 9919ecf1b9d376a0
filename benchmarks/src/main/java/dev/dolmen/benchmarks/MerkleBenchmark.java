package dev.dolmen.benchmarks;

import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The root over the leaves of a block, beside its floor: as many digests of 65 bytes as the tree
 * has inner nodes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class MerkleBenchmark {

  private static final int NODE_BYTES = 1 + 2 * Hash256.BYTES;
  private static final int PAYLOAD_BYTES = 32;

  /** Leaves. */
  @Param({"9", "500"})
  private int leaves;

  private List<Hash256> hashes = List.of();
  private final byte[] node = new byte[NODE_BYTES];

  /** Makes the leaves. */
  @Setup
  public void make() {
    List<Transaction> entries = Entries.signed(1, PAYLOAD_BYTES);
    hashes =
        IntStream.range(0, leaves)
            .mapToObj(i -> MerkleTree.nodeHash(entries.get(0).leafHash(), new Hash256(i, 0, 0, 0)))
            .toList();
  }

  /** The floor. */
  @Benchmark
  public Hash256 digestNodes() {
    Hash256 last = Hash256.ZERO;
    for (int i = 1; i < leaves; i++) {
      last = Sha256.hash(node);
    }
    return last;
  }

  @Benchmark
  public Hash256 root() {
    return MerkleTree.root(hashes);
  }
}
