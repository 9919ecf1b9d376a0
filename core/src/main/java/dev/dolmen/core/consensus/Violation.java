package dev.dolmen.core.consensus;

import dev.dolmen.core.block.BlockHeader;

/**
 * The rules of a chain, each by what breaks it. Whether that condemns a block for ever, only this
 * copy of its body, or only for now, is said by the answer that carries it.
 *
 * <p>Rule: docs/protocol.md#rules
 */
public enum Violation {
  UNKNOWN_VERSION("The header's version is not 1, the only one that this network knows."),
  WRONG_HEIGHT("The height is not one more than the parent's."),
  WRONG_PREVIOUS_HASH("The header names another parent than the one it is held against."),
  TIMESTAMP_NOT_ABOVE_MEDIAN(
      "The timestamp is not later than the median of the last 11 blocks before it."),
  TIMESTAMP_TOO_FAR_AHEAD(
      "The timestamp is further ahead of this node's clock than the network allows; ask again later."),
  WRONG_BITS("The target is not the one that the difficulty rule asks for."),
  NOT_ENOUGH_WORK("The header's hash is above its target."),
  UNEXPECTED_SEAL("The header comes with a seal, but this network seals by proof of work only."),

  TRANSACTION_COUNT_MISMATCH("The header counts another number of transactions than the body has."),
  MERKLE_ROOT_MISMATCH("The header's Merkle root is not that of the transactions in the body."),

  BLOCK_TOO_LARGE("Header and transactions together exceed the network's largest block."),
  TRANSACTION_FORM("A transaction is not in the one canonical form, or of an unknown version."),
  PAYLOAD_TOO_LARGE("A transaction's payload exceeds 100,000 bytes."),
  AUTHOR_NOT_ALLOWED("A transaction's author is not among those who may write to this network."),
  BAD_SIGNATURE("A transaction's signature is not its author's over it for this network."),
  EXPIRED("A transaction's expiry height is below the block's height."),
  EXPIRES_TOO_LATE("A transaction's expiry height is more than 256 above the block's height."),
  DUPLICATE_TRANSACTION("A transaction is in this block twice."),
  ALREADY_INCLUDED("A transaction is already in a block before this one."),

  KNOWN_INVALID("This very block broke a rule before, and stays refused."),
  INVALID_ANCESTOR("A block before this one breaks a rule, so nothing can stand on it.");

  private final String sentence;

  Violation(String sentence) {
    this.sentence = sentence;
  }

  /** What was broken by which block, for people. */
  public String about(BlockHeader header) {
    return "block " + header.height() + " " + header.hash() + ": " + sentence;
  }

  /** What was broken, for people. */
  public String sentence() {
    return sentence;
  }
}
