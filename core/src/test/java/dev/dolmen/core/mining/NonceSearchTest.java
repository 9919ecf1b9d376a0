package dev.dolmen.core.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.mining.NonceSearch.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class NonceSearchTest {

  /** Some 4,096 hashes each. */
  private static final int BITS = 0x1f0fffff;

  private static final BlockHeader HEADER =
      Blocks.childOf(Blocks.genesis()).build().header().withNonce(0);
  private static final BlockHeader HARD = withBits(HEADER, BITS);
  private static final Target TARGET = Target.fromCompact(BITS).orElseThrow();

  /** No hash of these tests meets it. */
  private static final BlockHeader HOPELESS = withBits(HEADER, 0x03010000);

  private static BlockHeader withBits(BlockHeader header, int bits) {
    return new BlockHeader(
        header.version(),
        header.height(),
        header.timestamp(),
        header.previousHash(),
        header.merkleRoot(),
        header.transactionCount(),
        bits,
        header.nonce());
  }

  @Test
  void findsTheFirstNonceOfTheRangeThatMeetsTheTarget() {
    NonceSearch search = new NonceSearch(HARD);
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 10; i++) {
      long first = i == 0 ? 0 : random.nextLong(Long.MAX_VALUE - 1_000_000);
      long expected = first;
      while (!TARGET.isMetBy(HARD.withNonce(expected).hash())) {
        expected++;
      }

      assertThat(search.search(new Range(first, 1_000_000), () -> false)).hasValue(expected);
      assertThat(search.search(new Range(first, expected - first), () -> false)).isEmpty();
      assertThat(search.search(new Range(first, expected - first + 1), () -> false))
          .hasValue(expected);
      assertThat(search.search(new Range(expected, 1), () -> false)).hasValue(expected);
    }
  }

  @Test
  void theNonceOfTheGivenHeaderDoesNotMatter() {
    assertThat(new NonceSearch(HARD.withNonce(Long.MAX_VALUE)).search(Range.all(), () -> false))
        .isEqualTo(new NonceSearch(HARD).search(Range.all(), () -> false));
  }

  @Test
  void anEmptyRangeHasNoNonce() {
    NonceSearch search = new NonceSearch(HEADER);

    assertThat(search.search(new Range(0, 0), () -> false)).isEmpty();
    assertThat(search.search(new Range(Long.MAX_VALUE, 0), () -> false)).isEmpty();
  }

  @Test
  void reachesTheVeryLastNonces() {
    NonceSearch search = new NonceSearch(HOPELESS);

    assertThat(search.search(new Range(Long.MAX_VALUE - 1_000, 1_000), () -> false)).isEmpty();
  }

  @Test
  void onceCancelledItEndsWithoutANonce() {
    assertThat(new NonceSearch(HEADER).search(Range.all(), () -> true)).isEmpty();
    AtomicInteger looks = new AtomicInteger();

    assertThat(new NonceSearch(HOPELESS).search(Range.all(), () -> looks.incrementAndGet() > 3))
        .isEmpty();
    assertThat(looks).hasValue(4);
  }

  @Test
  void splittingCoversTheRangeWithoutGapOrOverlap() {
    SplittableRandom random = new SplittableRandom(7);
    List<Range> ranges = new ArrayList<>(List.of(Range.all(), new Range(5, 0), new Range(9, 3)));
    for (int i = 0; i < 200; i++) {
      long first = random.nextLong(Long.MAX_VALUE);
      ranges.add(new Range(first, random.nextLong(Long.MAX_VALUE - first)));
    }
    for (Range range : ranges) {
      for (int parts : new int[] {1, 2, 3, 7, 64}) {
        List<Range> split = NonceSearch.split(range, parts);
        assertThat(split).hasSize(parts);
        long next = range.first();
        for (Range part : split) {
          assertThat(part.first()).isEqualTo(next);
          assertThat(part.count() - range.count() / parts).isBetween(0L, 1L);
          next += part.count();
        }
        assertThat(next).isEqualTo(range.first() + range.count());
      }
    }
  }

  @Test
  void rangesStayBelowTwoToThe63() {
    assertThat(new Range(Long.MAX_VALUE, 0).count()).isZero();
    assertThatThrownBy(() -> new Range(Long.MAX_VALUE, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Range(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Range(0, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NonceSearch.split(Range.all(), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bitsThatStandForNoTargetAreRefused() {
    assertThatThrownBy(() -> new NonceSearch(withBits(HEADER, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("00000000");
  }
}
