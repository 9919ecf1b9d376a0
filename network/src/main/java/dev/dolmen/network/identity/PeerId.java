package dev.dolmen.network.identity;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.BaseEncoding;
import com.google.protobuf.ByteString;
import dev.dolmen.protocol.Limits;
import java.util.Locale;

/**
 * A peer's name: its Ed25519 public key of 32 bytes, proved in the TLS handshake. Ordered by its
 * bytes, read as unsigned; shown as 64 lower-case hexadecimal digits.
 *
 * @param key exactly {@value Limits#KEY_BYTES} bytes
 */
public record PeerId(ByteString key) implements Comparable<PeerId> {

  private static final BaseEncoding HEX = BaseEncoding.base16().lowerCase();

  /**
   * How many hexadecimal digits {@link #toShortString} shows: enough to tell peers apart in a log.
   */
  private static final int SHORT_DIGITS = 8;

  public PeerId {
    checkArgument(
        key.size() == Limits.KEY_BYTES,
        "a peer id is an Ed25519 public key of %s bytes, not %s",
        Limits.KEY_BYTES,
        key.size());
  }

  /** The id whose key is a copy of these 32 bytes. */
  public static PeerId of(byte[] key) {
    return new PeerId(ByteString.copyFrom(key));
  }

  /**
   * Reads 64 hexadecimal digits of either case.
   *
   * @throws IllegalArgumentException if it is anything else; the message can be shown to a user
   */
  public static PeerId parse(String hex) {
    String digits = hex.toLowerCase(Locale.ROOT);
    checkArgument(
        digits.length() == 2 * Limits.KEY_BYTES && HEX.canDecode(digits),
        "a peer id is %s hexadecimal digits, not '%s'",
        2 * Limits.KEY_BYTES,
        hex);
    return of(HEX.decode(digits));
  }

  /** The first digits only, for logs. */
  public String toShortString() {
    return toString().substring(0, SHORT_DIGITS);
  }

  @Override
  public int compareTo(PeerId other) {
    return ByteString.unsignedLexicographicalComparator().compare(key, other.key);
  }

  @Override
  public String toString() {
    return HEX.encode(key.toByteArray());
  }
}
