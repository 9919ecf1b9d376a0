package dev.dolmen.core.chain;

import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.MemoryBlockStore;

final class MemoryReorganisationTest extends ReorganisationContract {

  @Override
  protected BlockStore open() {
    return new MemoryBlockStore(DEV);
  }

  @Override
  protected BlockStore reopen(BlockStore open) {
    return open;
  }
}
