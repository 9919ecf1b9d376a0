package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.store.MemoryBlockStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChainModelTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theChainAnswersLikeTheModelAfterEveryStep(long seed) {
    ChainModel model = new ChainModel(new MemoryBlockStore(ChainModel.NETWORK), seed);

    model.run(500, store -> store);

    assertThat(model.reorganisations()).isGreaterThan(4);
    assertThat(model.forgottenBlocks()).isGreaterThan(20);
    assertThat(model.verdicts()).isGreaterThan(100);
  }
}
