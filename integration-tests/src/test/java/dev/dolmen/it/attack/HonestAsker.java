package dev.dolmen.it.attack;

import dev.dolmen.network.RawPeer;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/** A peer that asks for the tip, waits for the answer, rests a little, and asks again. */
final class HonestAsker {

  private static final Duration REST = Duration.ofMillis(20);

  private final Target target;

  /** How long each answer took, by when it was asked for. */
  private final ConcurrentSkipListMap<Long, Long> nanos = new ConcurrentSkipListMap<>();

  private volatile boolean over;
  private volatile String end = "";

  HonestAsker(Target target) {
    this.target = target;
  }

  /** Asks until {@link #stop}, or until its link ends. */
  void run() {
    try (RawPeer peer = Attacker.honest(target, new SplittableRandom(4)).meet()) {
      for (long id = 1; !over; id++) {
        long begun = System.nanoTime();
        peer.send(Wire.latestBlock(id));
        awaitAnswer(peer, id);
        nanos.put(begun, System.nanoTime() - begun);
        TimeUnit.NANOSECONDS.sleep(REST.toNanos());
      }
    } catch (Exception e) {
      end = e.toString();
    }
  }

  private static void awaitAnswer(RawPeer peer, long id) throws IOException {
    Envelope envelope;
    do {
      envelope = Courtesy.read(peer);
    } while (envelope.getRequestId() != id || !envelope.hasResponse());
  }

  void stop() {
    over = true;
  }

  /** Why its link ended before it was told to stop; empty if it did not. */
  String end() {
    return end;
  }

  int answers() {
    return nanos.size();
  }

  /** How long answers took that were asked for from one moment to before another. */
  Times times(long from, long to) {
    Map<Long, Long> asked = nanos.subMap(from, to);
    return Times.of(asked.values());
  }
}
