package dev.dolmen.core.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.encoding.Hash256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DifficultyTest {
  private static final BigInteger TWO_TO_256 = BigInteger.TWO.pow(256);
  private static final NetworkParameters NETWORK =
      NetworkParameters.builder("difficulty")
          .genesisTime(1_767_225_600_000L)
          .interval(Duration.ofSeconds(10))
          .halfLife(Duration.ofHours(1))
          .firstBits(0x1e00ffff)
          .build();

  @Test
  void meetsThePublishedVectorsOfBitcoinCashBitForBit() throws IOException {
    Target easiest = Target.fromCompact(0x1d00ffff).orElseThrow();
    int checked = 0;
    String[] run = {};
    for (String line : publishedLines()) {
      String[] fields = line.split(" ", -1);
      if (fields[0].equals("run")) {
        run = fields;
        continue;
      }
      BigInteger blocks = new BigInteger(fields[1]).subtract(new BigInteger(run[2]));
      BigInteger passed = new BigInteger(fields[2]).subtract(new BigInteger(run[3]));
      Target anchor = Target.fromCompact(Integer.parseUnsignedInt(run[4], 16)).orElseThrow();

      assertThat(Difficulty.nextTarget(anchor, easiest, 600, 172_800, passed, blocks).toCompact())
          .as("%s: %s", run[1], line)
          .isEqualTo(Integer.parseUnsignedInt(fields[3], 16));
      checked++;
    }
    assertThat(checked).isEqualTo(135);
  }

  private static List<String> publishedLines() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    DifficultyTest.class.getResourceAsStream("/asert-published.txt")),
                UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  @Test
  void childOfGenesisHasTheFirstTargetAndOnScheduleItStays() {
    long genesisTime = NETWORK.genesisTime();
    assertThat(Difficulty.nextBits(NETWORK, 0, genesisTime)).isEqualTo(0x1e00ffff);
    assertThat(Difficulty.nextBits(NETWORK, 1_000_000, genesisTime + 10_000L * 1_000_000))
        .isEqualTo(0x1e00ffff);
  }

  @Test
  void oneHalfLifeAheadOfScheduleHalvesTheTargetAndTwoQuarterIt() {
    // 360 intervals of 10 s are one half-life of an hour.
    assertThat(Difficulty.nextBits(NETWORK, 360, NETWORK.genesisTime())).isEqualTo(0x1d7fff80);
    assertThat(Difficulty.nextBits(NETWORK, 720, NETWORK.genesisTime())).isEqualTo(0x1d3fffc0);
  }

  @Test
  void neverGetsEasierThanTheFirstTarget() {
    for (long late :
        new long[] {1, 10_000, 3_600_000, 1L << 50, Long.MAX_VALUE - NETWORK.genesisTime()}) {
      assertThat(Difficulty.nextBits(NETWORK, 0, NETWORK.genesisTime() + late))
          .isEqualTo(0x1e00ffff);
    }
  }

  @Test
  void hardestTargetIsOneHoweverFarAheadOfSchedule() {
    assertThat(Difficulty.nextBits(NETWORK, Long.MAX_VALUE, 0)).isEqualTo(0x01010000);
    assertThat(Difficulty.nextBits(NETWORK, 1_000_000, NETWORK.genesisTime()))
        .isEqualTo(0x01010000);
  }

  @Test
  void fixedTargetStaysWhateverHappens() {
    NetworkParameters dev = NetworkParameters.dev();
    assertThat(Difficulty.nextBits(dev, 0, dev.genesisTime())).isEqualTo(0x207fffff);
    assertThat(Difficulty.nextBits(dev, Long.MAX_VALUE, 0)).isEqualTo(0x207fffff);
    assertThat(Difficulty.nextBits(dev, 0, Long.MAX_VALUE)).isEqualTo(0x207fffff);
  }

  @Test
  void alwaysAsksForCanonicalBitsNoEasierThanTheFirst() {
    SplittableRandom random = new SplittableRandom(22);
    for (int i = 0; i < 100_000; i++) {
      NetworkParameters network = Blocks.retargeting();
      long height = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
      long timestamp = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
      int bits = Difficulty.nextBits(network, height, timestamp);
      Target target = Target.fromCompact(bits).orElseThrow();
      assertThat(target.value().compareTo(network.firstTarget().value())).isNotPositive();
    }
  }

  @Test
  void laterParentNeverMakesItHarderAndHigherParentNeverEasier() {
    SplittableRandom random = new SplittableRandom(23);
    for (int i = 0; i < 20_000; i++) {
      long height = random.nextLong(100_000);
      long timestamp = NETWORK.genesisTime() + random.nextLong(100_000_000);
      Target here = next(height, timestamp);
      Target later = next(height, timestamp + random.nextLong(20_000));
      Target higher = next(height + random.nextLong(3), timestamp);

      assertThat(later.value().compareTo(here.value())).isNotNegative();
      assertThat(higher.value().compareTo(here.value())).isNotPositive();
    }
  }

  private static Target next(long height, long timestamp) {
    return Target.fromCompact(Difficulty.nextBits(NETWORK, height, timestamp)).orElseThrow();
  }

  /** Floating point is independent enough to catch a wrong constant, a wrong sign or a lost bit. */
  @Test
  void followsThePowerOfTwoThatItApproximates() {
    SplittableRandom random = new SplittableRandom(24);
    Target easiest = Target.fromCompact(0x2100ffff).orElseThrow();
    Target anchor = Target.fromCompact(0x1b7fffff).orElseThrow();
    double anchorValue = anchor.value().toBigInteger().doubleValue();
    for (int i = 0; i < 100_000; i++) {
      long late = random.nextLong(-2_000_000, 2_000_000);
      Target next =
          Difficulty.nextTarget(
              anchor, easiest, 600, 172_800, BigInteger.valueOf(600 + late), BigInteger.ZERO);
      double expected = anchorValue * Math.pow(2, late / 172_800.0);

      assertThat(next.value().toBigInteger().doubleValue() / expected)
          .isCloseTo(1, within(0.00015));
    }
  }

  @Test
  void divisionTruncatesTowardsZeroOnBothSidesOfTheSchedule() {
    Target easiest = Target.fromCompact(0x1d00ffff).orElseThrow();
    Target anchor = Target.fromCompact(0x1a2b3c4d).orElseThrow();
    // With so long a half-life, one unit late or early is less than 2^-16 of it.
    long halfLife = 1 << 17;
    for (long late : new long[] {-1, 0, 1}) {
      assertThat(
              Difficulty.nextTarget(
                  anchor, easiest, 600, halfLife, BigInteger.valueOf(600 + late), BigInteger.ZERO))
          .isEqualTo(anchor);
    }
    assertThat(
            Difficulty.nextTarget(
                anchor, easiest, 600, halfLife, BigInteger.valueOf(598), BigInteger.ZERO))
        .isNotEqualTo(anchor);
  }

  /**
   * The words of the specification in numbers of any size, without a short way for what is far off.
   */
  @Test
  void agreesWithTheSpecificationOnAnyInput() {
    SplittableRandom random = new SplittableRandom(25);
    for (int i = 0; i < 1_000_000; i++) {
      Target anchor = randomTarget(random);
      Target easiest = randomTarget(random);
      long interval = 1 + (random.nextLong() >>> (1 + random.nextInt(62)));
      long halfLife = 1 + (random.nextLong() >>> (1 + random.nextInt(62)));
      BigInteger passed = BigInteger.valueOf(random.nextLong() >> random.nextInt(63));
      BigInteger blocks = BigInteger.valueOf(random.nextLong() >>> (1 + random.nextInt(62)));

      Target next = Difficulty.nextTarget(anchor, easiest, interval, halfLife, passed, blocks);

      BigInteger expected = slowly(anchor, easiest, interval, halfLife, passed, blocks);
      if (!next.value().toBigInteger().equals(expected)) {
        throw new AssertionError(next + " is not " + expected.toString(16) + ", case " + i);
      }
      Target decoded = Target.fromCompact(next.toCompact()).orElseThrow();
      BigInteger lost = expected.subtract(decoded.value().toBigInteger());
      if (lost.signum() < 0 || lost.bitLength() > Math.max(0, expected.bitLength() - 15)) {
        throw new AssertionError(next + " loses too much in its compact form, case " + i);
      }
      BigInteger work = TWO_TO_256.divide(expected.add(BigInteger.ONE));
      if (!next.work().value().equals(work)) {
        throw new AssertionError("the work of " + next + " is " + work + ", case " + i);
      }
    }
  }

  private static BigInteger slowly(
      Target anchor,
      Target easiest,
      long interval,
      long halfLife,
      BigInteger passed,
      BigInteger blocks) {
    BigInteger most = easiest.value().toBigInteger();
    BigInteger scheduled = BigInteger.valueOf(interval).multiply(blocks.add(BigInteger.ONE));
    BigInteger late = passed.subtract(scheduled);
    BigInteger exponent = late.abs().shiftLeft(16).divide(BigInteger.valueOf(halfLife));
    BigInteger unit = BigInteger.valueOf(65_536);
    exponent = late.signum() < 0 ? exponent.negate() : exponent;
    BigInteger fraction = exponent.mod(unit);
    BigInteger shifts = exponent.subtract(fraction).divide(unit);
    if (shifts.compareTo(BigInteger.valueOf(300)) > 0) {
      return most; // Even a target of 1 has left the range.
    }
    if (shifts.compareTo(BigInteger.valueOf(-300)) < 0) {
      return BigInteger.ONE;
    }
    BigInteger cubic =
        new BigInteger("195766423245049")
            .multiply(fraction)
            .add(new BigInteger("971821376").multiply(fraction.pow(2)))
            .add(new BigInteger("5127").multiply(fraction.pow(3)))
            .add(BigInteger.TWO.pow(47))
            .divide(BigInteger.TWO.pow(48));
    BigInteger scaled = anchor.value().toBigInteger().multiply(unit.add(cubic));
    int power = shifts.intValueExact() - 16;
    BigInteger next =
        power >= 0
            ? scaled.multiply(BigInteger.TWO.pow(power))
            : scaled.divide(BigInteger.TWO.pow(-power));
    return next.max(BigInteger.ONE).min(most);
  }

  private static Target randomTarget(SplittableRandom random) {
    BigInteger number =
        new BigInteger(1 + random.nextInt(256), new Random(random.nextLong())).max(BigInteger.ONE);
    return new Target(
        new Hash256(
            number.shiftRight(192).longValue(),
            number.shiftRight(128).longValue(),
            number.shiftRight(64).longValue(),
            number.longValue()));
  }
}
