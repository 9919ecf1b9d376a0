package dev.dolmen.node.store;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.StoreChange;
import java.io.IOException;
import java.nio.file.Path;

/** What another process does with a data directory; its exit code says how that went. */
final class SecondProcess {

  static final int OPENED = 10;
  static final int REFUSED = 11;
  static final int HALTED = 12;
  static final int BLOCKS_WRITTEN = 25;
  static final int BLOCKS_SYNCED = 10;

  private SecondProcess() {}

  public static void main(String[] arguments) {
    try (RocksBlockStore store =
        RocksBlockStore.open(Path.of(arguments[1]), NetworkParameters.dev())) {
      if (arguments[0].startsWith("write-")) {
        write(store, arguments[0].equals("write-and-halt") ? BLOCKS_WRITTEN : BLOCKS_SYNCED);
        Runtime.getRuntime().halt(HALTED);
      }
    } catch (IOException e) {
      System.exit(REFUSED);
    }
    System.exit(OPENED);
  }

  private static void write(RocksBlockStore store, int synced) {
    HeaderRules rules = new HeaderRules(NetworkParameters.dev());
    Work work = store.tip().totalWork();
    for (Block block : Blocks.chain(BLOCKS_WRITTEN)) {
      work = work.plus(rules.workOf(block.header()));
      store.apply(new StoreChange.Builder().store(block, work).connect(block).build());
      if (block.height() == synced) {
        store.sync();
      }
    }
  }
}
