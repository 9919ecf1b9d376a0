package dev.dolmen.core.signature;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.crypto.CryptoServicesConstraints;
import org.bouncycastle.crypto.CryptoServicesRegistrar;

/**
 * Counts how often BouncyCastle verifies or makes an Ed25519 signature, in all threads of the
 * process: it tells a registrar of each SHA-512 that it begins, and either begins one.
 */
public final class CountedVerifications {

  private static final String DIGEST = "SHA-512";

  private CountedVerifications() {}

  /** How many signatures are verified while the work is done, in which none may be made. */
  public static long during(Callable<?> work) throws Exception {
    AtomicLong begun = new AtomicLong();
    CryptoServicesConstraints before = CryptoServicesRegistrar.getServicesConstraints();
    CryptoServicesRegistrar.setServicesConstraints(
        service -> {
          if (service.getServiceName().equals(DIGEST)) {
            begun.incrementAndGet();
          }
        });
    try {
      work.call();
      return begun.get();
    } finally {
      CryptoServicesRegistrar.setServicesConstraints(before);
    }
  }
}
