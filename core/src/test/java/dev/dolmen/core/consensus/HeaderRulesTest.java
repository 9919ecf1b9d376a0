package dev.dolmen.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.encoding.Bytes;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {
  private static final NetworkParameters NETWORK = Blocks.retargeting();
  private static final Blocks BLOCKS = Blocks.on(NETWORK);
  private static final HeaderRules RULES = new HeaderRules(NETWORK);
  private static final Block PARENT = BLOCKS.chainAfter(BLOCKS.first(), 3).get(2);
  private static final long MEDIAN = PARENT.header().timestamp() - 1_000;

  @Test
  void acceptsABlockThatFollowsEveryRule() {
    assertThat(check(BLOCKS.after(PARENT).build())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, -1})
  void onlyVersionOneIsKnown(int version) {
    assertThat(check(BLOCKS.after(PARENT).withVersion(version).build()))
        .contains(Violation.UNKNOWN_VERSION);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 5, Long.MAX_VALUE})
  void heightIsTheParentsPlusOne(long height) {
    assertThat(check(BLOCKS.after(PARENT).withHeight(height).build()))
        .contains(Violation.WRONG_HEIGHT);
  }

  @Test
  void noHeightFollowsTheLargest() {
    BlockHeader last = BLOCKS.after(PARENT).withHeight(Long.MAX_VALUE).build().header();
    Block wrapped = BLOCKS.after(PARENT).withHeight(0).build();

    assertThat(RULES.check(wrapped.header(), Seal.NONE, last, MEDIAN))
        .contains(Violation.WRONG_HEIGHT);
  }

  @Test
  void previousHashIsTheParents() {
    Block sibling = BLOCKS.after(PARENT).withTime(PARENT.header().timestamp() + 7).build();
    Block child = BLOCKS.after(BLOCKS.after(PARENT).build()).build();

    assertThat(RULES.check(child.header(), Seal.NONE, sibling.header(), MEDIAN))
        .contains(Violation.WRONG_PREVIOUS_HASH);
  }

  @Test
  void timestampIsAboveTheMedian() {
    assertThat(check(BLOCKS.after(PARENT).withTime(MEDIAN).build()))
        .contains(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN);
    assertThat(check(BLOCKS.after(PARENT).withTime(0).build()))
        .contains(Violation.TIMESTAMP_NOT_ABOVE_MEDIAN);
    assertThat(check(BLOCKS.after(PARENT).withTime(MEDIAN + 1).build())).isEmpty();
    assertThat(check(BLOCKS.after(PARENT).withTime(Long.MAX_VALUE).build()))
        .as("how far ahead is asked apart")
        .isEmpty();
  }

  @Test
  void timestampIsNotFurtherAheadThanAllowed() {
    long maxFuture = NETWORK.maxFutureMillis();
    BlockHeader header = BLOCKS.after(PARENT).build().header();
    long earliest = header.timestamp() - maxFuture;

    assertThat(RULES.validFrom(header)).isEqualTo(earliest);
    assertThat(RULES.checkClock(header, earliest - 1)).contains(Violation.TIMESTAMP_TOO_FAR_AHEAD);
    assertThat(RULES.checkClock(header, earliest)).isEmpty();
    assertThat(RULES.checkClock(header, Long.MAX_VALUE)).isEmpty();
    BlockHeader last = BLOCKS.after(PARENT).withTime(Long.MAX_VALUE).build().header();
    assertThat(RULES.checkClock(last, earliest)).contains(Violation.TIMESTAMP_TOO_FAR_AHEAD);
    BlockHeader first = BLOCKS.after(PARENT).withTime(0).build().header();
    assertThat(RULES.checkClock(first, 0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 60000",
    "5000, 60000",
    "5001, 60012",
    "10000, 120000",
    "600000, 7200000",
    "600001, 7200000",
    "9223372036854775807, 7200000"
  })
  void futureIsTwelveIntervalsButAtLeastAMinuteAndAtMostTwoHours(long interval, long allowed) {
    assertThat(NETWORK.toBuilder().interval(Duration.ofMillis(interval)).build().maxFutureMillis())
        .isEqualTo(allowed);
  }

  @Test
  void bitsAreThoseOfTheDifficultyRule() {
    int right = Difficulty.nextBits(NETWORK, PARENT.height(), PARENT.header().timestamp());
    assertThat(check(BLOCKS.after(PARENT).withBits(right).build())).isEmpty();
    assertThat(check(BLOCKS.after(PARENT).withBits(right - 1).build()))
        .as("harder than asked for")
        .contains(Violation.WRONG_BITS);
    assertThat(check(BLOCKS.after(PARENT).withBits(0x207fffff).build()))
        .as("easier than asked for")
        .contains(Violation.WRONG_BITS);
    assertThat(check(BLOCKS.after(PARENT).withBits(0).build()))
        .as("no target at all")
        .contains(Violation.WRONG_BITS);
  }

  @Test
  void hashMeetsTheTarget() {
    assertThat(check(BLOCKS.after(PARENT).buildWithoutWork())).contains(Violation.NOT_ENOUGH_WORK);
  }

  @Test
  void sealIsRefusedWhereWorkSeals() {
    Block sealed = BLOCKS.after(PARENT).withSeal(new Seal(Bytes.wrap(new byte[1]))).build();

    assertThat(check(sealed)).contains(Violation.UNEXPECTED_SEAL);
  }

  @Test
  void onlyStrictlyMoreWorkIsBetter() {
    Work two = new Work(BigInteger.TWO);

    assertThat(RULES.isBetter(two.plus(new Work(BigInteger.ONE)), two)).isTrue();
    assertThat(RULES.isBetter(two, two)).isFalse();
    assertThat(RULES.isBetter(Work.ZERO, two)).isFalse();
  }

  @Test
  void workFollowsTheBitsEvenWhenTheyChangeBackAndForth() {
    BlockHeader easy = BLOCKS.after(PARENT).withBits(0x207fffff).build().header();
    BlockHeader hard = PARENT.header();
    for (int i = 0; i < 3; i++) {
      assertThat(RULES.workOf(easy)).isEqualTo(new Work(BigInteger.TWO));
      assertThat(RULES.workOf(hard))
          .isEqualTo(Target.fromCompact(hard.bits()).orElseThrow().work());
    }
    BlockHeader without = BLOCKS.after(PARENT).withBits(0).build().header();
    assertThatThrownBy(() -> RULES.workOf(without))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bits 00000000 are not a canonical compact target");
  }

  @Test
  void medianIsOverOneToElevenTimestamps() {
    assertThat(HeaderRules.median(new long[] {5})).isEqualTo(5);
    assertThat(HeaderRules.median(new long[] {5, 9})).isEqualTo(9);
    assertThat(HeaderRules.median(new long[] {11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6})).isEqualTo(6);
    assertThatThrownBy(() -> HeaderRules.median(new long[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HeaderRules.median(new long[12]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void medianLeavesItsArgumentAlone() {
    long[] timestamps = {3, 1, 2};
    assertThat(HeaderRules.median(timestamps)).isEqualTo(2);
    assertThat(timestamps).containsExactly(3, 1, 2);
  }

  @Test
  void templateIsAcceptableOnceANonceIsFound() {
    BlockHeader template = template(PARENT.header().timestamp() + 12_345);
    BlockHeader header = template;
    while (!Target.fromCompact(header.bits()).orElseThrow().isMetBy(header.hash())) {
      header = header.withNonce(header.nonce() + 1);
    }

    assertThat(template.nonce()).isZero();
    assertThat(RULES.check(header, Seal.NONE, PARENT.header(), MEDIAN)).isEmpty();
  }

  @Test
  void templateTakesTheClockOrTheNextMomentAfterTheMedian() {
    assertThat(template(MEDIAN + 2).timestamp()).isEqualTo(MEDIAN + 2);
    assertThat(template(MEDIAN + 1).timestamp()).isEqualTo(MEDIAN + 1);
    assertThat(template(MEDIAN).timestamp()).isEqualTo(MEDIAN + 1);
    assertThat(template(0).timestamp()).isEqualTo(MEDIAN + 1);
  }

  private static BlockHeader template(long now) {
    return RULES.template(PARENT.header(), MEDIAN, now, MerkleTree.EMPTY_ROOT, 0);
  }

  private static Optional<Violation> check(Block block) {
    return RULES.check(block.header(), block.seal(), PARENT.header(), MEDIAN);
  }
}
