package dev.dolmen.node;

import dev.dolmen.network.identity.PeerId;

/** Peers for tests, told apart by their first byte. */
public final class ManyPeers {
  public static final PeerId ALICE = peer(1);
  public static final PeerId BOB = peer(2);
  public static final PeerId CAROL = peer(3);

  private ManyPeers() {}

  /** The peer with a number from 0 to 127. */
  public static PeerId peer(int number) {
    byte[] key = new byte[32];
    key[0] = (byte) number;
    return PeerId.of(key);
  }
}
