package dev.dolmen.core.store;

final class MemoryBlockStoreTest extends BlockStoreContract {

  @Override
  protected BlockStore open() {
    return new MemoryBlockStore(DEV);
  }
}
