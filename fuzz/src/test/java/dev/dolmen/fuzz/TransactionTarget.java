package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import java.util.Arrays;
import java.util.List;

/** An entry's canonical bytes, and the question whether its signature is good. */
final class TransactionTarget implements FuzzTarget {

  private int read;

  @Override
  public boolean feed(byte[] input) {
    try {
      Transaction transaction = Transaction.fromBytes(input);
      require(Arrays.equals(transaction.toBytes(), input), "one encoding of a transaction");
      require(transaction.size() == input.length, "its size is its length");
      if (read++ % 16 == 0) { // far slower than reading
        transaction.signatureIsValid(NetworkParameters.dev().genesisHash());
      }
      return true;
    } catch (MalformedException declared) {
      return false;
    }
  }

  @Override
  public List<byte[]> examples() {
    return Samples.transactions().stream().map(Transaction::toBytes).toList();
  }
}
