package dev.dolmen.core.encoding;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256. Every thread keeps one digest and one result buffer, so that hashing a header leaves no
 * garbage.
 */
public final class Sha256 {
  private static final ThreadLocal<Sha256> OF_THIS_THREAD = ThreadLocal.withInitial(Sha256::new);

  private final MessageDigest digest = newDigest();
  private final byte[] result = new byte[Hash256.BYTES];

  private Sha256() {}

  public static Hash256 hash(byte[] bytes) {
    return hash(bytes, 0, bytes.length);
  }

  public static Hash256 hash(byte[] bytes, int offset, int length) {
    Sha256 sha256 = OF_THIS_THREAD.get();
    sha256.digest.update(bytes, offset, length);
    return sha256.finish();
  }

  /** SHA-256 of the SHA-256, which is what identifies a header. */
  public static Hash256 hashTwice(byte[] bytes) {
    Sha256 sha256 = OF_THIS_THREAD.get();
    sha256.digest.update(bytes);
    sha256.finishIntoResult();
    sha256.digest.update(sha256.result);
    return sha256.finish();
  }

  /** A fresh digest for a caller that feeds it piece by piece or clones its state. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256, but this one does not", e);
    }
  }

  private Hash256 finish() {
    finishIntoResult();
    return Hash256.fromBytes(result, 0);
  }

  private void finishIntoResult() {
    try {
      digest.digest(result, 0, result.length);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 does not fit into 32 bytes", e);
    }
  }
}
