package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.base.Splitter;
import dev.dolmen.network.peers.Discovery;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What a node keeps of others' addresses, as lines of text, and the book that is made of it. */
final class AddressBookTarget implements FuzzTarget {

  static final String BOOK =
      """
      anchor 127.0.0.1:8555
      key 00112233445566778899aabbccddeeff
      tried 203.0.113.7:8555 203.0.0.0 0 100 50 0
      new [2001:db8::1]:9000 198.51.0.0 0 86400 -1 3
      new 127.0.0.2:8555 127.0.0.1 8555 1 -1 0""";

  private static final int WANTED = 8;
  private static final long NOW = Long.MAX_VALUE / 2;

  @Override
  public boolean feed(byte[] input) {
    try {
      Discovery.Saved saved =
          Discovery.Saved.parse(Splitter.on('\n').splitToList(new String(input, ISO_8859_1)));
      require(Discovery.Saved.parse(saved.toText()).equals(saved), "the same lines again");
      Discovery restored = new Discovery(Optional.of(saved), WANTED, new SplittableRandom(1), NOW);
      Discovery.Saved kept = restored.save(NOW);
      require(
          kept.book().lines().size() <= saved.book().lines().size(),
          "no address that was not written down");
      require(Discovery.Saved.parse(kept.toText()).equals(kept), "what is kept can be read");
      return true;
    } catch (IllegalArgumentException declared) {
      return false;
    }
  }

  @Override
  public List<byte[]> examples() {
    return List.of(BOOK.getBytes(ISO_8859_1));
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
