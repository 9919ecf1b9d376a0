package dev.dolmen.node.cli;

import com.google.common.base.Stopwatch;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A chain to test and measure with. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a valid chain of network dev, one block a second from genesis on, for tests and"
          + " measurements; the same seed gives the same chain.",
      "Run it with: dolmen run --data-dir DIR"
    },
    footer = {
      "",
      "Examples:",
      "  dolmen generate --data-dir data/big --blocks 10000 --transactions 20"
    })
final class GenerateCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "Where to; it must not hold a chain yet.")
  private Path dataDir = Path.of("");

  @Option(names = "--blocks", required = true, paramLabel = "N", description = "How many blocks.")
  private long blocks;

  @Option(
      names = "--transactions",
      paramLabel = "T",
      defaultValue = "0",
      description = "Entries in each block (default: ${DEFAULT-VALUE}).")
  private int transactions;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      defaultValue = "100",
      description = "Bytes of each entry's payload (default: ${DEFAULT-VALUE}).")
  private int payload;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Any number; decides keys and payloads (default: ${DEFAULT-VALUE}).")
  private long seed;

  GenerateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    NetworkParameters network = NetworkParameters.dev();
    checkBlocks(network);
    ChainGenerator generator = generator(network);
    LogOutput.startQuietly(terminal);
    Stopwatch watch = Stopwatch.createStarted();
    PrintWriter out = terminal.out();
    try (RocksBlockStore store = RocksBlockStore.open(dataDir.resolve("chain"), network)) {
      if (store.tip().height() > 0) {
        throw new CommandFailure(
            ExitCode.USAGE,
            dataDir
                + " holds a chain of height "
                + store.tip().height()
                + " already; name an empty directory with --data-dir");
      }
      ChainedHeader tip = generator.fill(store, blocks, BlockProgress.upTo(blocks, terminal));
      out.println("height " + tip.height());
      out.println("hash   " + tip.hash());
      out.println("took   " + speed(watch.elapsed()));
      return ExitCode.YES;
    } catch (UncheckedIOException diskFailed) {
      throw new CommandFailure(ExitCode.NO, diskFailed);
    } catch (IOException cannotOpen) {
      throw new CommandFailure(ExitCode.USAGE, cannotOpen);
    }
  }

  private void checkBlocks(NetworkParameters network) throws CommandFailure {
    long passed = Instant.now().toEpochMilli() - network.genesisTime();
    long most = passed / network.intervalMillis();
    if (blocks < 1 || blocks > most) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--blocks "
              + blocks
              + " is not between 1 and "
              + most
              + ", the seconds since the network's genesis");
    }
  }

  private ChainGenerator generator(NetworkParameters network) throws CommandFailure {
    try {
      return new ChainGenerator(network, transactions, payload, seed);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, e.getMessage() + "; change --transactions or --payload", e);
    }
  }

  private String speed(Duration elapsed) {
    double seconds = Math.max(1, elapsed.toMillis()) / 1_000.0;
    return String.format(Locale.ROOT, "%.1f s, %.0f blocks/s", seconds, blocks / seconds);
  }
}
