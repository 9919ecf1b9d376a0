package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

  private static List<String> run(Path directory) throws Exception {
    PrintStream usual = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      Main.main(new String[] {directory.toString()});
    } finally {
      System.setOut(usual);
    }
    return printed.toString(UTF_8).lines().toList();
  }

  @Test
  void submitsAwaitsAndFollowsAndGoesOnWhereItWasWhenRunAgain(@TempDir Path directory)
      throws Exception {
    String six =
        "shipment A1 sent, shipment A2 sent, shipment A3 sent, shipment A4 sent, shipment A5 sent,"
            + " shipment A6 sent";

    List<String> first = run(directory);
    assertTrue(first.get(0).endsWith(", height 0"), first.get(0));
    assertEquals("shipment A1 is in block 1, entry 0, 6 deep", first.get(1));
    assertEquals("sent so far: [" + six + "]", first.get(2));

    List<String> second = run(directory);
    assertTrue(second.get(0).endsWith(", height 6"), second.get(0));
    assertEquals("shipment A1 is in block 7, entry 0, 6 deep", second.get(1));
    assertEquals("sent so far: [" + six + ", " + six + "]", second.get(2));
  }
}
