package dev.dolmen.benchmarks;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.core.store.StoreChange;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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

/**
 * Blocks that the store takes one by one, each synced, as a node at its tip writes them, while
 * another thread reads the store as fast as it can. Its floor is the same beside a thread that is
 * as busy without the store: what two cores take from each other is not the store's doing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReadersBenchmark {

  private static final int TO_READ = 500;
  private static final int TO_WRITE = 500;
  private static final int PAYLOAD = 250;
  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final HeaderRules rules = new HeaderRules(DEV);
  private final List<Block> blocks = chain();
  private Path directory = Path.of("");
  private BlockStore store = new MemoryBlockStore(DEV);
  private Work work = store.tip().totalWork();
  private Thread other = new Thread();
  private volatile boolean goesOn;

  /** What the other thread does. */
  @Param({"NOTHING", "DIGESTS", "READS"})
  private Beside beside = Beside.NOTHING;

  /** What another thread does meanwhile. */
  public enum Beside {
    /** There is none. */
    NOTHING,
    /** It is busy, but not with the store. */
    DIGESTS,
    /** It reads whole blocks by height, by hash, and places of entries. */
    READS
  }

  private static List<Block> chain() {
    List<Transaction> entries = Entries.signed(TO_READ + TO_WRITE, PAYLOAD);
    List<Block> chain = new ArrayList<>();
    Block last = Blocks.genesis();
    for (Transaction entry : entries) {
      last = Blocks.childOf(last).withTransactions(entry).build();
      chain.add(last);
    }
    return chain;
  }

  /** Opens a store with some blocks, and lets the other thread begin. */
  @Setup(Level.Invocation)
  public void open() throws IOException {
    directory = Files.createTempDirectory("readers-benchmark");
    store = RocksBlockStore.open(directory, DEV);
    work = store.tip().totalWork();
    write(blocks.subList(0, TO_READ));
    goesOn = true;
    other =
        new Thread(
            switch (beside) {
              case NOTHING -> () -> {};
              case DIGESTS -> this::digest;
              case READS -> this::read;
            });
    other.start();
  }

  /** Ends the other thread and removes the store. */
  @TearDown(Level.Invocation)
  public void close() throws IOException {
    goesOn = false;
    Uninterruptibles.joinUninterruptibly(other);
    store.close();
    MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  @Benchmark
  @OperationsPerInvocation(TO_WRITE)
  public void applyAndSync() {
    write(blocks.subList(TO_READ, TO_READ + TO_WRITE));
  }

  private void write(List<Block> more) {
    for (Block block : more) {
      work = work.plus(rules.workOf(block.header()));
      store.apply(new StoreChange.Builder().store(block, work).connect(block).build());
      store.sync();
    }
  }

  private void digest() {
    byte[] bytes = new byte[PAYLOAD];
    while (goesOn) {
      bytes = Sha256.hash(bytes).toBytes();
    }
  }

  private void read() {
    SplittableRandom choice = new SplittableRandom(1);
    while (goesOn) {
      BlockHash hash = store.hashAt(1 + choice.nextInt(TO_READ)).orElseThrow();
      Block block = store.block(hash).orElseThrow();
      checkState(store.locate(block.transactions().get(0).id()).isPresent(), "no entry's place");
    }
  }
}
