package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableSet;
import dev.dolmen.network.identity.PeerId;
import java.util.Collection;
import java.util.Optional;

/**
 * Whom a node speaks to at all: anybody, or the peers on a list and nobody else. An id counts only
 * once TLS has proved it, so being listed cannot be claimed.
 *
 * <p>An immutable value. The node itself need not be listed, for nobody links with himself.
 */
public final class AllowList {

  /** Everybody is let in. */
  public static final AllowList ANYBODY = new AllowList(Optional.empty());

  private final Optional<ImmutableSet<PeerId>> listed;

  private AllowList(Optional<ImmutableSet<PeerId>> listed) {
    this.listed = listed;
  }

  /** These and nobody else; if there are none, nobody. */
  public static AllowList of(Collection<PeerId> listed) {
    return new AllowList(Optional.of(ImmutableSet.copyOf(listed)));
  }

  /** Whether this peer may be spoken to. */
  public boolean allows(PeerId peer) {
    return listed.isEmpty() || listed.get().contains(peer);
  }
}
