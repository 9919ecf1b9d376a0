package dev.dolmen.benchmarks;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.Ed25519;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Verifying the signature of an entry, beside its floor: BouncyCastle's low-level call with bytes
 * that are at hand.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class SignatureBenchmark {

  private static final int PAYLOAD_BYTES = 250;

  private final BlockHash genesis = NetworkParameters.dev().genesisHash();
  private final Transaction entry = Entries.signed(1, PAYLOAD_BYTES).get(0);
  private final byte[] message = new byte[84];
  private final byte[] key = entry.author().toBytes();
  private final byte[] signature = entry.signature().toBytes();

  /** The floor; that the answer is no costs the same, since it is known at the very end. */
  @Benchmark
  public boolean bouncyCastle() {
    return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
        signature, 0, key, 0, message, 0, message.length);
  }

  /** The one rule. */
  @Benchmark
  public boolean verify() {
    return Ed25519.verify(entry.author(), message, entry.signature());
  }

  /** An entry that came: its message is put together, then the rule is asked. */
  @Benchmark
  public boolean verifyEntry() {
    return entry.signatureIsValid(genesis);
  }
}
