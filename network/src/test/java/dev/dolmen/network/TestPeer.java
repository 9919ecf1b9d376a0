package dev.dolmen.network;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.protocol.Limits;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An identity, what its network told it, and options that are valid by default. */
final class TestPeer {

  static final ByteString GENESIS = filled(7);
  static final ByteString TIP_HASH = filled(9);
  static final int MAX_FRAME_BYTES = Limits.maxFrameBytes(1024 * 1024);

  final NodeIdentity identity;
  final List<PeerEvent> events = new CopyOnWriteArrayList<>();

  TestPeer(int seed) {
    byte[] bytes = new byte[NodeIdentity.SEED_BYTES];
    Arrays.fill(bytes, (byte) seed);
    identity = NodeIdentity.fromSeed(bytes);
  }

  PeerId id() {
    return identity.id();
  }

  PeerNetworkOptions.Builder options() {
    return options(GENESIS);
  }

  PeerNetworkOptions.Builder options(ByteString genesis) {
    return options(genesis, events::add);
  }

  PeerNetworkOptions.Builder options(Consumer<PeerEvent> consumer) {
    return options(GENESIS, consumer);
  }

  private PeerNetworkOptions.Builder options(ByteString genesis, Consumer<PeerEvent> consumer) {
    return PeerNetworkOptions.builder(
        id(),
        genesis,
        () -> new LocalTip(5, ByteString.copyFrom(new byte[] {12}), TIP_HASH),
        MAX_FRAME_BYTES,
        new SplittableRandom(id().hashCode()),
        consumer);
  }

  <T extends PeerEvent> ImmutableList<T> events(Class<T> kind) {
    return events.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .collect(ImmutableList.toImmutableList());
  }

  static ByteString filled(int value) {
    byte[] bytes = new byte[Limits.HASH_BYTES];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }
}
