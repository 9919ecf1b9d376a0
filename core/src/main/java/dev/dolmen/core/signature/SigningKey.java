package dev.dolmen.core.signature;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dolmen.core.encoding.CanonicalWriter;
import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 private key (RFC 8032, pure Ed25519) with its public key. Never prints its secret. */
public final class SigningKey {
  public static final int SEED_BYTES = 32;

  private final byte[] seed;
  private final byte[] publicKeyBytes = new byte[PublicKey.BYTES];
  private final PublicKey publicKey;

  private SigningKey(byte[] seed) {
    this.seed = seed;
    Ed25519.generatePublicKey(seed, 0, publicKeyBytes, 0);
    this.publicKey = PublicKey.fromBytes(publicKeyBytes);
  }

  /**
   * The key that RFC 8032 derives from these 32 secret bytes.
   *
   * @throws IllegalArgumentException unless there are exactly 32
   */
  public static SigningKey fromSeed(byte[] seed) {
    checkArgument(seed.length == SEED_BYTES, "a private key has 32 bytes, not %s", seed.length);
    return new SigningKey(seed.clone());
  }

  public static SigningKey generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** The 32 secret bytes, for keeping them in a file that only its owner can read. */
  public byte[] seed() {
    return seed.clone();
  }

  /** Signs the message as it is; callers that serve more than one purpose use {@link #asSigner}. */
  public Signature sign(byte[] message) {
    byte[] signature = new byte[Signature.BYTES];
    Ed25519.sign(seed, 0, publicKeyBytes, 0, message, 0, message.length, signature, 0);
    return Signature.fromBytes(signature);
  }

  public Signer asSigner() {
    return (domain, message) ->
        sign(
            new CanonicalWriter(domain.length() + message.length)
                .bytes(domain.getBytes(US_ASCII))
                .bytes(message)
                .toByteArray());
  }

  /** The public key only. */
  @Override
  public String toString() {
    return "private key of " + publicKey;
  }
}
