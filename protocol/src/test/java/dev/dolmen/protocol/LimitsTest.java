package dev.dolmen.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class LimitsTest {

  @Test
  void theLongestHonestLocatorFits() {
    int hashes = 10;
    long height = Long.MAX_VALUE - hashes;
    for (long gap = 2; height > 0; gap = Math.min(gap * 2, 1L << 62)) {
      height -= gap;
      hashes++;
    }
    assertThat(hashes + 1).isLessThanOrEqualTo(Limits.MAX_LOCATOR_HASHES);
  }

  @Test
  void theLargestHelloFitsBeforeTheHandshake() {
    Envelope largest =
        Envelope.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setProtocolVersion(-1)
                    .setNetwork(ByteString.copyFrom(new byte[Limits.HASH_BYTES]))
                    .setListeningPort(Limits.MAX_PORT)
                    .setTipHeight(Long.MAX_VALUE)
                    .setTipWork(ByteString.copyFrom(new byte[Limits.MAX_WORK_BYTES]))
                    .setName("n".repeat(Limits.MAX_NAME_BYTES)))
            .build();
    assertThat(largest.getSerializedSize())
        .isLessThan(256)
        .isLessThan(Limits.MAX_FRAME_BYTES_BEFORE_HANDSHAKE);
  }
}
