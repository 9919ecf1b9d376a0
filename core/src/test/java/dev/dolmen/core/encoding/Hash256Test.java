package dev.dolmen.core.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Hash256Test {
  private static final String HEX =
      "dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869";

  @Test
  void keepsTheFirstByteAsTheMostSignificant() {
    Hash256 hash = Hash256.fromHex(HEX);

    assertThat(hash.w0()).isEqualTo(0xdbb6fcf08ce9f217L);
    assertThat(hash.w3()).isEqualTo(0x360d4daf2f1c7869L);
    assertThat(hash.toBigInteger().toString(16)).isEqualTo(HEX);
    assertThat(hash).hasToString(HEX);
  }

  @Test
  void bytesAndHexComeBackAsTheyWere() {
    SplittableRandom random = new SplittableRandom(256);
    byte[] bytes = new byte[40];
    for (int i = 0; i < 10_000; i++) {
      random.nextBytes(bytes);
      int offset = random.nextInt(9);
      Hash256 hash = Hash256.fromBytes(bytes, offset);
      byte[] copy = new byte[40];
      hash.copyTo(copy, offset);

      assertThat(Hash256.fromBytes(copy, offset)).isEqualTo(hash);
      assertThat(Hash256.fromBytes(hash.toBytes())).isEqualTo(hash);
      assertThat(Hash256.fromHex(hash.toHex())).isEqualTo(hash);
      assertThat(Hash256.parseHex(hash.toHex())).contains(hash);
      assertThat(new Bytes[] {Bytes.wrap(bytes, offset, 32)})
          .containsExactly(Bytes.wrap(hash.toBytes()));
    }
  }

  @Test
  void comparesAsAnUnsignedNumber() {
    SplittableRandom random = new SplittableRandom(257);
    for (int i = 0; i < 10_000; i++) {
      Hash256 a = nearlyZero(random);
      Hash256 b = nearlyZero(random);
      assertThat(Integer.signum(a.compareTo(b)))
          .isEqualTo(a.toBigInteger().compareTo(b.toBigInteger()));
    }
  }

  /** Words of few values, so that pairs often differ only in the last one. */
  private static Hash256 nearlyZero(SplittableRandom random) {
    return new Hash256(
        random.nextInt(3) - 1, random.nextInt(3) - 1, random.nextInt(3) - 1, random.nextInt(3) - 1);
  }

  @Test
  void readsHexOfEitherCaseFromOurselvesButOnlyLowerCaseFromStrangers() {
    String upper = HEX.toUpperCase(Locale.ROOT);

    assertThat(Hash256.fromHex(upper)).isEqualTo(Hash256.fromHex(HEX));
    assertThat(Hash256.parseHex(upper)).isEmpty();
    assertThat(Hash256.parseHex(HEX)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c786",
        "dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c78690",
        "gbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869",
        "0xb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869",
        "dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c786\u0669",
        "-bb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869"
      })
  void refusesAnythingButSixtyFourHexDigits(String text) {
    assertThat(Hash256.parseHex(text)).isEmpty();
    assertThatThrownBy(() -> Hash256.fromHex(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAnyOtherNumberOfBytes() {
    assertThatThrownBy(() -> Hash256.fromBytes(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a hash has 32 bytes, not 31");
    assertThatThrownBy(() -> Hash256.fromBytes(new byte[33]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Hash256.fromBytes(new byte[33], 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Hash256.ZERO.copyTo(new byte[33], 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
