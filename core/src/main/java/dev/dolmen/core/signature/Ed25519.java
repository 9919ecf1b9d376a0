package dev.dolmen.core.signature;

/**
 * The one rule by which a signature is good: {@code [8][S]B = [8]R + [8][k]A} with {@code R} and
 * {@code A} canonical points, {@code S < L}, and {@code A} not of small order. BouncyCastle, pinned
 * to one version, decides, since two implementations that differ in a corner would split the chain;
 * {@code ed25519.json} among the test vectors holds the corners.
 *
 * <p>Rule: docs/protocol.md#signatures
 */
public final class Ed25519 {
  private Ed25519() {}

  /**
   * Whether the holder of this key signed this message. Any bytes may be asked about; the answer is
   * never an error.
   */
  public static boolean verify(PublicKey publicKey, byte[] message, Signature signature) {
    return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
        signature.toBytes(), 0, publicKey.toBytes(), 0, message, 0, message.length);
  }
}
