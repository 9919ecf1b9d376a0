package dev.dolmen.network.peers;

/** What a peer gave that nobody had given before. */
public enum Gift {
  ENTRY,
  BLOCK
}
