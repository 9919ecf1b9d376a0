package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Refusal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DisconnectReasonTest {

  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"CLOSED", "FAILED", "BUG", "USELESS"})
  void whatIsToldIsUnderstood(Code code) {
    Refusal told = new DisconnectReason(code, "because").toRefusal();
    assertThat(DisconnectReason.told(told))
        .isEqualTo(new DisconnectReason(code, "the other side says: because", true));
  }

  @Test
  void aReasonOfALaterVersionIsAnEnd() {
    Refusal later = Refusal.newBuilder().setReasonValue(99).setMessage("?").build();
    assertThat(DisconnectReason.told(later).code()).isEqualTo(Code.CLOSED);
  }

  @Test
  void aStrangersSentenceCannotForgeALogLine() {
    Refusal hostile =
        Refusal.newBuilder().setMessage("x\n12:00 INFO \u001b[31m all is well\u202e\u2028").build();
    assertThat(DisconnectReason.told(hostile).sentence())
        .isEqualTo("the other side says: x 12:00 INFO  [31m all is well");
  }

  @Test
  void aSentenceIsCutAtTwoHundredAndFiftySixBytesBetweenCharacters() {
    assertThat(bytes("é".repeat(128))).isEqualTo(256);
    assertThat(bytes("é".repeat(129))).isEqualTo(256);
    assertThat(bytes("x" + "é".repeat(128))).isEqualTo(255);
    assertThat(bytes("😀".repeat(100_000))).isEqualTo(Limits.MAX_REFUSAL_MESSAGE_BYTES);
  }

  private static int bytes(String sentence) {
    return new DisconnectReason(Code.BUG, sentence)
        .sentence()
        .getBytes(StandardCharsets.UTF_8)
        .length;
  }
}
