package dev.dolmen.node.cli;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.store.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chain in a data directory, for commands that need it while no node runs. */
final class StoredChain {

  private static final String CHAIN = "chain";
  private static final String FORMAT = "format";

  private StoredChain() {}

  /** Opens a store that is there; a directory without one is left as it is. */
  static RocksBlockStore openExisting(Path dataDir, NetworkParameters network)
      throws CommandFailure {
    if (!Files.exists(dataDir.resolve(CHAIN).resolve(FORMAT))) {
      throw new CommandFailure(
          ExitCode.USAGE, dataDir + " holds no chain; name a node's directory with --data-dir");
    }
    return open(dataDir, network);
  }

  /** Opens a store, and makes it where there is none. */
  static RocksBlockStore open(Path dataDir, NetworkParameters network) throws CommandFailure {
    try {
      return RocksBlockStore.open(dataDir.resolve(CHAIN), network);
    } catch (IOException cannotOpen) {
      throw new CommandFailure(ExitCode.USAGE, cannotOpen);
    }
  }
}
