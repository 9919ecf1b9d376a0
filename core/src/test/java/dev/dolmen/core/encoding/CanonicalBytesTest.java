package dev.dolmen.core.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The writer and the reader of fixed layouts, held against each other and against their bounds. */
class CanonicalBytesTest {
  @Test
  void numbersAreBigEndian() {
    byte[] bytes =
        new CanonicalWriter().u8(0xfe).u32(0x01020304).u64(0x05060708090a0b0cL).toByteArray();

    assertThat(Bytes.wrap(bytes).toHex()).isEqualTo("fe0102030405060708090a0b0c");
  }

  @Test
  void everythingComesBackAsItWas() throws MalformedException {
    Hash256 hash = Sha256.hash(new byte[0]);
    byte[] bytes =
        new CanonicalWriter()
            .u8(0)
            .u8(255)
            .u32(0)
            .u32(0xffff_ffffL)
            .u64(0)
            .u64(Long.MAX_VALUE)
            .hash(hash)
            .bytes(Bytes.wrap(new byte[] {7, 8}))
            .bytes(new byte[] {9})
            .toByteArray();
    CanonicalReader reader = new CanonicalReader(bytes);

    assertThat(reader.u8()).isZero();
    assertThat(reader.u8()).isEqualTo(255);
    assertThat(reader.u32()).isZero();
    assertThat(reader.u32()).isEqualTo(0xffff_ffffL);
    assertThat(reader.u64()).isZero();
    assertThat(reader.u64()).isEqualTo(Long.MAX_VALUE);
    assertThat(reader.hash()).isEqualTo(hash);
    assertThat(reader.bytes(2)).isEqualTo(Bytes.wrap(new byte[] {7, 8}));
    assertThat(reader.remaining()).isEqualTo(1);
    assertThat(reader.bytes(1)).isEqualTo(Bytes.wrap(new byte[] {9}));
    reader.expectEnd();
  }

  @Test
  void writerGrowsFromNothing() {
    CanonicalWriter writer = new CanonicalWriter(0);
    for (int i = 0; i < 1_000; i++) {
      writer.u8(i % 256);
    }
    byte[] written = writer.toByteArray();

    assertThat(written).hasSize(1_000);
    assertThat(written[999]).isEqualTo((byte) (999 % 256));
  }

  @Test
  void writerRefusesWhatDoesNotFit() {
    CanonicalWriter writer = new CanonicalWriter();
    assertThatThrownBy(() -> writer.u8(256)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.u8(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.u32(1L << 32)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.u32(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.u64(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(writer.size()).isZero();
  }

  @Test
  void readerRefusesNumbersOfTwoToThe63AndMore() throws MalformedException {
    byte[] bytes = {(byte) 0x80, 0, 0, 0, 0, 0, 0, 0};
    assertThatThrownBy(() -> new CanonicalReader(bytes).u64())
        .isInstanceOf(MalformedException.class)
        .hasMessage("at byte 0: a number of 2^63 or more, which no field may hold");
    bytes[0] = 0x7f;
    assertThat(new CanonicalReader(bytes).u64()).isEqualTo(0x7f00_0000_0000_0000L);
  }

  @Test
  void readerRefusesToReadBeyondItsEnd() {
    assertThatThrownBy(() -> new CanonicalReader(new byte[0]).u8())
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new CanonicalReader(new byte[3]).u32())
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new CanonicalReader(new byte[7]).u64())
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new CanonicalReader(new byte[31]).hash())
        .isInstanceOf(MalformedException.class);
    // The array goes on, but the reader was given a part of it.
    assertThatThrownBy(() -> new CanonicalReader(new byte[64], 10, 31).hash())
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void readerAllocatesNothingForALengthThatCannotBe() throws MalformedException {
    CanonicalReader reader = new CanonicalReader(new byte[5], 1, 4);
    assertThatThrownBy(() -> reader.bytes(0xffff_ffffL))
        .isInstanceOf(MalformedException.class)
        .hasMessage("at byte 0: a byte string needs 4294967295 bytes, but 4 are left");
    assertThatThrownBy(() -> reader.bytes(5)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> reader.bytes(-1)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> reader.copyTo(new CanonicalWriter(), 5))
        .isInstanceOf(MalformedException.class);
    assertThat(reader.bytes(4).size()).isEqualTo(4);
    assertThat(reader.position()).isEqualTo(4);
  }

  @Test
  void readerRefusesBytesAfterTheEnd() {
    assertThatThrownBy(() -> new CanonicalReader(new byte[1]).expectEnd())
        .isInstanceOf(MalformedException.class)
        .hasMessage("at byte 0: expected the end, but 1 more bytes follow");
  }

  @Test
  void readerCopiesByteStringsSoThatTheirSourceMayChange() throws MalformedException {
    byte[] source = {1, 2};
    Bytes read = new CanonicalReader(source).bytes(2);
    source[0] = 9;

    assertThat(read).isEqualTo(Bytes.wrap(new byte[] {1, 2}));
  }
}
