package dev.dolmen.node.store;

import dev.dolmen.core.chain.ReorganisationContract;
import dev.dolmen.core.store.BlockStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class RocksReorganisationTest extends ReorganisationContract {

  @TempDir private Path data;

  @Override
  protected BlockStore open() throws IOException {
    return RocksBlockStore.open(data, DEV);
  }

  @Override
  protected BlockStore reopen(BlockStore open) throws IOException {
    open.close();
    return open();
  }
}
