package dev.dolmen.benchmarks;

import com.google.common.primitives.Ints;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import java.util.List;
import java.util.stream.IntStream;

/** Signed entries to measure with. */
final class Entries {

  private static final long EXPIRY = 200;

  private Entries() {}

  /** So many different ones of Alice's, with payloads of so many bytes, four at least. */
  static List<Transaction> signed(int count, int payloadBytes) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              byte[] payload = new byte[payloadBytes];
              System.arraycopy(Ints.toByteArray(i), 0, payload, 0, Integer.BYTES);
              return Blocks.transaction(Blocks.ALICE, Bytes.wrap(payload), EXPIRY);
            })
        .toList();
  }
}
