package dev.dolmen.it.attack;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.net.HostAndPort;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.network.RawPeer;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** What every attack has: a target, a time at which it ends, numbers of its own, and a tally. */
final class Attacker {

  /** How long an answer is waited for, on a node that has better things to do. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration A_DAY = Duration.ofDays(1);

  private final Target target;
  private final long end;
  private final SplittableRandom random;
  private final Tally tally;

  /**
   * @param end on the clock of {@link System#nanoTime}
   * @param tally which several may share
   */
  Attacker(Target target, long end, SplittableRandom random, Tally tally) {
    this.target = target;
    this.end = end;
    this.random = random;
    this.tally = tally;
  }

  /** One that attacks nobody: it has what it takes to link up, and all the time it wants. */
  static Attacker honest(Target target, SplittableRandom random) {
    return new Attacker(target, System.nanoTime() + A_DAY.toNanos(), random, new Tally());
  }

  Tally tally() {
    return tally;
  }

  SplittableRandom random() {
    return random;
  }

  int port() {
    return target.peerPort();
  }

  HostAndPort api() {
    return target.api();
  }

  ByteString network() {
    return target.network();
  }

  boolean goesOn() {
    return System.nanoTime() - end < 0;
  }

  /** Waits until something may come next, not beyond the end. */
  void pause(Duration duration) throws InterruptedException {
    long left = Math.min(duration.toNanos(), end - System.nanoTime());
    if (left > 0) {
      NANOSECONDS.sleep(left);
    }
  }

  NodeIdentity identity() {
    byte[] seed = new byte[NodeIdentity.SEED_BYTES];
    random.nextBytes(seed);
    return NodeIdentity.fromSeed(seed);
  }

  byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  /** Connects with TLS, without a Hello. */
  RawPeer tls() throws IOException, GeneralSecurityException {
    RawPeer peer = RawPeer.tls(port(), Optional.of(identity()));
    peer.patience(PATIENCE);
    return peer;
  }

  /** Links up as a stranger whom nobody has met. */
  RawPeer meet() throws IOException, GeneralSecurityException {
    return meet(identity(), RawPeer.hello(network()));
  }

  RawPeer meet(NodeIdentity identity, Envelope hello) throws IOException, GeneralSecurityException {
    RawPeer peer = RawPeer.tls(port(), Optional.of(identity));
    peer.patience(PATIENCE);
    peer.send(hello);
    Envelope first = peer.read();
    if (!first.hasHello()) {
      peer.close();
      throw new IOException("no Hello, but " + refusal(first).orElse(kind(first)));
    }
    tally.did("links");
    return peer;
  }

  /** The tip, as any peer is told it. */
  Block tip(RawPeer peer) throws IOException {
    peer.send(Wire.latestBlock(1));
    Envelope answer =
        await(peer, envelope -> envelope.getRequestId() == 1 && envelope.hasResponse());
    try {
      return Wire.blocks(answer.getResponse().getBlocks()).get(0);
    } catch (MalformedException e) {
      throw new IOException(e);
    }
  }

  /** Reads on until the node says something of this kind. */
  Envelope await(RawPeer peer, Predicate<Envelope> kind) throws IOException {
    while (true) {
      Envelope envelope = peer.read();
      if (kind.test(envelope)) {
        return envelope;
      }
      Optional<String> refusal = refusal(envelope);
      if (refusal.isPresent()) {
        tally.answered(refusal.get());
        throw new EOFException(refusal.get());
      }
    }
  }

  /** Reads until the node has closed the link, and notes what it said before. */
  void readToTheEnd(RawPeer peer) throws IOException {
    try {
      while (true) {
        Envelope envelope = peer.read();
        Optional<String> refusal = refusal(envelope);
        if (refusal.isPresent()) {
          tally.answered(refusal.get());
          return;
        }
        if (envelope.hasPing()) {
          tally.answered("pings");
        }
      }
    } catch (SocketTimeoutException patient) {
      tally.answered("the link stands");
    } catch (IOException closed) {
      tally.answered("closed");
    }
  }

  /** Why the node says that it is about to close the link, if it does. */
  static Optional<String> refusal(Envelope envelope) {
    if (envelope.getRequestId() != 0
        || envelope.getResponse().getAnswerCase() != Response.AnswerCase.REFUSAL) {
      return Optional.empty();
    }
    Refusal refusal = envelope.getResponse().getRefusal();
    return Optional.of(refusal.getReason() + ": " + refusal.getMessage());
  }

  /** For a tally: what kind of message it is. */
  static String kind(Envelope envelope) {
    return envelope.hasResponse()
        ? envelope.getResponse().getAnswerCase().toString()
        : envelope.getBodyCase().toString();
  }

  static byte[] frame(byte[] inside) {
    return Bytes.concat(Ints.toByteArray(inside.length), inside);
  }
}
