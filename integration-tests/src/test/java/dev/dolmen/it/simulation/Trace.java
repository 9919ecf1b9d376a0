package dev.dolmen.it.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What happened in a run: a hash of all of it, the last lines to be read when something fails, and
 * every line for whoever asks for the transcript. Hashed are the bytes that each host sends, with
 * their time, and what each node says of its chain, links and entries.
 */
final class Trace {

  /** Some seconds of a busy run, a screen or two for the reader. */
  static final int RECENT_LINES = 300;

  private record Line(Duration at, String who, Supplier<String> what) {
    @Override
    public String toString() {
      return Simulation.EPOCH.plus(at).toString().substring("2026-06-".length())
          + " "
          + who
          + " "
          + what.get();
    }
  }

  private final MessageDigest digest = Sha256.newDigest();
  private final ByteBuffer time = ByteBuffer.allocate(Long.BYTES);
  private final ArrayDeque<Line> recent = new ArrayDeque<>(RECENT_LINES);
  private final Optional<Consumer<String>> transcript;
  private long messages;

  /**
   * @param transcript is given every line
   */
  Trace(Optional<Consumer<String>> transcript) {
    this.transcript = transcript;
  }

  /** A host sends bytes. */
  void sent(Duration at, String host, ByteBuffer bytes) {
    messages++;
    stamp(at, host);
    digest.update(bytes);
  }

  /** Something that belongs to the run, in words. */
  void note(Duration at, String who, String what) {
    stamp(at, who);
    digest.update(what.getBytes(UTF_8));
    tell(at, who, () -> what);
  }

  /** Something for the reader only, whose bytes were hashed or follow from others. */
  void tell(Duration at, String who, Supplier<String> what) {
    Line line = new Line(at, who, what);
    if (recent.size() == RECENT_LINES) {
      recent.removeFirst();
    }
    recent.addLast(line);
    transcript.ifPresent(reader -> reader.accept(line.toString()));
  }

  private void stamp(Duration at, String who) {
    time.clear();
    digest.update(time.putLong(at.toNanos()).flip());
    digest.update(who.getBytes(UTF_8));
  }

  /** How many pieces of bytes were sent. */
  long messages() {
    return messages;
  }

  /** The last lines. */
  String recent() {
    return recent.stream().map(Line::toString).collect(Collectors.joining("\n"));
  }

  /** The same for two runs in which the same happened. */
  Hash256 hash() {
    try {
      return Hash256.fromBytes(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }

  /** The wall clock of the world at a time. */
  static Instant wall(Duration at) {
    return Simulation.EPOCH.plus(at);
  }
}
