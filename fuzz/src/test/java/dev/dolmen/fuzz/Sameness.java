package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.MalformedException;

/** What is written can be read, and is the same. */
final class Sameness {

  private Sameness() {}

  static void check(Block block) {
    if (block.header().transactionCount() != block.transactions().size()) {
      return; // a body that is not the header's, which the rules say; it has no canonical bytes
    }
    try {
      require(Block.fromBytes(block.toBytes()).equals(block), "a block can be read again");
    } catch (MalformedException e) {
      throw new AssertionError("a block cannot be read again", e);
    }
  }

  static void check(BlockHeader header) {
    try {
      require(BlockHeader.fromBytes(header.toBytes()).equals(header), "a header can be read again");
    } catch (MalformedException e) {
      throw new AssertionError("a header cannot be read again", e);
    }
  }

  static void check(Transaction transaction) {
    try {
      require(
          Transaction.fromBytes(transaction.toBytes()).equals(transaction),
          "a transaction can be read again");
    } catch (MalformedException e) {
      throw new AssertionError("a transaction cannot be read again", e);
    }
  }
}
