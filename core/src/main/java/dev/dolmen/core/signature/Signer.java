package dev.dolmen.core.signature;

/**
 * Something that signs for one key. Every purpose has its own domain, so that what is signed for
 * one can never be shown for another.
 */
@FunctionalInterface
public interface Signer {
  /**
   * Signs the ASCII bytes of {@code domain} followed by {@code message}.
   *
   * @param domain what the signature is for, such as {@code dolmen/transaction/1}
   */
  Signature sign(String domain, byte[] message);
}
