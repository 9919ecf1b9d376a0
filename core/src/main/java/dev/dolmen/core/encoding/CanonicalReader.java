package dev.dolmen.core.encoding;

import java.util.Objects;

/**
 * Reads fixed big-endian layouts from bytes that may come from anybody. Every length is held
 * against what is left before anything is allocated. Owned by the thread that made it.
 */
public final class CanonicalReader {
  private final byte[] bytes;
  private final int start;
  private final int end;
  private int position;

  public CanonicalReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public CanonicalReader(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    this.bytes = bytes;
    this.start = offset;
    this.end = offset + length;
    this.position = offset;
  }

  /** How many bytes are left. */
  public int remaining() {
    return end - position;
  }

  /** How many bytes have been read. */
  public int position() {
    return position - start;
  }

  public int u8() throws MalformedException {
    need(1, "one byte");
    return bytes[position++] & 0xff;
  }

  /** A number from 0 to 2^32 - 1. */
  public long u32() throws MalformedException {
    need(4, "a number of four bytes");
    return unsigned(4);
  }

  /**
   * A number from 0 to 2^63 - 1; larger ones are refused, since no field of the format may hold
   * them.
   */
  public long u64() throws MalformedException {
    need(8, "a number of eight bytes");
    if (bytes[position] < 0) {
      throw malformed("a number of 2^63 or more, which no field may hold");
    }
    return unsigned(8);
  }

  public Hash256 hash() throws MalformedException {
    need(Hash256.BYTES, "a hash of 32 bytes");
    Hash256 hash = Hash256.fromBytes(bytes, position);
    position += Hash256.BYTES;
    return hash;
  }

  /**
   * The next {@code length} bytes, copied, so that a small part does not keep the whole message in
   * memory.
   */
  public Bytes bytes(long length) throws MalformedException {
    need(length, "a byte string");
    Bytes result = Bytes.copyOf(bytes, position, (int) length);
    position += (int) length;
    return result;
  }

  /** Passes the next {@code length} bytes on to a writer, without a copy in between. */
  public void copyTo(CanonicalWriter writer, int length) throws MalformedException {
    need(length, "a byte string");
    writer.bytes(bytes, position, length);
    position += length;
  }

  /** Refuses bytes after the end, which would give one value many encodings. */
  public void expectEnd() throws MalformedException {
    if (remaining() != 0) {
      throw malformed("expected the end, but " + remaining() + " more bytes follow");
    }
  }

  /** An exception that names the place reached. */
  public MalformedException malformed(String what) {
    return new MalformedException("at byte " + position() + ": " + what);
  }

  private void need(long length, String what) throws MalformedException {
    if (length < 0 || length > remaining()) {
      throw malformed(what + " needs " + length + " bytes, but " + remaining() + " are left");
    }
  }

  private long unsigned(int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = (value << 8) | (bytes[position++] & 0xff);
    }
    return value;
  }
}
