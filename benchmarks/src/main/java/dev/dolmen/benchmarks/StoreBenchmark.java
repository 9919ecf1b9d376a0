package dev.dolmen.benchmarks;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.common.primitives.Longs;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Empty blocks that the store takes, one in a batch and many in a batch, beside the floor of both:
 * RocksDB with three puts for each block.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class StoreBenchmark {

  private static final int BLOCKS = 2_000;
  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final List<Block> blocks = Blocks.chain(BLOCKS);
  private final HeaderRules rules = new HeaderRules(DEV);
  private Path directory = Path.of("");
  private BlockStore store = new MemoryBlockStore(DEV);

  /** Blocks in one batch. */
  @Param({"1", "1000"})
  private int perBatch;

  /** Opens an empty store. */
  @Setup(Level.Invocation)
  public void open() throws IOException {
    directory = Files.createTempDirectory("store-benchmark");
    store = RocksBlockStore.open(directory, DEV);
  }

  /** Removes it. */
  @TearDown(Level.Invocation)
  public void close() throws IOException {
    store.close();
    MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** The floor: nothing but the puts. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public void bareRocksDb() throws RocksDBException {
    try (Options options = new Options().setCreateIfMissing(true);
        WriteOptions written = new WriteOptions();
        RocksDB database = RocksDB.open(options, directory.resolve("bare").toString())) {
      for (int from = 0; from < BLOCKS; from += perBatch) {
        try (WriteBatch batch = new WriteBatch()) {
          for (Block block : blocks.subList(from, from + perBatch)) {
            byte[] hash = block.hash().value().toBytes();
            batch.put(hash, block.toBytes());
            batch.put(Longs.toByteArray(block.height()), hash);
            hash[0] ^= 1; // Headers have keys of their own.
            batch.put(hash, block.header().toBytes());
          }
          database.write(written, batch);
        }
      }
      database.flushWal(true);
    }
  }

  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public void apply() {
    Work work = store.tip().totalWork();
    for (int from = 0; from < BLOCKS; from += perBatch) {
      StoreChange.Builder change = new StoreChange.Builder();
      for (Block block : blocks.subList(from, from + perBatch)) {
        work = work.plus(rules.workOf(block.header()));
        change.store(block, work).connect(block);
      }
      store.apply(change.build());
    }
    store.sync();
  }
}
