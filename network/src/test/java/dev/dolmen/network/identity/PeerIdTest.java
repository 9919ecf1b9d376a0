package dev.dolmen.network.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdTest {

  private static final String LOW = "00".repeat(31) + "7f";
  private static final String HIGH = "ff" + "00".repeat(31);

  @Test
  void isOrderedByUnsignedBytes() {
    assertThat(PeerId.parse(LOW)).isLessThan(PeerId.parse(HIGH));
  }

  @Test
  void isWrittenInLowerCaseAndReadInEither() {
    assertThat(PeerId.parse(HIGH.toUpperCase(Locale.ROOT))).hasToString(HIGH);
    assertThat(PeerId.parse(HIGH).toShortString()).isEqualTo("ff000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00", "zz000000000000000000000000000000000000000000000000000000000000ff"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> PeerId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a peer id is 64 hexadecimal digits, not '" + text + "'");
  }

  @Test
  void hasThirtyTwoBytes() {
    assertThatThrownBy(() -> PeerId.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PeerId.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
  }
}
