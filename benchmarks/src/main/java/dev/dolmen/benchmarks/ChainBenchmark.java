package dev.dolmen.benchmarks;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Blocks that are checked in full and stored, by {@code Chain.add}; and a branch that replaces
 * another. Beside the floor of an empty block: its header encoded and hashed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class ChainBenchmark {

  private static final int BLOCKS = 2_000;
  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Instant NOW =
      Instant.ofEpochMilli(DEV.genesisTime()).plus(Duration.ofDays(1));

  private final List<byte[]> main = bytes(0);
  private final List<byte[]> branch = bytes(700);
  private BlockStore memory = new MemoryBlockStore(DEV);

  /** Blocks of a branch of its own, one block longer if it is not the first. */
  private static List<byte[]> bytes(long millis) {
    List<byte[]> blocks = new ArrayList<>();
    Block last = Blocks.genesis();
    for (int i = 0; i < BLOCKS + (millis > 0 ? 1 : 0); i++) {
      last = Blocks.childOf(last).withTime(last.header().timestamp() + 1_000 + millis).build();
      blocks.add(last.toBytes());
    }
    return blocks;
  }

  /** A store for one invocation. */
  @State(Scope.Thread)
  public static class Disk {
    private Path directory = Path.of("");
    private BlockStore store = new MemoryBlockStore(DEV);

    /** Opens an empty one. */
    @Setup(Level.Invocation)
    public void open() throws IOException {
      directory = Files.createTempDirectory("chain-benchmark");
      store = RocksBlockStore.open(directory, DEV);
    }

    /** Removes it. */
    @TearDown(Level.Invocation)
    public void close() throws IOException {
      store.close();
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** A store with one branch as its best chain, and all but the last block of a better one. */
  @State(Scope.Thread)
  public static class Forked {
    private Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));
    private Path directory = Path.of("");
    private BlockStore store = new MemoryBlockStore(DEV);

    /** Fills it. */
    @Setup(Level.Invocation)
    public void fill(ChainBenchmark blocks) throws IOException {
      directory = Files.createTempDirectory("chain-benchmark");
      store = RocksBlockStore.open(directory, DEV);
      chain = new Chain(DEV, store);
      add(chain, blocks.main);
      add(chain, blocks.branch.subList(0, BLOCKS));
    }

    /** Removes it. */
    @TearDown(Level.Invocation)
    public void close() throws IOException {
      store.close();
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static void add(Chain chain, List<byte[]> blocks) {
    for (byte[] bytes : blocks) {
      AddBlockResult result = chain.add(decoded(bytes), NOW, Standing.PROVED_HEAVIER);
      checkState(result instanceof AddBlockResult.Added, "not added: %s", result);
    }
  }

  /** Decoded afresh each time, so that no hash is remembered from before. */
  private static Block decoded(byte[] bytes) {
    try {
      return Block.fromBytes(bytes);
    } catch (dev.dolmen.core.encoding.MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The floor. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public BlockHash hashHeaders() {
    BlockHash last = DEV.genesisHash();
    for (byte[] bytes : main) {
      last = decoded(bytes).hash();
    }
    return last;
  }

  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public Chain addInMemory() {
    memory = new MemoryBlockStore(DEV);
    Chain chain = new Chain(DEV, memory);
    add(chain, main);
    return chain;
  }

  /** With one write batch a block, synced at the end. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public Chain addOnDisk(Disk disk) {
    Chain chain = new Chain(DEV, disk.store);
    add(chain, main);
    disk.store.sync();
    return chain;
  }

  /** Blocks replaced in a second, once all of the better branch but its last is there. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public Chain reorganise(Forked forked) {
    add(forked.chain, branch.subList(BLOCKS, BLOCKS + 1));
    forked.store.sync();
    return forked.chain;
  }
}
