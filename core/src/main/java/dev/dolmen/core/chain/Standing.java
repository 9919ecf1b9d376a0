package dev.dolmen.core.chain;

/** What is known, before it is added, of the branch that a block is on. */
public enum Standing {
  /** Nothing. */
  ORDINARY,

  /**
   * Its headers, up to an end that we may not have the blocks to yet, were checked, and have more
   * work than our best chain. Its blocks find room whatever else is stored.
   */
  PROVED_HEAVIER
}
