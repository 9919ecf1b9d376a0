package dev.dolmen.it;

import com.google.protobuf.ByteString;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.PeerNetworkOptions;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Limits;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** The links of a peer on real sockets that has a script in place of a node. */
public final class ScriptedNetwork {

  private ScriptedNetwork() {}

  /**
   * Links under an identity of their own.
   *
   * @param claimedWork what the peer says of itself; its height is said to be that number's length
   * @param events told on the network's own thread
   */
  public static PeerNetwork create(
      NetworkParameters parameters, BigInteger claimedWork, Consumer<PeerEvent> events) {
    ByteString genesis = Wire.bytes(parameters.genesisHash().value());
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    return new PeerNetwork(
        SocketTransport.create(identity, ""),
        PeerNetworkOptions.builder(
                identity.id(),
                genesis,
                () ->
                    new LocalTip(
                        claimedWork.bitLength(),
                        ByteString.copyFrom(claimedWork.toByteArray()),
                        genesis),
                Limits.maxFrameBytes(parameters.largestBlock()),
                new SplittableRandom(1),
                events)
            .build());
  }
}
