package dev.dolmen.core.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.Hash256;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class LocatorTest {

  @Test
  void namesTheLastTenThenDoublesEachGapAndEndsAtGenesis() {
    assertThat(heights(0)).containsExactly(0L);
    assertThat(heights(1)).containsExactly(1L, 0L);
    assertThat(heights(9)).containsExactly(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L, 0L);
    assertThat(heights(10)).containsExactly(10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L, 0L);
    assertThat(heights(11)).containsExactly(11L, 10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 0L);
    assertThat(heights(50))
        .containsExactly(50L, 49L, 48L, 47L, 46L, 45L, 44L, 43L, 42L, 41L, 39L, 35L, 27L, 11L, 0L);
  }

  @Test
  void everyHeightGivesDistinctDescendingHeightsDownToGenesis() {
    LongStream.concat(
            LongStream.rangeClosed(0, 1_000), LongStream.of(1_000_000, 1L << 40, Long.MAX_VALUE))
        .forEach(
            tip -> {
              List<Long> heights = heights(tip);
              assertThat(heights).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(74);
              assertThat(heights).isSortedAccordingTo(Collections.reverseOrder());
              assertThat(heights.get(0)).isEqualTo(tip);
              assertThat(heights.get(heights.size() - 1)).isZero();
            });
    assertThat(heights(1_000_000)).hasSize(10 + 18 + 1);
  }

  @Test
  void holdsOneTo74Hashes() {
    BlockHash hash = hashOf(1);

    assertThat(new Locator(Collections.nCopies(Locator.MAX_HASHES, hash)).hashes()).hasSize(74);
    assertThatThrownBy(() -> new Locator(Collections.nCopies(Locator.MAX_HASHES + 1, hash)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Locator(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Long> heights(long tip) {
    return Locator.of(tip, LocatorTest::hashOf).hashes().stream()
        .map(hash -> hash.value().w3())
        .toList();
  }

  private static BlockHash hashOf(long height) {
    return new BlockHash(new Hash256(0, 0, 0, height));
  }
}
