package dev.dolmen.node.cli;

import com.google.common.base.Stopwatch;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.node.SignatureWorkers;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Takes the blocks of a chain file, each held against every rule as if a peer had sent it. What was
 * taken before something went wrong stays; the same file again goes on from there.
 */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Checks every block of a file that 'dolmen export' made, and takes them into the directory of a"
          + " node that does not run. Safe to repeat: what is there already is passed over."
    },
    footer = {"", "Examples:", "  dolmen import --data-dir data/bob chain.dolmen"})
final class ImportCommand implements Callable<Integer> {

  private static final String STANDARD_INPUT = "-";

  private final Terminal terminal;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The node's directory; it is made if it is not there.")
  private Path dataDir = Path.of("");

  @Mixin private NetworkFlag network = new NetworkFlag();

  @Parameters(paramLabel = "FILE", description = "The chain file, or - for standard input.")
  private String file = "";

  ImportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    NetworkParameters parameters = network.parameters(terminal.environment());
    LogOutput.startQuietly(terminal);
    // The file's beginning is looked at before a directory is made.
    try (InputStream in = open()) {
      ChainFile.Reader reader = new ChainFile.Reader(in, parameters);
      return take(reader, parameters);
    } catch (ChainFile.BadChainFileException bad) {
      throw new CommandFailure(ExitCode.NO, bad);
    } catch (UncheckedIOException diskFailed) {
      throw new CommandFailure(ExitCode.NO, diskFailed);
    } catch (IOException unreadable) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "cannot read "
              + Columns.harmless(file)
              + " ("
              + unreadable.getClass().getSimpleName()
              + "); name another file",
          unreadable);
    }
  }

  private InputStream open() throws IOException {
    return new BufferedInputStream(
        file.equals(STANDARD_INPUT) ? terminal.in() : Files.newInputStream(Path.of(file)), 1 << 16);
  }

  private int take(ChainFile.Reader reader, NetworkParameters parameters)
      throws CommandFailure, IOException {
    Stopwatch watch = Stopwatch.createStarted();
    try (RocksBlockStore store = StoredChain.open(dataDir, parameters);
        SignatureWorkers workers = new SignatureWorkers("import")) {
      Chain chain = new Chain(parameters, store, new VerifiedSignatures(workers));
      Taker taker = new Taker();
      try {
        Optional<Block> block = reader.next();
        while (block.isPresent()) {
          Optional<String> refused = chain.add(block.get(), Instant.now()).deliverTo(taker);
          if (refused.isPresent()) {
            throw new ChainFile.BadChainFileException(
                "block "
                    + reader.last().height()
                    + " "
                    + reader.last().hash()
                    + ": "
                    + refused.get());
          }
          block = reader.next();
        }
      } catch (ChainFile.BadChainFileException bad) {
        throw new ChainFile.BadChainFileException(
            bad.getMessage()
                + "; "
                + taker.taken
                + " blocks were taken, and the tip is block "
                + chain.tip().height());
      } finally {
        store.sync();
      }
      terminal.out().println("taken  " + Columns.count(taker.taken, "block", "blocks"));
      terminal.out().println("height " + chain.tip().height());
      terminal.out().println("hash   " + chain.tip().hash());
      terminal.out().println("took   " + watch);
      return ExitCode.YES;
    }
  }

  /** Why a block was not taken, if it was not. */
  private static final class Taker implements AddBlockResult.Reader<Optional<String>> {
    private long taken;

    @Override
    public Optional<String> added(ChainUpdate update) {
      taken++;
      return Optional.empty();
    }

    @Override
    public Optional<String> alreadyKnown() {
      return Optional.empty();
    }

    @Override
    public Optional<String> unknownParent(BlockHash parent) {
      return Optional.of("its parent " + parent + " is not in the directory");
    }

    @Override
    public Optional<String> notYet(Instant validFrom) {
      return Optional.of(
          "it is from the future until " + validFrom + "; set this machine's clock, or try later");
    }

    @Override
    public Optional<String> tooFarBehind() {
      return Optional.of(
          "it is on a branch with far less work than the chain in the directory; import into an"
              + " empty one");
    }

    @Override
    public Optional<String> bodyMismatch(Violation violation) {
      return Optional.of(violation.sentence());
    }

    @Override
    public Optional<String> rejected(Violation violation) {
      return Optional.of(violation.sentence());
    }
  }
}
