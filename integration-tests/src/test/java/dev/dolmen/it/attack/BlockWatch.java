package dev.dolmen.it.attack;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.network.RawPeer;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/** A peer that only listens, and notes when it is told of each block. */
final class BlockWatch implements AutoCloseable {

  /** A node pings more often than that, if it has nothing else to say. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(90);

  private final RawPeer peer;
  private final Map<BlockHash, Long> told = new ConcurrentHashMap<>();
  private volatile boolean over;
  private volatile String end = "";

  private BlockWatch(RawPeer peer) {
    this.peer = peer;
  }

  /** Begins. */
  static BlockWatch on(Target target) throws Exception {
    RawPeer peer = Attacker.honest(target, new SplittableRandom(5)).meet();
    peer.patience(LONGEST_SILENCE);
    BlockWatch watch = new BlockWatch(peer);
    Thread thread = new Thread(watch::listen, "block-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void listen() {
    try {
      while (true) {
        Envelope envelope = Courtesy.read(peer);
        if (envelope.hasNewBlock()) {
          told.putIfAbsent(
              Wire.header(envelope.getNewBlock().getHeader()).hash(), System.nanoTime());
        }
      }
    } catch (IOException | MalformedException e) {
      if (!over) {
        end = e.toString();
      }
    }
  }

  /** When it was told, on the clock of {@link System#nanoTime}; empty if it was not. */
  Optional<Long> toldAt(BlockHash block) {
    return Optional.ofNullable(told.get(block));
  }

  /** Why its link ended before it was closed; empty if it did not. */
  String end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    over = true;
    peer.close();
  }
}
