package dev.dolmen.node.cli;

import com.google.common.base.Stopwatch;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the best chain of a node that does not run into one file. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the chain of a node that does not run into one file, which 'dolmen import' checks and"
          + " takes."
    },
    footer = {"", "Examples:", "  dolmen export --data-dir data/alice chain.dolmen"})
final class ExportCommand implements Callable<Integer> {

  private static final int HASHES_AT_A_TIME = 1_000;
  private static final String UNFINISHED = ".unfinished";

  private final Terminal terminal;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The node's directory.")
  private Path dataDir = Path.of("");

  @Mixin private NetworkFlag network = new NetworkFlag();

  @Parameters(paramLabel = "FILE", description = "Where to; it must not be there yet.")
  private Path file = Path.of("");

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    NetworkParameters parameters = network.parameters(terminal.environment());
    if (Files.exists(file)) {
      throw new CommandFailure(ExitCode.USAGE, file + " is there already; name another file");
    }
    LogOutput.startQuietly(terminal);
    Stopwatch watch = Stopwatch.createStarted();
    // It gets its name once it is whole and on disk.
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    try (RocksBlockStore store = StoredChain.openExisting(dataDir, parameters)) {
      ChainedHeader tip = store.tip();
      try (FileOutputStream out = new FileOutputStream(unfinished.toFile())) {
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        write(store, tip, new ChainFile.Writer(buffered, parameters));
        out.getFD().sync();
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      terminal.out().println("height " + tip.height());
      terminal.out().println("hash   " + tip.hash());
      terminal.out().println("bytes  " + Files.size(file));
      terminal.out().println("took   " + watch);
      return ExitCode.YES;
    } catch (UncheckedIOException diskFailed) {
      Files.deleteIfExists(unfinished);
      throw new CommandFailure(ExitCode.NO, diskFailed);
    } catch (IOException cannotWrite) {
      Files.deleteIfExists(unfinished);
      throw new CommandFailure(
          ExitCode.NO, "cannot write " + file + " (" + cannotWrite.getMessage() + ")", cannotWrite);
    }
  }

  private void write(RocksBlockStore store, ChainedHeader tip, ChainFile.Writer writer)
      throws IOException {
    LongConsumer progress = BlockProgress.upTo(tip.height(), terminal);
    long height = 1;
    while (height <= tip.height()) {
      for (BlockHash hash : store.hashesFrom(height, HASHES_AT_A_TIME)) {
        writer.write(
            store
                .block(hash)
                .orElseThrow(
                    () -> new UncheckedIOException(new IOException("block " + hash + " is lost"))));
        progress.accept(height++);
      }
    }
    writer.end(new ChainPoint(tip.height(), tip.hash()));
  }
}
