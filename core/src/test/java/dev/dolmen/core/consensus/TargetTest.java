package dev.dolmen.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import java.math.BigInteger;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets in full and in compact form, and the work that they stand for. */
class TargetTest {
  private static final BigInteger TWO_TO_256 = BigInteger.TWO.pow(256);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000",
        "01000000",
        "1d000000", // zero
        "01800000",
        "04923456",
        "ffffffff",
        "1d80ffff", // negative
        "2101ffff",
        "22000100",
        "23000001",
        "ff123456", // 2^256 and more
        "01010001",
        "01001000",
        "02000056",
        "03000001",
        "1e0000ff",
        "1d007fff" // not shortest
      })
  void refusesEveryOtherWayToWriteATarget(String bits) {
    assertThat(Target.fromCompact(Integer.parseUnsignedInt(bits, 16))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01010000",
        "017f0000",
        "02008000",
        "03008000",
        "1d00ffff",
        "207fffff",
        "2100ffff"
      })
  void takesTheOneCanonicalWay(String bits) {
    int compact = Integer.parseUnsignedInt(bits, 16);

    assertThat(Target.fromCompact(compact).orElseThrow().toCompact()).isEqualTo(compact);
  }

  @Test
  void agreesWithBigIntegersOnAnyBits() {
    SplittableRandom random = new SplittableRandom(22);
    for (int i = 0; i < 1_000_000; i++) {
      int bits = (random.nextInt(40) << 24) | (random.nextInt(1 << 24) >>> random.nextInt(16));
      Optional<BigInteger> expected = decodeSlowly(bits);
      Optional<BigInteger> actual =
          Target.fromCompact(bits).map(target -> target.value().toBigInteger());
      if (!actual.equals(expected)) {
        fail("bits %08x: %s instead of %s", bits, actual, expected);
      }
    }
  }

  /** What Bitcoin means by these bits, if nothing shorter means the same. */
  private static Optional<BigInteger> decodeSlowly(int bits) {
    int length = bits >>> 24;
    int mantissa = bits & 0xff_ffff;
    BigInteger value = BigInteger.valueOf(mantissa).shiftLeft(8 * (length - 3));
    boolean exact = value.shiftRight(8 * (length - 3)).equals(BigInteger.valueOf(mantissa));
    boolean inRange = value.signum() > 0 && value.compareTo(TWO_TO_256) < 0;
    // The sign bit is clear, and the mantissa has no spare zero byte, except to keep that bit
    // clear.
    boolean shortest = mantissa >= 0x8000 && mantissa <= 0x7f_ffff;
    return exact && inRange && shortest ? Optional.of(value) : Optional.empty();
  }

  @Test
  void compactFormDropsTheLowBytes() {
    Target target = new Target(Hash256.fromHex("00000000ffff" + "77".repeat(26)));

    assertThat(target.toCompact()).isEqualTo(0x1d00ffff);
    assertThat(new Target(Hash256.fromHex("00".repeat(28) + "12345678")).toCompact())
        .isEqualTo(0x04123456);
  }

  @Test
  void isMetByHashesUpToAndIncludingItself() {
    Target target = Target.fromCompact(0x1d00ffff).orElseThrow();
    Hash256 value = target.value();

    assertThat(target.isMetBy(new BlockHash(value))).isTrue();
    assertThat(target.isMetBy(new BlockHash(Hash256.ZERO))).isTrue();
    assertThat(target.isMetBy(new BlockHash(new Hash256(value.w0(), value.w1(), value.w2(), 1))))
        .isFalse();
    assertThat(target.isMetBy(new BlockHash(new Hash256(-1, 0, 0, 0)))).isFalse();
  }

  @Test
  void zeroIsNoTarget() {
    assertThatThrownBy(() -> new Target(Hash256.ZERO)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new Target(new Hash256(0, 0, 0, 1)).work())
        .isEqualTo(new Work(BigInteger.TWO.pow(255)));
    assertThat(new Target(new Hash256(-1, -1, -1, -1)).work()).isEqualTo(new Work(BigInteger.ONE));
  }

  @Test
  void workAddsUpAndStaysBelowTwoToThe256() {
    Work most = new Work(TWO_TO_256.subtract(BigInteger.ONE));

    assertThat(Work.ZERO.plus(most)).isEqualTo(most).isGreaterThan(Work.ZERO);
    assertThatThrownBy(() -> most.plus(new Work(BigInteger.ONE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Work(BigInteger.ONE.negate()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void workIsWrittenAsShortAsPossible() throws MalformedException {
    assertThat(Work.ZERO.toBytes()).isEmpty();
    assertThat(new Work(BigInteger.valueOf(0x80)).toBytes()).containsExactly(0x80);
    assertThat(new Work(BigInteger.valueOf(0x100)).toBytes()).containsExactly(1, 0);
    for (int bit = 0; bit < 256; bit++) {
      Work work = new Work(BigInteger.ONE.shiftLeft(bit));
      assertThat(Work.fromBytes(work.toBytes())).isEqualTo(work);
      assertThat(work.toBytes()).hasSize(bit / 8 + 1);
    }
    assertThat(Work.fromBytes(new byte[0])).isEqualTo(Work.ZERO);
    assertThatThrownBy(() -> Work.fromBytes(new byte[] {0, 1}))
        .isInstanceOf(MalformedException.class);
    byte[] tooMany = new byte[33];
    tooMany[0] = 1;
    assertThatThrownBy(() -> Work.fromBytes(tooMany)).isInstanceOf(MalformedException.class);
  }
}
