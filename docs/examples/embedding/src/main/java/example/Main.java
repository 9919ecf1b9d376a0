package example;

import static dev.dolmen.node.follow.Confirmations.confirmations;
import static dev.dolmen.node.follow.StartingPoint.fromHeight;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.follow.Inclusion;
import java.nio.file.Path;

/**
 * A program with a node inside: it submits entries, waits until the first one is six blocks deep,
 * and prints what the whole chain says of shipments.
 *
 * <p>Arguments: the data directory ({@code data} if nothing is said), then the addresses of peers.
 */
public final class Main {

  public static void main(String[] arguments) throws Exception {
    Dolmen.Builder builder = Dolmen.builder().name("shipments");
    builder.dataDirectory(Path.of(arguments.length > 0 ? arguments[0] : "data"));
    for (int i = 1; i < arguments.length; i++) {
      builder.connect(arguments[i]);
    }
    try (Dolmen node = builder.start()) {
      System.out.println(
          "node "
              + node.id().toShortString()
              + " at "
              + node.listenAddress()
              + ", height "
              + node.status().height());

      TransactionId id = node.submit("shipment A1 sent".getBytes(UTF_8));
      for (int i = 2; i <= 6; i++) {
        node.submit(("shipment A" + i + " sent").getBytes(UTF_8));
      }
      Inclusion inclusion = node.awaitInclusion(id, confirmations(6)).get(1, MINUTES);
      System.out.println(
          "shipment A1 is in block "
              + inclusion.height()
              + ", entry "
              + inclusion.index()
              + ", "
              + inclusion.confirmations()
              + " deep");

      ShipmentIndex index = new ShipmentIndex();
      node.follow(fromHeight(0), index); // every block in order, and what is undone
      index.told(node.status().hash()).get(1, MINUTES);
      System.out.println("sent so far: " + index.sent());
    }
  }

  private Main() {}
}
