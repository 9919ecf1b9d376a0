package dev.dolmen.it.attack;

import dev.dolmen.network.RawPeer;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Pong;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A peer that asks for the tip, waits for the answer, rests a little, and asks again. */
final class HonestAsker {

  private static final Duration REST = Duration.ofMillis(20);
  private static final double P99 = 0.99;

  private final Target target;
  private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean over;
  private volatile String end = "";

  HonestAsker(Target target) {
    this.target = target;
  }

  /** Asks until {@link #stop}, or until its link ends. */
  void run() {
    Attacker peaceful =
        new Attacker(target, System.nanoTime() + Duration.ofDays(1).toNanos(), seeded());
    try (RawPeer peer = peaceful.meet()) {
      for (long id = 1; !over; id++) {
        long begun = System.nanoTime();
        peer.send(Wire.latestBlock(id));
        awaitAnswer(peer, id);
        nanos.add(System.nanoTime() - begun);
        TimeUnit.NANOSECONDS.sleep(REST.toNanos());
      }
    } catch (Exception e) {
      end = e.toString();
    }
  }

  private static SplittableRandom seeded() {
    return new SplittableRandom(4);
  }

  private static void awaitAnswer(RawPeer peer, long id) throws IOException {
    while (true) {
      Envelope envelope = peer.read();
      if (envelope.getRequestId() == id && envelope.hasResponse()) {
        return;
      }
      if (envelope.hasPing()) {
        peer.send(
            Envelope.newBuilder()
                .setRequestId(envelope.getRequestId())
                .setPong(Pong.newBuilder().setTipHash(envelope.getPing().getTipHash()))
                .build());
      } else if (envelope.hasGetHeaders()) {
        peer.send(Wire.headers(envelope.getRequestId(), List.of()));
      } else if (Attacker.refusal(envelope).isPresent()) {
        throw new IOException(Attacker.refusal(envelope).get());
      }
    }
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

  /** Longer than this did one answer in a hundred take. */
  Duration p99() {
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(sorted.get((int) Math.min(sorted.size() - 1.0, sorted.size() * P99)));
  }
}
