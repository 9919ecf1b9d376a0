package dev.dolmen.core.proof;

/**
 * What is held against the rules, in the order in which it is done.
 *
 * <p>Rule: docs/protocol.md#proof-file
 */
public enum ProofStep {
  /** The file is the one encoding of what it says. */
  FORM("form"),
  /** It is about the reader's network. */
  NETWORK("network"),
  /** The entry's id, which is computed and cannot be wrong. */
  ENTRY("entry"),
  /** Its author may write. */
  AUTHOR("author"),
  /** Its author signed it for this network. */
  SIGNATURE("signature"),
  /** The block that is said to hold it is among the headers. */
  BLOCK("block"),
  /** That block comes neither too early nor too late for the entry. */
  EXPIRY("expiry"),
  /** The path leads from the entry's leaf to the block's Merkle root. */
  PATH("path"),
  /** The first header is one that the reader trusts. */
  ANCHOR("anchor"),
  /** Every further header follows the rules. */
  HEADER("header"),
  /** The last header is the tip that the file names. */
  TIP("tip"),
  /** The work that stands behind the entry, which is computed and cannot be wrong. */
  WORK("work");

  private final String label;

  ProofStep(String label) {
    this.label = label;
  }

  /** One lower-case word, for people and programs. */
  public String label() {
    return label;
  }
}
