package dev.dolmen.it.simulation;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * A host with a real {@link PeerNetwork} and a script instead of a node. Honest nodes may do to it
 * what they like.
 */
final class Villain implements PeerEvent.Reader {

  private final Simulation simulation;
  private final String name;
  private final PeerId id;
  private final NetworkParameters parameters;
  private final Behaviour behaviour;
  private final SplittableRandom random;
  private final PeerNetwork network;
  private LocalTip claim;

  Villain(
      Simulation simulation,
      String name,
      PeerId id,
      NetworkParameters parameters,
      Behaviour behaviour,
      SplittableRandom random) {
    this.simulation = simulation;
    this.name = name;
    this.id = id;
    this.parameters = parameters;
    this.behaviour = behaviour;
    this.random = random;
    this.claim = claimOf(parameters.genesis());
    InMemoryTransport transport = simulation.wire().host(name, id);
    this.network = simulation.network(transport, id, name, this::claim, random.split(), this);
    try {
      network.listen(HostAndPort.fromParts(name, SimulatedNode.PORT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LocalTip claim() {
    return claim;
  }

  String name() {
    return name;
  }

  PeerId id() {
    return id;
  }

  /** Its own numbers. */
  SplittableRandom random() {
    return random;
  }

  /** Makes blocks of this network, good ones unless told otherwise. */
  Blocks blocks() {
    return Blocks.on(parameters);
  }

  /** What its Hellos and pings claim to be its tip; genesis at first. */
  void claims(Block block) {
    claims(claimOf(block));
  }

  /** The same, of a tip that need not exist. */
  void claims(LocalTip any) {
    claim = any;
  }

  private static LocalTip claimOf(Block block) {
    return new LocalTip(block.height(), ByteString.EMPTY, Wire.bytes(block.hash().value()));
  }

  /** Virtual time since the run began. */
  Duration elapsed() {
    return simulation.elapsed();
  }

  Instant now() {
    return simulation.wire().wallClock().instant();
  }

  void connect(SimulatedNode victim) {
    network.connect(PeerAddress.of(victim.name(), SimulatedNode.PORT));
  }

  void send(PeerId peer, Envelope envelope) {
    network.send(peer, envelope);
  }

  void disconnect(PeerId peer, DisconnectReason reason) {
    network.disconnect(peer, reason);
  }

  /** Does something later, at the earliest when the wire advances. */
  void after(Duration delay, Runnable action) {
    simulation.wire().after(delay, action);
  }

  /** A network survives a script that breaks, and the lie would not be told. */
  private void act(Runnable script) {
    try {
      script.run();
    } catch (RuntimeException bug) {
      throw simulation.failure("a bug in the script of " + name, bug);
    }
  }

  @Override
  public void ready(PeerEvent.Ready event) {
    act(() -> behaviour.ready(this, event));
  }

  @Override
  public void gone(PeerEvent.Gone event) {
    act(() -> behaviour.gone(this, event));
  }

  @Override
  public void received(PeerEvent.Received event) {
    act(() -> behaviour.received(this, event));
    network.consumed(event);
  }

  @Override
  public void drained(PeerEvent.Drained event) {
    act(() -> behaviour.drained(this, event));
  }
}
