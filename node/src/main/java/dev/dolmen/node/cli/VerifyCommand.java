package dev.dolmen.node.cli;

import dev.dolmen.core.chain.StoreAudit;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.core.proof.ProofStep;
import dev.dolmen.core.proof.ProofVerdict;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a proof file, or a whole store, with nothing but the network's parameters. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a proof file, without a node and without a network, and prints what it proves and which"
          + " block that rests on.",
      "With --data-dir, checks every block that a node has stored, and names the first bad one."
    },
    footer = {
      "",
      "Examples:",
      "  dolmen verify invoice.proof --explain",
      "  dolmen verify --data-dir data/alice"
    })
final class VerifyCommand implements Callable<Integer> {

  private static final String STANDARD_INPUT = "-";
  private static final int LABEL_WIDTH = 11;

  /** Some minutes of one core; a proof with less says who signed what, and hardly more. */
  private static final Work LITTLE_WORK = new Work(BigInteger.TEN.pow(9));

  private final Terminal terminal;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The proof, or - for standard input.")
  private @Nullable String file;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Instead of a proof, check all that a node that does not run has stored.")
  private @Nullable Path dataDir;

  @Mixin private NetworkFlag network = new NetworkFlag();

  @Mixin private Checkpoint checkpoint = new Checkpoint();

