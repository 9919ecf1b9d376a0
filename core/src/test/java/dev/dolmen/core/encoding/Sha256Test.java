package dev.dolmen.core.encoding;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Sha256Test {
  @Test
  void answersWhatTheStandardPublishes() {
    assertThat(Sha256.hash(new byte[0]))
        .hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(Sha256.hash("abc".getBytes(US_ASCII)))
        .hasToString("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void hashesAPartOfAnArray() {
    byte[] padded = "xabcx".getBytes(US_ASCII);

    assertThat(Sha256.hash(padded, 1, 3)).isEqualTo(Sha256.hash("abc".getBytes(US_ASCII)));
  }

  @Test
  void hashingTwiceHashesTheHash() {
    byte[] bytes = new byte[100];

    assertThat(Sha256.hashTwice(bytes)).isEqualTo(Sha256.hash(Sha256.hash(bytes).toBytes()));
  }
}
