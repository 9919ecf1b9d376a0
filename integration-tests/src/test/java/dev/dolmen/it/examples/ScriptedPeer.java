package dev.dolmen.it.examples;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.it.ScriptedNetwork;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;

/** Listens, and serves the blocks it was given as its chain, whatever is wrong with them. */
final class ScriptedPeer implements AutoCloseable {

  private final List<Block> chain;
  private final PeerNetwork network;
  private final HostAndPort address;

  private ScriptedPeer(NetworkParameters parameters, List<Block> chain) throws IOException {
    this.chain = List.copyOf(chain);
    this.network = ScriptedNetwork.create(parameters, BigInteger.ZERO, this::on);
    this.address = network.listen(HostAndPort.fromParts("127.0.0.1", 0));
  }

  /**
   * A peer that says this is its chain.
   *
   * @param chain from the child of genesis to what it says is its tip
   */
  static ScriptedPeer serving(NetworkParameters parameters, List<Block> chain) throws IOException {
    return new ScriptedPeer(parameters, chain);
  }

  private void on(PeerEvent event) {
    if (event instanceof PeerEvent.Received received) {
      answer(received);
      network.consumed(received);
    }
  }

  private void answer(PeerEvent.Received received) {
    Envelope envelope = received.envelope();
    if (envelope.hasLatestBlock()) {
      Block tip = chain.get(chain.size() - 1);
      network.send(received.peer(), Wire.blocks(envelope.getRequestId(), List.of(tip), false));
    } else if (envelope.hasAllBlocks()) {
      network.send(received.peer(), Wire.blocks(envelope.getRequestId(), chain, false));
    }
  }

  /** Where it listens. */
  String address() {
    return address.toString();
  }

  @Override
  public void close() {
    network.close();
  }
}