  @Option(names = "--explain", description = "Tell each step, with the values.")
  private boolean explain;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    if ((file == null) == (dataDir == null)) {
      throw new CommandFailure(
          ExitCode.USAGE, "name either a proof file, or a node's directory with --data-dir");
    }
    var trusted = checkpoint.point();
    NetworkParameters parameters = network.parameters(terminal.environment());
    if (dataDir != null) {
      if (trusted.isPresent() || explain || json) {
        throw new CommandFailure(
            ExitCode.USAGE, "--checkpoint, --explain and --json are about proof files only");
      }
      return audit(dataDir, parameters);
    }
    ProofVerdict verdict = ProofFile.check(read(String.valueOf(file)), parameters, trusted);
    return verdict.deliverTo(json ? new AsJson(parameters) : new AsText(parameters));
  }

  private int audit(Path directory, NetworkParameters parameters) throws CommandFailure {
    LogOutput.startQuietly(terminal);
    try (RocksBlockStore store = StoredChain.openExisting(directory, parameters)) {
      long tip = store.tip().height();
      Optional<StoreAudit.Damage> damage =
          new StoreAudit(parameters, store).run(BlockProgress.upTo(tip, terminal));
      PrintWriter out = terminal.out();
      if (damage.isPresent()) {
        out.println("DAMAGED  " + damage.get());
        line("", "restore it from a copy, or delete " + directory.resolve("chain/blocks"));
        line("", "and let the node fetch the chain again");
        return ExitCode.NO;
      }
      out.println(
          "GOOD  "
              + Columns.count(tip + 1, "block", "blocks")
              + " of network "
              + parameters.name()
              + " up to "
              + store.tip().hash()
              + ", and "
              + store.sideBlocks().size()
              + " on other branches");
      return ExitCode.YES;
    } catch (UncheckedIOException unreadable) {
      throw new CommandFailure(ExitCode.NO, unreadable);
    }
  }

  private void line(String label, String text) {
    PrintWriter out = terminal.out();
    out.println("  " + Columns.pad(label, LABEL_WIDTH) + text);
  }

  private byte[] read(String from) throws CommandFailure {
    try (InputStream in =
        from.equals(STANDARD_INPUT) ? terminal.in() : Files.newInputStream(Path.of(from))) {
      return in.readNBytes(ProofFile.MAX_BYTES + 1);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "cannot read "
              + Columns.harmless(from)
              + " ("
              + e.getClass().getSimpleName()
              + "); name another file",
          e);
    }
  }

  private static String whatIsTrusted(ProofVerdict.Valid verdict) {
    return verdict.isFromGenesis() ? "genesis" : "checkpoint";
  }

  /** For people. */
  private final class AsText implements ProofVerdict.Reader<Integer> {
    private final NetworkParameters parameters;
    private final PrintWriter out = terminal.out();

    AsText(NetworkParameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public Integer valid(ProofVerdict.Valid verdict) {
      String author = verdict.transaction().author().toHex();
      ChainPoint anchor = verdict.anchor();
      out.println(
          "VALID  "
              + Columns.quoted(verdict.transaction().payload().toByteArray())
              + "  by "
              + Columns.shorten(author)
              + "  in block "
              + verdict.block().height()
              + " of network "
              + parameters.name()
              + (verdict.isFromGenesis()
                  ? ", from its genesis"
                  : ", from the checkpoint at block " + anchor.height())
              + "  no node, no network used");
      line("entry", verdict.transaction().id() + ", number " + verdict.index() + " of its block");
      line("author", author);
      line(
          "block",
          verdict.block().height()
              + " "
              + verdict.block().hash()
              + ", "
              + Instant.ofEpochMilli(verdict.block().timestamp()));
      line(
          "trusted",
          anchor.height()
              + " "
              + anchor.hash()
              + (verdict.isFromGenesis()
                  ? ", the genesis of network " + parameters.name()
                  : ", the checkpoint"));
      line(
          "tip",
          verdict.tip().height()
              + " "
              + verdict.tip().hash()
              + ", so the entry is "
              + Columns.count(verdict.confirmations(), "block", "blocks")
              + " deep");
      line("work", verdict.work() + " hashes on average, its block's and those after it");
      if (verdict.work().compareTo(LITTLE_WORK) < 0) {
        line("mind", "a single computer does so much in minutes, so that work proves little");
      }
      explain(verdict);
      return ExitCode.YES;
    }

    @Override
    public Integer invalid(ProofVerdict.Invalid verdict) {
      out.println("INVALID  " + verdict.step().label() + ": " + verdict.reason());
      if (verdict.step() == ProofStep.NETWORK) {
        line("", "a network's file is named by --network FILE");
      }
      if (verdict.step() == ProofStep.ANCHOR) {
        line("", "a checkpoint is named by --checkpoint HEIGHT:HASH");
      }
      explain(verdict);
      return ExitCode.NO;
    }

    private void explain(ProofVerdict verdict) {
      if (explain) {
        out.println();
        verdict.findings().forEach(found -> line(found.step().label(), found.sentence()));
      }
    }
  }

  /** For programs. */
  private final class AsJson implements ProofVerdict.Reader<Integer> {
    private final NetworkParameters parameters;

    AsJson(NetworkParameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public Integer valid(ProofVerdict.Valid verdict) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("valid", true);
      fields.put("network", parameters.name());
      fields.put("genesis", parameters.genesisHash().toHex());
      fields.put("id", verdict.transaction().id().toHex());
      fields.put("author", verdict.transaction().author().toHex());
      fields.put(
          "payload",
          Base64.getEncoder().encodeToString(verdict.transaction().payload().toByteArray()));
      fields.put("height", verdict.block().height());
      fields.put("hash", verdict.block().hash().toHex());
      fields.put("timestamp", verdict.block().timestamp());
      fields.put("index", verdict.index());
      fields.put("trusted", place(verdict.anchor(), whatIsTrusted(verdict)));
      fields.put("tip", place(verdict.tip(), "tip"));
      fields.put("confirmations", verdict.confirmations());
      fields.put("work", verdict.work().toString());
      return print(fields, verdict, ExitCode.YES);
    }

    private static Map<String, Object> place(ChainPoint point, String kind) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("kind", kind);
      fields.put("height", point.height());
      fields.put("hash", point.hash().toHex());
      return fields;
    }

    @Override
    public Integer invalid(ProofVerdict.Invalid verdict) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("valid", false);
      fields.put("network", parameters.name());
      fields.put("step", verdict.step().label());
      fields.put("reason", verdict.reason());
      return print(fields, verdict, ExitCode.NO);
    }

    private int print(Map<String, Object> fields, ProofVerdict verdict, int exitCode) {
      if (explain) {
        List<Object> steps = new ArrayList<>();
        for (ProofVerdict.Finding found : verdict.findings()) {
          Map<String, Object> step = new LinkedHashMap<>();
          step.put("step", found.step().label());
          step.put("sentence", found.sentence());
          steps.add(step);
        }
        fields.put("steps", steps);
      }
      PrintWriter out = terminal.out();
      out.println(Json.write(fields));
      return exitCode;
    }
  }
}
