package dev.dolmen.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Bytes;
import dev.dolmen.node.peers.PeerRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * The files of {@code dev.dolmen.node.peers}. The first byte says which one the rest is, and
 * whether it gets the checksum that belongs to it.
 */
final class PeerRecordsTarget implements FuzzTarget {

  private static final byte BANS = 0;
  private static final byte ADDRESSES = 1;
  private static final String BAN =
      "ab".repeat(32) + " 1767225600000 - a reason\n203.0.113.7 1767225600000 4102444800000 spam";

  private final Scratch scratch = new Scratch();

  PeerRecordsTarget() throws IOException {
    ((Logger) LoggerFactory.getLogger("dev.dolmen.node.peers")).setLevel(Level.OFF);
  }

  @Override
  public boolean feed(byte[] input) throws Exception {
    if (input.length == 0) {
      return false;
    }
    boolean bans = (input[0] & 1) == BANS;
    boolean complete = (input[0] & 2) == 0;
    String name = bans ? "bans" : "addresses";
    String text = new String(input, 1, input.length - 1, ISO_8859_1);
    scratch.file(name, (complete ? completed(name, text) : text).getBytes(UTF_8));
    try (PeerRecords records =
        PeerRecords.open(Optional.of(scratch.directory()), "fuzz", Instant::now)) {
      boolean setAside = Files.deleteIfExists(scratch.directory().resolve(name + ".damaged"));
      return !setAside && (bans ? !records.bans().isEmpty() : records.addresses().isPresent());
    } finally {
      Files.deleteIfExists(scratch.directory().resolve(name));
    }
  }

  private static String completed(String name, String lines) {
    return "dolmen-"
        + name
        + " 1\n"
        + lines
        + "\nend "
        + Hashing.sha256().hashString(lines, UTF_8)
        + "\n";
  }

  @Override
  public List<byte[]> examples() {
    return List.of(
        Bytes.concat(new byte[] {BANS}, BAN.getBytes(ISO_8859_1)),
        Bytes.concat(new byte[] {ADDRESSES}, AddressBookTarget.BOOK.getBytes(ISO_8859_1)));
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
