package dev.dolmen.benchmarks.process;

import dev.dolmen.core.signature.SigningKey;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Signatures that all cores together verify with the library that decides for us. */
final class SignatureFloor {

  /** What the signature of an entry is over: a domain of 20 bytes and two hashes. */
  private static final int MESSAGE_BYTES = 84;

  private static final long WARMUP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final double NANOS_PER_SECOND = 1e9;

  private SignatureFloor() {}

  /** In a second, by all cores at once. */
  static double verificationsPerSecond() throws InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService threads = Executors.newFixedThreadPool(cores);
    try {
      Callable<Double> one = SignatureFloor::ofOneCore;
      double sum = 0;
      for (var share : threads.invokeAll(Collections.nCopies(cores, one))) {
        sum += share.get();
      }
      return sum;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a floor could not be measured", e);
    } finally {
      threads.shutdown();
    }
  }

  private static double ofOneCore() {
    SigningKey key = SigningKey.fromSeed(new byte[SigningKey.SEED_BYTES]);
    byte[] message = new byte[MESSAGE_BYTES];
    byte[] signature = key.sign(message).toBytes();
    byte[] publicKey = key.publicKey().toBytes();
    verifyFor(WARMUP_NANOS, publicKey, message, signature);
    return verifyFor(MEASURED_NANOS, publicKey, message, signature);
  }

  private static double verifyFor(long nanos, byte[] publicKey, byte[] message, byte[] signature) {
    long start = System.nanoTime();
    long verified = 0;
    long elapsed = 0;
    while (elapsed < nanos) {
      if (!Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length)) {
        throw new IllegalStateException("a good signature was refused");
      }
      verified++;
      elapsed = System.nanoTime() - start;
    }
    return verified * NANOS_PER_SECOND / elapsed;
  }
}
