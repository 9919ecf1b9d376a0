package dev.dolmen.node.devnet;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.Dolmen;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a devnet: a name, keys and a chain, which stay while the node in it is stopped and
 * started. May be looked at from any thread; {@link Devnet} alone changes it.
 */
public final class DevnetNode {

  private final String name;
  private final NodeIdentity identity;
  private final BlockStore store;
  private volatile HostAndPort listenAddress;
  private volatile @Nullable Dolmen running;

  DevnetNode(String name, NodeIdentity identity, MemoryBlockStore store, HostAndPort listen) {
    this.name = name;
    this.identity = identity;
    this.store = store;
    this.listenAddress = listen;
  }

  /** What it is called; no two nodes of a devnet have the same name. */
  public String name() {
    return name;
  }

  /** Its public key. */
  public PeerId id() {
    return identity.id();
  }

  /** Where its peers reach it, or will once it is started again. */
  public HostAndPort listenAddress() {
    return listenAddress;
  }

  /** The node in it, unless it is stopped. A started node is another one than was stopped. */
  public Optional<Dolmen> running() {
    return Optional.ofNullable(running);
  }

  /** Its chain, also while it is stopped. */
  public BlockReader chain() {
    return store;
  }

  /** The tip of its chain, also while it is stopped. */
  public ChainedHeader tip() {
    return store.tip();
  }

  /** Where others dial it, with its key, so that who answers is known beforehand. */
  PeerAddress address() {
    return new PeerAddress(Optional.of(id()), listenAddress.getHost(), listenAddress.getPort());
  }

  Dolmen.Builder builder() {
    // Who is linked to whom is what a devnet is about, so nobody finds others by himself.
    return Dolmen.builder()
        .name(name)
        .identity(identity)
        .store(store)
        .listen(listenAddress)
        .discovery(false);
  }

  void started(Dolmen node) {
    listenAddress = node.listenAddress();
    running = node;
  }

  void stopped() {
    running = null;
  }
}
