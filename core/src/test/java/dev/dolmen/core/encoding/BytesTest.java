package dev.dolmen.core.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BytesTest {
  private static final byte[] ARRAY = {1, 2, 3, 4, 5};

  @Test
  void viewsAndCopiesOfTheSameBytesAreEqual() {
    Bytes view = Bytes.wrap(ARRAY, 1, 3);
    Bytes copy = Bytes.copyOf(new byte[] {2, 3, 4});

    assertThat(view).isEqualTo(copy).hasSameHashCodeAs(copy);
    assertThat(view).isNotEqualTo(Bytes.wrap(ARRAY, 1, 4));
    assertThat(view).isNotEqualTo(Bytes.wrap(ARRAY, 2, 3));
    assertThat(Bytes.wrap(ARRAY, 5, 0)).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void copyDoesNotChangeWithItsSourceOrThroughItsResult() {
    byte[] source = {1, 2};
    Bytes copy = Bytes.copyOf(source);
    source[0] = 9;
    copy.toByteArray()[1] = 9;

    assertThat(copy).isEqualTo(Bytes.wrap(new byte[] {1, 2}));
  }

  @Test
  void viewGivesOnlyItsOwnPart() {
    Bytes view = Bytes.wrap(ARRAY, 1, 3);
    byte[] target = new byte[4];
    view.copyTo(target, 1);
    ByteBuffer buffer = view.asReadOnlyByteBuffer();

    assertThat(view.size()).isEqualTo(3);
    assertThat(view.at(2)).isEqualTo((byte) 4);
    assertThat(view.toHex()).isEqualTo("020304");
    assertThat(view.toByteArray()).containsExactly(2, 3, 4);
    assertThat(target).containsExactly(0, 2, 3, 4);
    assertThat(buffer.isReadOnly()).isTrue();
    assertThat(buffer.remaining()).isEqualTo(3);
    assertThat(buffer.get(0)).isEqualTo((byte) 2);
    assertThatThrownBy(() -> view.at(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Bytes.wrap(ARRAY, 3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void hexComesBackAsItWas() {
    assertThat(Bytes.fromHex("00fFa0").toHex()).isEqualTo("00ffa0");
    assertThat(Bytes.fromHex("")).isEqualTo(Bytes.EMPTY);
    assertThatThrownBy(() -> Bytes.fromHex("0")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Bytes.fromHex("0g"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("character 2 (U+67) is not a hex digit");
  }

  @Test
  void textShowsOnlyTheBeginning() {
    assertThat(Bytes.wrap(new byte[16])).hasToString("16 bytes " + "00".repeat(16));
    assertThat(Bytes.wrap(new byte[17])).hasToString("17 bytes " + "00".repeat(16) + "…");
  }

  @Test
  void digestSeesTheSameBytes() {
    var digest = Sha256.newDigest();
    Bytes.wrap(ARRAY, 1, 3).updateDigest(digest);

    assertThat(Hash256.fromBytes(digest.digest())).isEqualTo(Sha256.hash(ARRAY, 1, 3));
  }
}
