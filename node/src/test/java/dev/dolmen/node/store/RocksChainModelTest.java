package dev.dolmen.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.chain.ChainModel;
import dev.dolmen.core.store.BlockStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chain's random runs once more, on the disk, which is closed and opened on the way. */
final class RocksChainModelTest {

  @TempDir private Path data;

  @Test
  void theChainOnDiskAnswersLikeTheModelAfterEveryStep() throws IOException {
    ChainModel model = new ChainModel(RocksBlockStore.open(data, ChainModel.NETWORK), 11);

    model.run(300, this::reopen);

    assertThat(model.reorganisations()).isGreaterThan(2);
    assertThat(model.forgottenBlocks()).isGreaterThan(20);
  }

  private BlockStore reopen(BlockStore store) {
    store.close();
    try {
      return RocksBlockStore.open(data, ChainModel.NETWORK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
