package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.store.BlockStore;
import java.util.List;

/** Every look-up that a store answers about its best chain, held against another store's. */
final class StoreLooks {

  private StoreLooks() {}

  /** Both answer alike whatever is asked about these blocks' places on the best chain. */
  static void expectSameBestChain(BlockStore store, BlockStore expected, List<Block> asked) {
    assertThat(store.tip()).isEqualTo(expected.tip());
    long beyond = store.tip().height() + 2;
    assertThat(store.hashesFrom(0, Integer.MAX_VALUE))
        .isEqualTo(expected.hashesFrom(0, Integer.MAX_VALUE));
    for (long height = 0; height < beyond; height++) {
      assertThat(store.hashAt(height)).isEqualTo(expected.hashAt(height));
    }
    for (Block block : asked) {
      for (Transaction transaction : block.transactions()) {
        assertThat(store.locate(transaction.id())).isEqualTo(expected.locate(transaction.id()));
        assertThat(store.byAuthor(transaction.author(), block.height(), 3))
            .isEqualTo(expected.byAuthor(transaction.author(), block.height(), 3));
      }
      expected
          .block(block.hash())
          .ifPresent(
              same -> {
                assertThat(store.block(block.hash())).contains(same);
                assertThat(store.header(block.hash())).isEqualTo(expected.header(block.hash()));
              });
    }
  }
}
