package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a script can do to honest nodes, by the example of one that announces blocks without work.
 */
class VillainTest {

  private static final class Forger implements Behaviour {
    final List<DisconnectReason> ends = new ArrayList<>();

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      PeerId victim = event.peer();
      Block forged = self.blocks().after(NetworkParameters.dev().genesis()).buildWithoutWork();
      self.after(Duration.ofSeconds(1), () -> self.send(victim, Wire.newBlock(forged, List.of())));
    }

    @Override
    public void gone(Villain self, PeerEvent.Gone event) {
      ends.add(event.reason());
    }
  }

  @Test
  void aForgerLosesItsLinkAndNobodyElseDoes() {
    Simulation simulation = new Simulation(1, NetworkParameters.dev());
    SimulatedNode alice = simulation.node("alice");
    SimulatedNode bob = simulation.node("bob");
    bob.connect(alice);
    Forger script = new Forger();
    Villain mallory = simulation.villain("mallory", script);
    simulation.advance(Duration.ofSeconds(2));
    mallory.connect(alice);
    simulation.advance(Duration.ofSeconds(2));

    assertEquals(DisconnectReason.Code.VIOLATION, script.ends.get(0).code());
    assertEquals(0, alice.tip().height());
    assertTrue(alice.network().peers().stream().anyMatch(peer -> peer.id().equals(bob.id())));
    simulation.finish();
  }

  @Test
  void aScriptThatBreaksFailsTheRun() {
    Simulation simulation = new Simulation(1, NetworkParameters.dev());
    SimulatedNode alice = simulation.node("alice");
    Behaviour broken =
        new Behaviour() {
          @Override
          public void ready(Villain self, PeerEvent.Ready event) {
            throw new IllegalStateException("nothing to say");
          }
        };
    simulation.villain("mallory", broken).connect(alice);

    assertThatThrownBy(() -> simulation.advance(Duration.ofSeconds(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("seed 1: a bug in the script of mallory");
  }
}
