package dev.dolmen.node.cli;

import dev.dolmen.core.proof.ChainPoint;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The block that a user trusts, as a flag. */
final class Checkpoint {

  @Option(
      names = "--checkpoint",
      paramLabel = "HEIGHT:HASH",
      description = "A block that you trust to be in the chain, to begin from instead of genesis.")
  private @Nullable String text;

  /** Empty if the flag is not given. */
  Optional<ChainPoint> point() throws CommandFailure {
    if (text == null) {
      return Optional.empty();
    }
    Optional<ChainPoint> point = ChainPoint.parse(text);
    if (point.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--checkpoint '"
              + text
              + "' is not a height, a colon and the 64 lower-case hex digits of a block's hash");
    }
    return point;
  }
}
