package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.ProofFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks a running node for the file that proves, without it, that an entry is in the chain. */
@Command(
    name = "proof",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the file that proves that an entry is in the chain. Anybody can check it with 'dolmen"
          + " verify', without a node."
    },
    footer = {"", "Examples:", "  dolmen proof ID > invoice.proof"})
final class ProofCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ApiFlags flags = new ApiFlags();
  @Mixin private Checkpoint checkpoint = new Checkpoint();

  @Parameters(paramLabel = "ID", description = "The entry's id, as 'dolmen submit' prints it.")
  private String id = "";

  @Option(
      names = "--tip",
      paramLabel = "HEIGHT",
      description = "The last block to take headers from (default: the tip).")
  private @Nullable Long tip;

  ProofCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    TransactionId entry =
        TransactionId.parseHex(id)
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitCode.USAGE,
                        "'"
                            + Columns.harmless(id)
                            + "' is no id of 64 lower-case hex digits; 'dolmen submit' prints it"));
    if (tip != null && tip < 0) {
      throw new CommandFailure(ExitCode.USAGE, "--tip " + tip + ": heights begin at 0");
    }
    Optional<ChainPoint> trusted = checkpoint.point();
    ApiClient client = flags.client(terminal.environment());
    String file = client.require(path(trusted)).text();
    check(client, file, entry, trusted);
    PrintWriter out = terminal.out();
    out.print(file);
    if (out.checkError()) {
      throw new CommandFailure(
          ExitCode.NO, "the proof could not be written to its end; is the disk full?");
    }
    return ExitCode.YES;
  }

  private String path(Optional<ChainPoint> trusted) {
    long from = trusted.map(ChainPoint::height).orElse(0L);
    return "/v1/transactions/"
        + id
        + "/proof?checkpoint="
        + from
        + (tip == null ? "" : "&tip=" + tip);
  }

  /** What is no proof of what was asked for shall not be kept as one. */
  private static void check(
      ApiClient client, String text, TransactionId entry, Optional<ChainPoint> trusted)
      throws CommandFailure {
    ProofFile file;
    try {
      file = ProofFile.parse(text.getBytes(UTF_8));
    } catch (MalformedException e) {
      throw client.strange(new IOException("no proof: " + e.getMessage(), e));
    }
    if (!file.claim().transaction().id().equals(entry)) {
      throw client.strange(new IOException("a proof of another entry"));
    }
    if (trusted.isPresent() && !trusted.get().equals(file.anchor())) {
      throw new CommandFailure(
          ExitCode.NO,
          "block "
              + file.anchor().height()
              + " of this node's chain is "
              + file.anchor().hash()
              + ", and not the checkpoint; ask another node, or look again where the checkpoint is"
              + " from");
    }
  }
}
