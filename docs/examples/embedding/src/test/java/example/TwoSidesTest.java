package example;

import static dev.dolmen.node.follow.StartingPoint.fromHeight;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.testing.DolmenNetwork;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the index makes of a network that falls apart and comes together again. */
class TwoSidesTest {

  @RegisterExtension final DolmenNetwork net = DolmenNetwork.of(4);

  @Test
  void theIndexFollowsToTheChainThatHoldsTheEntriesOfBothSides() throws Exception {
    ShipmentIndex index = new ShipmentIndex();
    net.node("alice").follow(fromHeight(0), index);
    net.partition(List.of("alice", "bob"), List.of("carol", "dave"));
    net.node("alice").submit("shipment A1 sent".getBytes(UTF_8));
    net.node("carol").submit("shipment C1 sent".getBytes(UTF_8));
    net.node("dave").submit("shipment D1 sent".getBytes(UTF_8));
    index.told(net.node("alice").status().hash()).get(1, MINUTES);
    assertEquals(List.of("shipment A1 sent"), index.sent());

    net.heal();

    index.told(net.awaitOneTip().hash()).get(1, MINUTES);
    assertEquals(
        Set.of("shipment A1 sent", "shipment C1 sent", "shipment D1 sent"),
        Set.copyOf(index.sent()));
  }
}
