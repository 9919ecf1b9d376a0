package dev.dolmen.core.encoding;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts how often something calls for a SHA-256. It puts a provider of its own before the
 * platform's, whose digests pass everything on, and works on a fresh thread, since every thread
 * keeps the digest that it began with.
 */
public final class CountedDigests {

  private static final String ALGORITHM = "SHA-256";
  private static final AtomicLong FINISHED = new AtomicLong();

  private CountedDigests() {}

  /** How many digests are finished while the work is done. */
  public static long during(Callable<?> work) throws InterruptedException, ExecutionException {
    Counting provider = new Counting();
    Security.insertProviderAt(provider, 1);
    try {
      FutureTask<Long> counted =
          new FutureTask<>(
              () -> {
                Sha256.hash(new byte[0]); // Makes this thread's digest.
                long before = FINISHED.get();
                work.call();
                return FINISHED.get() - before;
              });
      new Thread(counted, "counted-digests").start();
      return counted.get();
    } finally {
      Security.removeProvider(provider.getName());
    }
  }

  private static final class Counting extends Provider {
    Counting() {
      super("counted-digests", "1", "passes SHA-256 on and counts");
      putService(
          new Service(this, "MessageDigest", ALGORITHM, "counting", null, null) {
            @Override
            public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
              return new CountedDigest(MessageDigest.getInstance(ALGORITHM, platform()));
            }
          });
    }

    private static Provider platform() {
      return Security.getProvider("SUN");
    }
  }

  private static final class CountedDigest extends MessageDigest {

    private final MessageDigest digest;

    CountedDigest(MessageDigest digest) {
      super(ALGORITHM);
      this.digest = digest;
    }

    @Override
    protected void engineUpdate(byte input) {
      digest.update(input);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
      digest.update(input, offset, length);
    }

    @Override
    protected byte[] engineDigest() {
      FINISHED.incrementAndGet();
      return digest.digest();
    }

    @Override
    protected int engineGetDigestLength() {
      return digest.getDigestLength();
    }

    @Override
    protected void engineReset() {
      digest.reset();
    }
  }
}
