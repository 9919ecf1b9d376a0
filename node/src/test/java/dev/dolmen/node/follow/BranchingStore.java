package dev.dolmen.node.follow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import java.time.Instant;
import java.util.List;

/** A real chain on a store in memory, and looks at it from any tip that was synced. */
final class BranchingStore {

  final MemoryBlockStore store = new MemoryBlockStore(NetworkParameters.dev());
  private final Chain chain = new Chain(NetworkParameters.dev(), store, new VerifiedSignatures());

  void add(List<Block> blocks) {
    for (Block block : blocks) {
      Instant itsTime = Instant.ofEpochMilli(block.header().timestamp());
      assertThat(chain.add(block, itsTime)).isInstanceOf(AddBlockResult.Added.class);
    }
  }

  ChainLook look() {
    return lookFrom(store.tip());
  }

  /** While the store is ahead of what was synced. */
  ChainLook lookFrom(ChainedHeader synced) {
    return new ChainLook(synced, store);
  }
}
